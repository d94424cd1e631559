"""The one list of variables: from it come the layers, the checks and the documents."""

from __future__ import annotations

import types
from dataclasses import dataclass

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 17800
GROUPS = types.MappingProxyType(
    {
        "": "General",
        "server": "Server",
        "database": "Database",
        "embedding": "Embedding",
        "reranker": "Reranker",
        "summary": "Summary",
        "siliconflow": "SiliconFlow",
        "search": "Search",
        "log": "Log",
    }
)
"""The groups of variables, with their titles."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A name people set, the settings field it fills and a sentence about it.

    `path` is dotted (`server.port`), which is also its place in a TOML file; it is empty for
    `SAGE_CONFIG`, which tells where to read and fills no field. `example` is shown to people.
    """

    name: str
    path: str
    summary: str
    example: str = ""

    @property
    def group(self) -> str:
        """Return the key of its group in `GROUPS`."""
        return self.path.rpartition(".")[0]


VARIABLES: tuple[Variable, ...] = (
    Variable("SAGE_ENV", "env", "Where Sage runs; `prod` brings stricter checks."),
    Variable(
        "SAGE_DATA_DIR",
        "data_dir",
        "Folder of the embedded PostgreSQL. Default: `$XDG_DATA_HOME/sage`, else "
        "`~/.local/share/sage`.",
        "/srv/sage",
    ),
    Variable(
        "SAGE_TIMEZONE",
        "timezone",
        "Time zone of the people who use Sage, by its IANA name: times are shown in it, and "
        "yesterday is counted in it. Default: the machine's, else UTC.",
        "Asia/Shanghai",
    ),
    Variable(
        "SAGE_CONFIG",
        "",
        "TOML file to read. Default: `sage.toml` beside the start script, else in the data "
        "folder, if there is one.",
        "/etc/sage/sage.toml",
    ),
    Variable(
        "MCP_SERVER_HOST",
        "server.host",
        "Address to listen on. Any other than loopback needs a token.",
        "0.0.0.0",  # noqa: S104 - shown to people, not bound
    ),
    Variable("MCP_SERVER_PORT", "server.port", "Port to listen on.", "17801"),
    Variable(
        "SAGE_AUTH",
        "server.auth",
        "Whether callers need a bearer token. `auto`: when SAGE_TOKEN is set.",
    ),
    Variable(
        "SAGE_TOKEN",
        "server.token",
        "The bearer token, at least 32 characters. Make one: `openssl rand -hex 32`.",
    ),
    Variable(
        "SAGE_ALLOWED_HOSTS",
        "server.allowed_hosts",
        "More names Sage is reached by (Host header), separated by commas.",
        "sage.example.org,10.0.0.7",
    ),
    Variable(
        "SAGE_ALLOWED_ORIGINS",
        "server.allowed_origins",
        "More web pages that may call Sage (Origin header), separated by commas.",
        "https://chat.example.org",
    ),
    Variable(
        "SAGE_PUBLIC_URL",
        "server.public_url",
        "The address people reach Sage at, when a proxy stands before it.",
        "https://sage.example.org",
    ),
    Variable(
        "DATABASE_URL",
        "database.dsn",
        "A PostgreSQL with pgvector, as one address. Nothing set: the embedded PostgreSQL.",
        "postgresql://sage:PASSWORD@db.example.org:5432/sage",
    ),
    Variable(
        "DB_HOST",
        "database.host",
        "The same in parts: host name, address, or folder of a Unix socket.",
        "db.example.org",
    ),
    Variable("DB_PORT", "database.port", "Port of the database.", "5433"),
    Variable("DB_NAME", "database.name", "Name of the database.", "sage"),
    Variable("DB_USER", "database.user", "Role to log in as.", "sage"),
    Variable("DB_PASSWORD", "database.password", "Password of that role."),
    Variable(
        "EMBEDDING_PROVIDER",
        "embedding.provider",
        "Who makes vectors. `auto`: SiliconFlow when its key is set, else local; `openai`: any "
        "server with that interface.",
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
        "Length of the vectors. Default: the model's; to be set for models Sage does not know.",
        "1024",
    ),
    Variable(
        "EMBEDDING_BASE_URL",
        "embedding.base_url",
        "Address of the `openai` provider, of vectors and of summaries, with its version path.",
        "http://127.0.0.1:8080/v1",
    ),
    Variable("EMBEDDING_API_KEY", "embedding.api_key", "Key of the `openai` provider."),
    Variable(
        "RERANKER_PROVIDER",
        "reranker.provider",
        "Who reads question and memory together to order what was found. `auto`: SiliconFlow when "
        "its key is set, else nobody; `local`: not in this release.",
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
        "Who condenses memories when a summary is asked for. `auto`: SiliconFlow when its key is "
        "set, else extractive; `extractive`: picked sentences, no language model; `openai`: the "
        "server at EMBEDDING_BASE_URL.",
    ),
    Variable(
        "SUMMARY_MODEL",
        "summary.model",
        "Name of the chat model. Default: the provider's.",
        "Qwen/Qwen3-8B",
    ),
    Variable("SILICONFLOW_API_KEY", "siliconflow.api_key", "Key of the SiliconFlow account."),
    Variable(
        "SILICONFLOW_BASE_URL",
        "siliconflow.base_url",
        "Address of SiliconFlow.",
        "https://api.siliconflow.com/v1",
    ),
    Variable(
        "SAGE_MAX_CONTEXT_TOKENS",
        "search.max_context_tokens",
        "Size in tokens of a context when the caller does not say.",
        "4000",
    ),
    Variable(
        "SAGE_MAX_RESULTS",
        "search.max_results",
        "Memories listed beside a context when the caller does not say.",
        "20",
    ),
    Variable(
        "SAGE_SIMILARITY_THRESHOLD",
        "search.similarity_threshold",
        "Score under which a memory is left out.",
        "0.3",
    ),
    Variable(
        "SAGE_RERANK_CANDIDATES",
        "search.rerank_candidates",
        "How many of the memories found the reranker reads.",
        "50",
    ),
    Variable("SAGE_LOG_LEVEL", "log.level", "The least important line still written."),
    Variable(
        "SAGE_LOG_FORMAT",
        "log.format",
        "How log lines look. `auto`: console on a terminal, else JSON.",
    ),
)

BY_NAME = types.MappingProxyType({variable.name: variable for variable in VARIABLES})
BY_PATH = types.MappingProxyType(
    {variable.path: variable for variable in VARIABLES if variable.path}
)
