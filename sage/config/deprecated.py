"""Names that earlier releases of Sage knew: former ones of variables, and those of removed ones.

A former name still counts, with a warning; a removed variable is a warning alone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sage.errors import ConfigurationProblem
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
"""By former name. Only names whose values still mean the same; see `suggest` for others."""

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
"""What holds instead, by the name of a removed variable and by its key in TOML."""


def renamed(former: str, origin: str, *, counts: bool) -> ConfigurationProblem:
    """Warn of a former name; `counts` is False where the present name is set beside it."""
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
        "is the former name of {present}, which is set as well and counts", present=present
    )
    return ConfigurationProblem(former, origin, message, "Remove it", warning=True)


def removed(name: str, origin: str) -> ConfigurationProblem | None:
    """Warn of a variable that was removed, by its name or its key in TOML; None for others."""
    instead = _REMOVED.get(name.removesuffix("_FILE").removesuffix("_file"))
    if instead is None:
        return None
    message = phrase("is no longer a setting: {instead}", instead=instead)
    return ConfigurationProblem(name, origin, message, "Remove it", warning=True)
