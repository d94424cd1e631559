"""Names that earlier releases of Sage knew variables by. They still count, each with a warning."""

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
        "SILICONFLOW_API_URL": "SILICONFLOW_BASE_URL",
    }
)
"""By former name. Only names whose values still mean the same; see `suggest` for others."""


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
