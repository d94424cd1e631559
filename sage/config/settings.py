"""What can be set, with types, defaults and ranges. Reads nothing: see `sources`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from sage.config.dsn import checked_dsn
from sage.config.schedule import checked_schedule
from sage.config.timezone import checked_timezone
from sage.config.values import (
    checked_absolute,
    checked_allowed_host,
    checked_bind,
    checked_client_host,
    checked_database_host,
    checked_header_text,
    checked_network,
    checked_origin,
    checked_published_address,
    checked_redirect,
    checked_subject,
    checked_url,
    split_list,
    split_list_or_none,
)
from sage.config.variables import DEFAULT_HOST, DEFAULT_PORT
from sage.domain.relevance import MinRelevance
from sage.domain.schedule import Schedule


class _Choice(StrEnum):
    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Find a member whatever the case of its letters."""
        wanted = value.strip().casefold() if isinstance(value, str) else None
        return next((member for member in cls if member.casefold() == wanted), None)


class Language(_Choice):
    """What people read is written in; `auto` is that of the locale."""

    AUTO = "auto"
    EN = "en"
    ZH = "zh"


class Environment(_Choice):
    """Where Sage runs; `prod` brings stricter checks."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class EmbeddingProvider(_Choice):
    """Who makes vectors. `auto`: SiliconFlow when its key is set, else local."""

    AUTO = "auto"
    LOCAL = "local"
    SILICONFLOW = "siliconflow"
    OPENAI = "openai"


class RerankerProvider(_Choice):
    """Who judges what was found. `auto`: SiliconFlow when its key is set, else nobody."""

    AUTO = "auto"
    NONE = "none"
    SILICONFLOW = "siliconflow"


class SummaryProvider(_Choice):
    """Who condenses memories. `auto`: SiliconFlow when its key is set, else extractive."""

    AUTO = "auto"
    NONE = "none"
    EXTRACTIVE = "extractive"
    SILICONFLOW = "siliconflow"
    OPENAI = "openai"


class AuthMode(_Choice):
    """Whether a bearer token is asked for. `auto`: when one is set; `oauth`: or one by OAuth."""

    AUTO = "auto"
    NONE = "none"
    TOKEN = "token"  # noqa: S105 - the name of a mode
    OAUTH = "oauth"


class AuditMode(_Choice):
    """What the audit log records. `auto`: calls with a token, and refusals; `on`: all calls."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class LogFormat(_Choice):
    """How log lines look. `auto`: console on a terminal, else JSON."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(_Choice):
    """The least important line that is still written."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def _check_secret(secret: SecretStr) -> SecretStr:
    checked_header_text(secret.get_secret_value())
    return secret


def _check_secret_dsn(dsn: SecretStr) -> SecretStr:
    checked_dsn(dsn.get_secret_value())
    return dsn


BindHost: TypeAlias = Annotated[str, AfterValidator(checked_bind)]
DatabaseHost: TypeAlias = Annotated[str, AfterValidator(checked_database_host)]
WebAddress: TypeAlias = Annotated[str, AfterValidator(checked_url)]
Credential: TypeAlias = Annotated[SecretStr, AfterValidator(_check_secret)]
Dsn: TypeAlias = Annotated[SecretStr, AfterValidator(_check_secret_dsn)]
TimeZone: TypeAlias = Annotated[ZoneInfo, BeforeValidator(checked_timezone)]
BackupSchedule: TypeAlias = Annotated[Schedule, BeforeValidator(checked_schedule)]
AbsoluteFolder: TypeAlias = Annotated[Path, AfterValidator(checked_absolute)]
AllowedHosts: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_allowed_host)], ...], BeforeValidator(split_list)
]
PublishedAddresses: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_published_address)], ...],
    BeforeValidator(split_list),
]
ClientHosts: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_client_host)], ...],
    BeforeValidator(split_list_or_none),
]
RedirectUris: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_redirect)], ...], BeforeValidator(split_list)
]
Subjects: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_subject)], ...], BeforeValidator(split_list)
]
AllowedOrigins: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_origin)], ...], BeforeValidator(split_list)
]
TrustedProxies: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_network)], ...], BeforeValidator(split_list)
]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ServerSettings(_Group):
    """Where Sage listens and whom it lets in."""

    host: BindHost = DEFAULT_HOST
    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    auth: AuthMode = AuthMode.AUTO
    token: Credential | None = Field(default=None, min_length=32)
    allowed_hosts: AllowedHosts = ()
    allowed_origins: AllowedOrigins = ()
    public_url: WebAddress | None = None
    published_addresses: PublishedAddresses = ()
    oauth_redirect_uris: RedirectUris = ()
    oauth_client_hosts: ClientHosts = ("claude.ai", "chatgpt.com", "vscode.dev")
    oauth_access_hours: int = Field(default=24, ge=1, le=720)
    oauth_refresh_days: int = Field(default=60, ge=1, le=3650)
    oauth_issuer: WebAddress | None = None
    oauth_jwks_url: WebAddress | None = None
    oauth_subjects: Subjects = ()
    trusted_proxies: TrustedProxies = ()
    console: bool = True
    connector_tools: bool = False
    metrics_host: BindHost = DEFAULT_HOST
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    traces_url: WebAddress | None = None

    @property
    def has_oauth(self) -> bool:
        """Whether AI clients get tokens by OAuth."""
        return self.auth is AuthMode.OAUTH

    @property
    def issues_tokens(self) -> bool:
        """Whether Sage itself is the OAuth server."""
        return self.has_oauth and self.oauth_issuer is None


