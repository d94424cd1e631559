"""The one list of variables: from it come the layers, the checks and the documents."""

from __future__ import annotations

import types

from sage.config.oauth_variables import OAUTH_VARIABLES
from sage.config.variable import Variable

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 17800

VARIABLES: tuple[Variable, ...] = (
    Variable("SAGE_ENV", "env", "Deployment environment; `prod` enables stricter checks."),
    Variable(
        "SAGE_DATA_DIR",
        "data_dir",
        "Directory of the embedded PostgreSQL. Default: `$XDG_DATA_HOME/sage`, else "
        "`~/.local/share/sage`.",
        "/srv/sage",
    ),
    Variable(
        "SAGE_TIMEZONE",
        "timezone",
        "IANA name of the users' time zone, used to display times and to interpret words such "
        "as yesterday. Default: the time zone of the machine, else UTC.",
        "Asia/Shanghai",
    ),
    Variable(
        "SAGE_LANGUAGE",
        "language",
        "Language of what people read: command line, errors, messages of hooks. `auto`: that of the"
        " locale (LC_ALL, LC_MESSAGES, LANG). JSON, logs and what models read are English.",
        "zh",
    ),
    Variable(
        "SAGE_MASK_SECRETS",
        "mask_secrets",
        "Whether passwords, tokens and keys in what is saved are replaced by `[masked]`. What "
        "hooks capture, and what is imported from other programs, is always masked.",
        "false",
    ),
    Variable("SAGE_SPACE", "space", "Space that commands and `sage mcp` use.", "team"),
    Variable(
        "SAGE_CONFIG",
        "",
        "TOML file to read. Default: `sage.toml` next to the start script, else in the data "
        "directory, if it exists.",
        "/etc/sage/sage.toml",
    ),
    Variable(
        "MCP_SERVER_HOST",
        "server.host",
        "Address to listen on. Any address other than loopback requires a token.",
        "0.0.0.0",  # noqa: S104 - shown to people, not bound
    ),
    Variable("MCP_SERVER_PORT", "server.port", "Port to listen on.", "17801"),
    Variable(
        "SAGE_AUTH",
        "server.auth",
        "Whether a token is required. `auto`: if SAGE_TOKEN is set; `oauth`: also tokens by OAuth.",
    ),
    Variable(
        "SAGE_TOKEN",
        "server.token",
        "The bearer token, at least 32 characters. To generate one: `openssl rand -hex 32`.",
    ),
    Variable(
        "SAGE_ALLOWED_HOSTS",
        "server.allowed_hosts",
        "Additional host names accepted in the Host header, separated by commas.",
        "sage.example.org,10.0.0.7",
    ),
    Variable(
        "SAGE_ALLOWED_ORIGINS",
        "server.allowed_origins",
        "Additional origins of web pages accepted in the Origin header, separated by commas.",
        "https://chat.example.org",
    ),
    Variable(
        "SAGE_PUBLIC_URL",
        "server.public_url",
        "Public address of Sage, if it runs behind a reverse proxy.",
        "https://sage.example.org",
    ),
    Variable(
        "SAGE_PUBLISHED_ADDRESSES",
        "server.published_addresses",
        "Addresses with ports, separated by commas, at which callers reach Sage where it listens on"
        " others, as in a container. Sage proves to hooks that it is there, and nowhere else.",
        "127.0.0.1:17800",
    ),
    *OAUTH_VARIABLES,
    Variable(
        "SAGE_TRUSTED_PROXIES",
        "server.trusted_proxies",
        "Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, separated by "
        "commas.",
        "127.0.0.1,172.16.0.0/12",
    ),
    Variable(
        "SAGE_CONSOLE",
        "server.console",
        "Whether `sage serve` also serves pages for people at `/`.",
        "false",
    ),
    Variable(
        "SAGE_CONNECTOR_TOOLS",
        "server.connector_tools",
        "Also offers the tools `search` and `fetch`, which connectors of ChatGPT call.",
        "true",
    ),
    Variable(
        "SAGE_METRICS_PORT",
        "server.metrics_port",
        "Additional port that serves `/metrics` alone, without a token.",
        "17880",
    ),
    Variable(
        "SAGE_METRICS_HOST",
        "server.metrics_host",
        "Address of that port. Whoever can reach it can read the metrics.",
        "0.0.0.0",  # noqa: S104 - shown to people, not bound
    ),
    Variable(
        "SAGE_TRACES_URL",
        "server.traces_url",
        "Collector to send OpenTelemetry traces to, by OTLP over HTTP. Requires the extra `otel`.",
        "http://127.0.0.1:4318/v1/traces",
    ),
    Variable(
        "SAGE_RATE_LIMIT_FAILURES",
        "rate_limit.failures",
        "Requests per minute with invalid tokens from an address; then tokens that were not valid "
        "before have to wait. `0`: no limit, nor one on what is asked of the OAuth server.",
        "10",
    ),
    Variable(
        "DATABASE_URL",
        "database.dsn",
        "URL of a PostgreSQL database with pgvector. Default: the embedded PostgreSQL.",
        "postgresql://sage:PASSWORD@db.example.org:5432/sage",
    ),
    Variable(
        "DATABASE_READ_URL",
        "database.read_dsn",
        "URL of a streaming replica of the database, for searches. Default: the database itself.",
        "postgresql://sage:PASSWORD@replica.example.org:5432/sage",
    ),
    Variable(
        "DB_HOST",
        "database.host",
        "Host name or address of the database, or the directory of its Unix socket.",
        "db.example.org",
    ),
    Variable("DB_PORT", "database.port", "Port of the database.", "5433"),
    Variable("DB_NAME", "database.name", "Name of the database.", "sage"),
    Variable("DB_USER", "database.user", "Role to log in as.", "sage"),
    Variable("DB_PASSWORD", "database.password", "Password of that role."),
    Variable(
        "EMBEDDING_PROVIDER",
        "embedding.provider",
        "Provider of embeddings. `auto`: SiliconFlow if its key is set, else local; `openai`: any "
        "server compatible with the OpenAI API.",
    ),
    Variable(
        "EMBEDDING_MODEL",
        "embedding.model",
        "Name of the model. Default: the provider's.",
        "BAAI/bge-m3",
    ),
    Variable(
        "EMBEDDING_DIMENSIONS",
        "embedding.dimensions",
        "Dimensions of the vectors. Default: the model's; required for models unknown to Sage.",
        "1024",
    ),
    Variable(
        "EMBEDDING_BASE_URL",
        "embedding.base_url",
        "Base URL of the `openai` provider, including the version path; also used for summaries.",
        "http://127.0.0.1:8080/v1",
    ),
    Variable("EMBEDDING_API_KEY", "embedding.api_key", "API key of the `openai` provider."),
    Variable(
        "RERANKER_PROVIDER",
        "reranker.provider",
        "Provider of the model that reranks search results. `auto`: SiliconFlow if its key is set, "
        "else none.",
    ),
    Variable(
        "RERANKER_MODEL",
        "reranker.model",
        "Name of the model. Default: the provider's.",
        "BAAI/bge-reranker-v2-m3",
    ),
    Variable(
        "SUMMARY_PROVIDER",
        "summary.provider",
        "Provider of summaries. `auto`: SiliconFlow if its key is set, else extractive; "
        "`extractive`: selected sentences, without a language model; `openai`: the server at "
        "EMBEDDING_BASE_URL.",
    ),
    Variable(
        "SUMMARY_MODEL",
        "summary.model",
        "Name of the chat model. Default: the provider's.",
        "Qwen/Qwen3-8B",
    ),
    Variable("SILICONFLOW_API_KEY", "siliconflow.api_key", "API key of the SiliconFlow account."),
    Variable(
        "SILICONFLOW_BASE_URL",
        "siliconflow.base_url",
        "Base URL of the SiliconFlow API.",
        "https://api.siliconflow.com/v1",
    ),
    Variable(
        "SAGE_MAX_CONTEXT_TOKENS",
        "search.max_context_tokens",
        "Size of a context in tokens, unless the caller sets it.",
        "4000",
    ),
    Variable(
        "SAGE_MAX_RESULTS",
        "search.max_results",
        "Maximum number of memories listed with a context, unless the caller sets it.",
        "20",
    ),
    Variable(
        "SAGE_MIN_RELEVANCE",
        "search.min_relevance",
        "How well memories must answer to be shown to a model or on the command line, unless the "
        "caller says; otherwise the text says that nothing stored fits. `none`: always show the "
        "closest.",
        "strong",
    ),
    Variable(
        "SAGE_SIMILARITY_THRESHOLD",
        "search.similarity_threshold",
        "Memories less likely to answer than this probability are omitted. Where relevance is "
        "unknown it is compared with the score. SAGE_MIN_RELEVANCE is usually the better choice.",
        "0.3",
    ),
    Variable(
        "SAGE_RERANK_CANDIDATES",
        "search.rerank_candidates",
        "Number of search results passed to the reranker.",
        "50",
    ),
    Variable(
        "SAGE_TIME_DECAY",
        "search.time_decay",
        "Half-life in days: a memory that old ranks with half its score. Default: no decay.",
        "90",
    ),
    Variable(
        "SAGE_MAX_AGE_DAYS",
        "search.max_age_days",
        "Memories older than this are not found. They are kept. Default: all are found.",
        "365",
    ),
    Variable(
        "SAGE_RECALL_PROJECTS_APART",
        "recall.projects_apart",
        "Whether hooks keep what was said in one project from all others. Otherwise how you want "
        "to be answered (language, length, tone, form of address) is recalled in every project.",
        "true",
    ),
    Variable(
        "SAGE_RECALL_LOG",
        "recall.log",
        "Whether Sage records which memories hooks and tools handed to which session, when and how "
        "relevant, without the text of questions or memories.",
        "false",
    ),
    Variable(
        "SAGE_RECALL_LOG_DAYS", "recall.log_days", "Days for which that record is kept.", "30"
    ),
    Variable(
        "SAGE_IMPORT_MAX_MB",
        "imports.max_file_mb",
        "Largest file in megabytes that the console and `POST /api/v1/imports/files` take.",
        "1000",
    ),
    Variable(
        "SAGE_BACKUP_SCHEDULE",
        "backup.schedule",
        "When a running Sage backs up the database: at an interval (`6h`, `1d`, `1w`) or at times "
        "of the day in SAGE_TIMEZONE (`03:30`, `09:00,21:00`). Default: never.",
        "03:30",
    ),
    Variable(
        "SAGE_BACKUP_DIR",
        "backup.folder",
        "Directory for backups, an absolute path. Default: `backups` in the data directory.",
        "/mnt/backups",
    ),
    Variable(
        "SAGE_BACKUP_KEEP",
        "backup.keep",
        "Number of scheduled backups to keep; older ones of the same database are deleted.",
        "14",
    ),
    Variable(
        "SAGE_AUDIT",
        "audit.mode",
        "Which calls the audit log records. `auto`: those with a token, and refused ones; `on`: "
        "all; `off`: none. Changes of spaces, users and tokens are recorded always.",
        "on",
    ),
    Variable("SAGE_AUDIT_DAYS", "audit.days", "Days for which the audit log is kept.", "365"),
    Variable("SAGE_LOG_LEVEL", "log.level", "Lowest level that is logged."),
    Variable(
        "SAGE_LOG_FORMAT",
        "log.format",
        "Format of log lines. `auto`: console on a terminal, else JSON.",
    ),
)

BY_NAME = types.MappingProxyType({variable.name: variable for variable in VARIABLES})
BY_PATH = types.MappingProxyType(
    {variable.path: variable for variable in VARIABLES if variable.path}
)
