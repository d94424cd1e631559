"""Names that are no settings: former names, those of removed settings, and misspelt ones.

A former name still works, with a warning; a removed one only causes a warning.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sage.config.names import NAMES, PATHS
from sage.errors import ConfigurationProblem, closest
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

PRESENT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "MCP_HOST": "MCP_SERVER_HOST",
        "MCP_PORT": "MCP_SERVER_PORT",
        "SAGE_MAX_OUTPUT_TOKENS": "SAGE_MAX_CONTEXT_TOKENS",
        "SAGE_TRACES_URL": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "SILICONFLOW_API_URL": "SILICONFLOW_BASE_URL",
    }
)
"""By former name. Only names whose values still have the same meaning; see `variable_like` for
others."""

_ACCESS = phrase("access tokens of apps are valid for 24 hours")
_REFRESH = phrase("an app stays connected if it is used once in 60 days")
_REMOVED: Mapping[str, str] = MappingProxyType(
    {
        "SAGE_OAUTH_ACCESS_HOURS": _ACCESS,
        "server.oauth_access_hours": _ACCESS,
        "SAGE_OAUTH_REFRESH_DAYS": _REFRESH,
        "server.oauth_refresh_days": _REFRESH,
    }
)
"""The replacement, by the name of a removed variable and by its key in TOML."""

_LIKENESS = 0.84
_LIKENESS_UNPREFIXED = 0.9
_PREFIX = "SAGE_"
_TELEMETRY = "OTEL_"
_OURS = (_PREFIX, "MCP_SERVER_", "EMBEDDING_", "SILICONFLOW_")


def former_name(former: str, origin: str, *, counts: bool) -> ConfigurationProblem:
    """Warn of a former name; `counts` is False if the present name is set as well."""
    present = PRESENT_NAMES[former]
    message = phrase("is the former name of {present}", present=present)
    if counts:
        return ConfigurationProblem(
            former,
            origin,
            message,
            phrase("Write {present} instead", present=present),
            warning=True,
        )
    message = phrase(
        "is the former name of {present}, which is also set and takes precedence", present=present
    )
    return ConfigurationProblem(former, origin, message, "Remove it", warning=True)


def removed_name(name: str, origin: str) -> ConfigurationProblem | None:
    """Warn of a variable that was removed, by its name or its key in TOML; None for others."""
    instead = _REMOVED.get(name.removesuffix("_FILE").removesuffix("_file"))
    if instead is None:
        return None
    message = phrase("is no longer a setting: {instead}", instead=instead)
    return ConfigurationProblem(name, origin, message, "Remove it", warning=True)


@cache  # a verb reads the environment twice, in which most names are those of other programs
def variable_like(name: str) -> str | None:
    """Return the variable that an unknown name probably stands for, None if none is similar.

    Names of other programs share the environment: a name without a prefix of Sage's must be more
    similar, and those of OpenTelemetry resemble each other.
    """
    if name.startswith(_TELEMETRY):
        return None
    rest = name.removeprefix(_PREFIX)
    for known in (rest, f"MCP_SERVER_{rest}") if name.startswith(_PREFIX) else (_PREFIX + name,):
        if known in PATHS:
            return known
    known_names = (*PATHS, *(f"{known}_FILE" for known in PATHS))
    return closest(name, known_names, _LIKENESS if name.startswith(_OURS) else _LIKENESS_UNPREFIXED)


def key_like(key: str) -> str | None:
    """Return the key of a TOML file that an unknown one probably stands for, or None."""
    return closest(key.lower(), NAMES, _LIKENESS) or variable_like(key.upper())
