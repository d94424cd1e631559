"""What can be set, with types, defaults and ranges. Reads nothing: see `sources`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Environment(StrEnum):
    """Where Sage runs; `prod` brings stricter checks."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class EmbeddingProvider(StrEnum):
    """Who makes vectors. `auto`: SiliconFlow when its key is set, else local."""

    AUTO = "auto"
    LOCAL = "local"
    SILICONFLOW = "siliconflow"
    OPENAI = "openai"


class AuthMode(StrEnum):
    """Whether a bearer token is asked for. `auto`: when one is set."""

    AUTO = "auto"
    NONE = "none"
    TOKEN = "token"  # noqa: S105 - the name of a mode


class LogFormat(StrEnum):
    """How log lines look. `auto`: console on a terminal, else JSON."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least important line that is still written."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Group):
    """Where Sage listens and whom it lets in."""

    host: str = "127.0.0.1"
    port: int = Field(default=17800, ge=1, le=65535)
    auth: AuthMode = AuthMode.AUTO
    token: SecretStr | None = Field(default=None, min_length=32)
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None


class DatabaseSettings(_Group):
    """The Postgres to use. `dsn` is None for the embedded one under the data dir."""

    dsn: SecretStr | None = None


class EmbeddingSettings(_Group):
    """The model that makes vectors."""

    provider: EmbeddingProvider = EmbeddingProvider.AUTO
    model: str | None = None
    dimensions: int | None = Field(default=None, ge=16, le=4000)
    base_url: str | None = None
    api_key: SecretStr | None = None


class SiliconFlowSettings(_Group):
    """The SiliconFlow account."""

    api_key: SecretStr | None = None
    base_url: str = "https://api.siliconflow.cn/v1"


class SearchSettings(_Group):
    """How much a question brings back when the caller does not say."""

    max_context_tokens: int = Field(default=2000, ge=200, le=32_000)
    max_results: int = Field(default=10, ge=1, le=50)
    similarity_threshold: float = Field(default=0.0, ge=0, le=1)


class LogSettings(_Group):
    """What is logged and how."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


class Settings(_Group):
    """All of it. Built by `sage.config.manager.load_settings`."""

    env: Environment = Environment.DEV
    data_dir: Path
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    siliconflow: SiliconFlowSettings = SiliconFlowSettings()
    search: SearchSettings = SearchSettings()
    log: LogSettings = LogSettings()