class RateLimitSettings(_Group):
    """How many requests a minute are answered that may be guesses; 0 for any number."""

    failures: int = Field(default=30, ge=0, le=1_000_000)


class DatabaseSettings(_Group):
    """The Postgres to use. `dsn` is None for the embedded one under the data dir.

    `read_dsn` is that of a replica, for searches.
    The parts are another way to write `dsn`: `with_dsn` puts them together.
    """

    dsn: Dsn | None = None
    read_dsn: Dsn | None = None
    host: DatabaseHost | None = None
    port: int = Field(default=5432, ge=1, le=65535)
    name: str | None = None
    user: str | None = None
    password: SecretStr | None = None


class EmbeddingSettings(_Group):
    """The model that makes vectors."""

    provider: EmbeddingProvider = EmbeddingProvider.AUTO
    model: str | None = None
    dimensions: int | None = Field(default=None, ge=16, le=4000)
    base_url: WebAddress | None = None
    api_key: Credential | None = None


class RerankerSettings(_Group):
    """The model that judges what was found."""

    provider: RerankerProvider = RerankerProvider.AUTO
    model: str | None = None


class SummarySettings(_Group):
    """The model that condenses memories."""

    provider: SummaryProvider = SummaryProvider.AUTO
    model: str | None = None


class SiliconFlowSettings(_Group):
    """The SiliconFlow account."""

    api_key: Credential | None = None
    base_url: WebAddress = "https://api.siliconflow.cn/v1"


class SearchSettings(_Group):
    """How much a question brings back when the caller does not say."""

    max_context_tokens: int = Field(default=2000, ge=200, le=32_000)
    max_results: int = Field(default=10, ge=1, le=50)
    min_relevance: MinRelevance = MinRelevance.WEAK
    similarity_threshold: float = Field(default=0.0, ge=0, le=1)
    rerank_candidates: int = Field(default=30, ge=2, le=50)
    time_decay: float | None = Field(default=None, gt=0, le=36_500, allow_inf_nan=False)
    max_age_days: float | None = Field(default=None, gt=0, le=36_500, allow_inf_nan=False)


class RecallSettings(_Group):
    """What hooks of AI clients recall, and whether and for how long is kept what was handed out."""

    projects_apart: bool = False
    log: bool = True
    log_days: int = Field(default=90, ge=1, le=36_500)


class ImportSettings(_Group):
    """How large a file may be that is handed in to be imported, in megabytes."""

    max_file_mb: int = Field(default=200, ge=1, le=100_000)


class BackupSettings(_Group):
    """When backups are made by themselves, where they go, and how many stay.

    `schedule` is None for never, `folder` for the one in the data dir.
    """

    schedule: BackupSchedule | None = None
    folder: AbsoluteFolder | None = None
    keep: int = Field(default=7, ge=1, le=10_000)


class AuditSettings(_Group):
    """What the audit log records, and for how many days it is kept."""

    mode: AuditMode = AuditMode.AUTO
    days: int = Field(default=90, ge=1, le=36_500)


class LogSettings(_Group):
    """What is logged and how."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


class Settings(_Group):
    """All of it. Built by `sage.config.load.read_configuration`."""

    env: Environment = Environment.DEV
    data_dir: Path
    timezone: TimeZone = Field(default_factory=lambda: ZoneInfo("UTC"))
    language: Language = Language.AUTO
    mask_secrets: bool = True
    space: str | None = Field(default=None, max_length=64)
    server: ServerSettings = ServerSettings()
    rate_limit: RateLimitSettings = RateLimitSettings()
    database: DatabaseSettings = DatabaseSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    reranker: RerankerSettings = RerankerSettings()
    summary: SummarySettings = SummarySettings()
    siliconflow: SiliconFlowSettings = SiliconFlowSettings()
    search: SearchSettings = SearchSettings()
    recall: RecallSettings = RecallSettings()
    imports: ImportSettings = ImportSettings()
    backup: BackupSettings = BackupSettings()
    audit: AuditSettings = AuditSettings()
    log: LogSettings = LogSettings()
