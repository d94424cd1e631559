"""The words that some settings are one of."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


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
