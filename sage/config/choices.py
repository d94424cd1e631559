"""The allowed words of some settings."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class _Choice(StrEnum):
    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Return the member of a word, ignoring case."""
        wanted = value.strip().casefold() if isinstance(value, str) else None
        return next((member for member in cls if member.casefold() == wanted), None)


class Language(_Choice):
    """The language of texts for people; `auto` is that of the locale."""

    AUTO = "auto"
    EN = "en"
    ZH = "zh"


class Environment(_Choice):
    """Where Sage runs; `prod` brings stricter checks."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class EmbeddingProvider(_Choice):
    """The provider of embeddings. `auto`: SiliconFlow if its key is set, else local."""

    AUTO = "auto"
    LOCAL = "local"
    SILICONFLOW = "siliconflow"
    OPENAI = "openai"


class RerankerProvider(_Choice):
    """The provider of reranking. `auto`: SiliconFlow if its key is set, else none."""

    AUTO = "auto"
    NONE = "none"
    SILICONFLOW = "siliconflow"


class SummaryProvider(_Choice):
    """The provider of summaries. `auto`: SiliconFlow if its key is set, else extractive."""

    AUTO = "auto"
    NONE = "none"
    EXTRACTIVE = "extractive"
    SILICONFLOW = "siliconflow"
    OPENAI = "openai"


class AuthMode(_Choice):
    """Whether a bearer token is required. `auto`: if one is set; `oauth`: also one by OAuth."""

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
    """The format of log lines. `auto`: console on a terminal, else JSON."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(_Choice):
    """The lowest level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
