"""Each variable with its place among the settings, for commands that do not load pydantic.

Generated from the declarations by `python -m tests.config.documents`.
"""

import types

PATHS = types.MappingProxyType(
    {
        "SAGE_ENV": "env",
        "SAGE_DATA_DIR": "data_dir",
        "SAGE_TIMEZONE": "timezone",
        "SAGE_LANGUAGE": "language",
        "SAGE_MASK_SECRETS": "mask_secrets",
        "SAGE_SPACE": "space",
        "SAGE_CONFIG": "",
        "MCP_SERVER_HOST": "server.host",
        "MCP_SERVER_PORT": "server.port",
        "SAGE_AUTH": "server.auth",
        "SAGE_TOKEN": "server.token",
        "SAGE_ALLOWED_HOSTS": "server.allowed_hosts",
        "SAGE_ALLOWED_ORIGINS": "server.allowed_origins",
        "SAGE_PUBLIC_URL": "server.public_url",
        "SAGE_PUBLISHED_ADDRESSES": "server.published_addresses",
        "SAGE_OAUTH_REDIRECT_URIS": "server.oauth_redirect_uris",
        "SAGE_OAUTH_CLIENT_HOSTS": "server.oauth_client_hosts",
        "SAGE_OAUTH_ISSUER": "server.oauth_issuer",
        "SAGE_OAUTH_JWKS_URL": "server.oauth_jwks_url",
        "SAGE_OAUTH_SUBJECTS": "server.oauth_subjects",
        "SAGE_TRUSTED_PROXIES": "server.trusted_proxies",
        "SAGE_DRAIN_SECONDS": "server.drain_seconds",
        "SAGE_CONSOLE": "server.console",
        "SAGE_CONNECTOR_TOOLS": "server.connector_tools",
        "SAGE_METRICS_PORT": "server.metrics_port",
        "SAGE_METRICS_HOST": "server.metrics_host",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "server.traces_url",
        "SAGE_RATE_LIMIT_FAILURES": "rate_limit.failures",
        "DATABASE_URL": "database.dsn",
        "DATABASE_READ_URL": "database.read_dsn",
        "DB_HOST": "database.host",
        "DB_PORT": "database.port",
        "DB_NAME": "database.name",
        "DB_USER": "database.user",
        "DB_PASSWORD": "database.password",
        "EMBEDDING_PROVIDER": "embedding.provider",
        "EMBEDDING_MODEL": "embedding.model",
        "EMBEDDING_DIMENSIONS": "embedding.dimensions",
        "EMBEDDING_BASE_URL": "embedding.base_url",
        "EMBEDDING_API_KEY": "embedding.api_key",
        "RERANKER_PROVIDER": "reranker.provider",
        "RERANKER_MODEL": "reranker.model",
        "SUMMARY_PROVIDER": "summary.provider",
        "SUMMARY_MODEL": "summary.model",
        "SILICONFLOW_API_KEY": "siliconflow.api_key",
        "SILICONFLOW_BASE_URL": "siliconflow.base_url",
        "SAGE_MAX_CONTEXT_TOKENS": "search.max_context_tokens",
        "SAGE_MAX_RESULTS": "search.max_results",
        "SAGE_MIN_RELEVANCE": "search.min_relevance",
        "SAGE_SIMILARITY_THRESHOLD": "search.similarity_threshold",
        "SAGE_RERANK_CANDIDATES": "search.rerank_candidates",
        "SAGE_TIME_DECAY": "search.time_decay",
        "SAGE_MAX_AGE_DAYS": "search.max_age_days",
        "SAGE_RECALL_PROJECTS_APART": "recall.projects_apart",
        "SAGE_RECALL_LOG": "recall.log",
        "SAGE_RECALL_LOG_DAYS": "recall.log_days",
        "SAGE_IMPORT_MAX_MB": "imports.max_file_mb",
        "SAGE_BACKUP_SCHEDULE": "backup.schedule",
        "SAGE_BACKUP_DIR": "backup.folder",
        "SAGE_BACKUP_KEEP": "backup.keep",
        "SAGE_AUDIT": "audit.mode",
        "SAGE_AUDIT_DAYS": "audit.days",
        "SAGE_LOG_LEVEL": "log.level",
        "SAGE_LOG_FORMAT": "log.format",
    }
)
"""The path of each variable, `server.port`; that of SAGE_CONFIG is empty."""

NAMES = types.MappingProxyType({path: name for name, path in PATHS.items() if path})
"""The variable at each path."""
