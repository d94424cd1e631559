"""All settings: each declared once, with its variable, type, default, limits and summary.

Those of the server and of models are in `server_settings` and `model_settings`. Nothing is read
here: see `sources`.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from sage.config.choices import (
    AuditMode,
    Environment,
    Language,
    LogFormat,
    LogLevel,
)
from sage.config.model_settings import (
    EmbeddingSettings,
    RerankerSettings,
    SiliconFlowSettings,
    SummarySettings,
)
from sage.config.server_settings import ServerSettings
from sage.config.setting import (
    AbsoluteFolder,
    BackupSchedule,
    DatabaseHost,
    Dsn,
    MoveEnd,
    RestoreTarget,
    SettingGroup,
    TimeZone,
    setting,
)
from sage.domain.masking import MaskingPolicy
from sage.domain.relevance import MinRelevance
from sage.phrases import phrase


class RateLimitSettings(SettingGroup, title=phrase("Rate limits")):
    """Limits per minute of requests that may be guesses; 0 for unlimited."""

    failures: int = setting(
        "SAGE_RATE_LIMIT_FAILURES",
        "Maximum number of requests per minute with invalid tokens from one address. "
        "`0`: no limit, and none on requests to the OAuth server.",
        default=30,
        ge=0,
        le=1_000_000,
        example="10",
    )


class DatabaseSettings(SettingGroup, title=phrase("Database")):
    """The Postgres to use. `dsn` is None for the embedded one in the data directory.

    `read_dsn` is that of a replica, for searches. The parts are another way to write `dsn`:
    `with_dsn` joins them.
    """

    dsn: Dsn | None = setting(
        "DATABASE_URL",
        "URL of a PostgreSQL database with pgvector. Default: the embedded PostgreSQL.",
        default=None,
        example="postgresql://sage:PASSWORD@db.example.org:5432/sage",
    )
    read_dsn: Dsn | None = setting(
        "DATABASE_READ_URL",
        "URL of a streaming replica of the database, for searches. Default: the database itself.",
        default=None,
        example="postgresql://sage:PASSWORD@replica.example.org:5432/sage",
    )
    host: DatabaseHost | None = setting(
        "DB_HOST",
        "Host name or address of the database, or the directory of its Unix socket.",
        default=None,
        example="db.example.org",
    )
    port: int = setting(
        "DB_PORT", "Port of the database.", default=5432, ge=1, le=65535, example="5433"
    )
    name: str | None = setting("DB_NAME", "Name of the database.", default=None, example="sage")
    user: str | None = setting("DB_USER", "Role to log in as.", default=None, example="sage")
    password: SecretStr | None = setting("DB_PASSWORD", "Password of that role.", default=None)


class SearchSettings(SettingGroup, title=phrase("Search")):
    """The size of results for a question, if the caller does not specify it."""

    max_context_tokens: int = setting(
        "SAGE_MAX_CONTEXT_TOKENS",
        "Size of a context in tokens, unless the caller sets it.",
        default=2000,
        ge=200,
        le=32_000,
        example="4000",
    )
    max_results: int = setting(
        "SAGE_MAX_RESULTS",
        "Maximum number of memories listed with a context, unless the caller sets it.",
        default=10,
        ge=1,
        le=50,
        example="20",
    )
    min_relevance: MinRelevance = setting(
        "SAGE_MIN_RELEVANCE",
        "Minimum relevance of memories shown to a model or on the command line, unless "
        "the caller sets it; if none reaches it, the text says so. `none`: always show "
        "the closest.",
        default=MinRelevance.WEAK,
        example="strong",
    )
    similarity_threshold: float = setting(
        "SAGE_SIMILARITY_THRESHOLD",
        "Memories less likely to answer than this probability are omitted. If "
        "relevance is unknown, the score is compared instead. SAGE_MIN_RELEVANCE is "
        "usually the better choice.",
        default=0.0,
        ge=0,
        le=1,
        example="0.3",
    )
    rerank_candidates: int = setting(
        "SAGE_RERANK_CANDIDATES",
        "Number of search results passed to the reranker.",
        default=30,
        ge=2,
        le=50,
        example="50",
    )
    time_decay: float | None = setting(
        "SAGE_TIME_DECAY",
        "Half-life in days: the score of a memory of that age is halved. Default: no decay.",
        default=None,
        gt=0,
        le=36_500,
        allow_inf_nan=False,
        example="90",
    )
    max_age_days: float | None = setting(
        "SAGE_MAX_AGE_DAYS",
        "Memories older than this are not found, but not deleted. Default: no limit.",
        default=None,
        gt=0,
        le=36_500,
        allow_inf_nan=False,
        example="365",
    )


class RecallSettings(SettingGroup, title=phrase("Recall")):
    """What hooks of AI clients recall, and whether and how long recalled memories are logged."""

    projects_apart: bool = setting(
        "SAGE_RECALL_PROJECTS_APART",
        "Whether hooks recall nothing across projects. Otherwise, preferences about "
        "answers (language, length, tone, form of address) are recalled in every "
        "project.",
        default=False,
        example="true",
    )
    log: bool = setting(
        "SAGE_RECALL_LOG",
        "Whether to keep a recall log: which memories were given to which session, "
        "when, and how relevant they were, without the text of questions or memories.",
        default=True,
        example="false",
    )
    log_days: int = setting(
        "SAGE_RECALL_LOG_DAYS",
        "Days for which the recall log is kept.",
        default=90,
        ge=1,
        le=36_500,
        example="30",
    )


class ImportSettings(SettingGroup, title=phrase("Imports")):
    """How large an uploaded file may be, in megabytes."""

    max_file_mb: int = setting(
        "SAGE_IMPORT_MAX_MB",
        "Maximum size in megabytes of files uploaded to the console or `POST "
        "/api/v1/imports/files`.",
        default=200,
        ge=1,
        le=100_000,
        example="1000",
    )


class BackupSettings(SettingGroup, title=phrase("Backup")):
    """The schedule of backups, their directory, how many remain, and where one is restored.

    `schedule` is None for never, `folder` for the one in the data directory.
    """

    schedule: BackupSchedule | None = setting(
        "SAGE_BACKUP_SCHEDULE",
        "When a running Sage backs up the database: at an interval (`6h`, `1d`, `1w`) or at "
        "times of the day in SAGE_TIMEZONE (`03:30`, `09:00,21:00`). Default: never.",
        default=None,
        example="03:30",
    )
    folder: AbsoluteFolder | None = setting(
        "SAGE_BACKUP_DIR",
        "Directory for backups, an absolute path. Default: `backups` in the data directory.",
        default=None,
        example="/mnt/backups",
    )
    keep: int = setting(
        "SAGE_BACKUP_KEEP",
        "Number of scheduled backups to keep; older ones of the same database are deleted.",
        default=7,
        ge=1,
        le=10_000,
        example="14",
    )
    restore_into: RestoreTarget | None = setting(
        "SAGE_RESTORE_INTO",
        "Database that `sage restore FILE` restores into unless --into is given: a name on the "
        "same server, or a URL. Unlike an option, it is not visible to other users of the machine. "
        "Default: the database of Sage.",
        default=None,
        example="postgresql://sage:PASSWORD@db.example.org:5432/sage_yesterday",
    )


class MoveSettings(SettingGroup, title=phrase("Move")):
    """The databases of `sage move` that its options do not name."""

    source: MoveEnd | None = setting(
        "SAGE_MOVE_FROM",
        "Database that `sage move` moves data from unless --from is given: a URL, or `embedded`. "
        "Default: the database of Sage.",
        default=None,
        example="postgresql://sage:PASSWORD@old.example.org:5432/sage",
    )
    target: MoveEnd | None = setting(
        "SAGE_MOVE_TO",
        "Database that `sage move` moves data to unless --to is given: a URL, or `embedded`. "
        "Unlike an option, it is not visible to other users of the machine.",
        default=None,
        example="postgresql://sage:PASSWORD@new.example.org:5432/sage",
    )


class AuditSettings(SettingGroup, title=phrase("Audit log")):
    """What the audit log records, and how many days its events are stored."""

    mode: AuditMode = setting(
        "SAGE_AUDIT",
        "Which calls the audit log records. `auto`: calls with a token, and rejected calls; "
        "`on`: all; `off`: none. Changes to spaces, users and tokens are always recorded.",
        default=AuditMode.AUTO,
        example="on",
    )
    days: int = setting(
        "SAGE_AUDIT_DAYS",
        "Days for which the audit log is kept.",
        default=90,
        ge=1,
        le=36_500,
        example="365",
    )


class LogSettings(SettingGroup, title=phrase("Log")):
    """What is logged and how."""

    level: LogLevel = setting(
        "SAGE_LOG_LEVEL", "Lowest level that is logged.", default=LogLevel.INFO
    )
    format: LogFormat = setting(
        "SAGE_LOG_FORMAT",
        "Format of log lines. `auto`: console on a terminal, else JSON.",
        default=LogFormat.AUTO,
    )


class Settings(SettingGroup, title=phrase("General")):
    """All settings. Built by `sage.config.load.read_configuration`."""

    env: Environment = setting(
        "SAGE_ENV",
        "Deployment environment; `prod` enables stricter checks.",
        default=Environment.DEV,
    )
    data_dir: Path = setting(
        "SAGE_DATA_DIR",
        "Directory of the embedded PostgreSQL. Default: `$XDG_DATA_HOME/sage`, else "
        "`~/.local/share/sage`.",
        example="/srv/sage",
    )
    timezone: TimeZone = setting(
        "SAGE_TIMEZONE",
        "IANA name of the users' time zone, used to display times and to interpret words such "
        "as yesterday. Default: the time zone of the machine, else UTC.",
        default_factory=lambda: ZoneInfo("UTC"),
        example="Asia/Shanghai",
    )
    language: Language = setting(
        "SAGE_LANGUAGE",
        "Language of the command line, errors and messages of hooks. `auto`: that of "
        "the locale (LC_ALL, LC_MESSAGES, LANG). JSON, logs and text for models are "
        "always English.",
        default=Language.AUTO,
        example="zh",
    )
    mask_secrets: bool = setting(
        "SAGE_MASK_SECRETS",
        "Whether passwords, tokens and keys in saved messages are replaced by "
        "`[masked]`. Messages captured by hooks or imported from other programs are "
        "always masked.",
        default=True,
        example="false",
    )
    space: str | None = setting(
        "SAGE_SPACE",
        "Default space of commands and `sage mcp`.",
        default=None,
        max_length=64,
        example="team",
    )
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
    move: MoveSettings = MoveSettings()
    audit: AuditSettings = AuditSettings()
    log: LogSettings = LogSettings()

    @property
    def masking(self) -> MaskingPolicy:
        """The masking policy: patterns, and the value of SAGE_TOKEN, which no pattern matches."""
        token = self.server.token
        known = () if token is None else (token.get_secret_value(),)
        return MaskingPolicy(self.mask_secrets, known)
