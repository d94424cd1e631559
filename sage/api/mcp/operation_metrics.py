"""Times every MCP message, under the name that the conventions of OpenTelemetry give the metric.

Source: OpenTelemetry semantic conventions for generative AI, MCP, `mcp.server.operation.duration`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

from sage.api.connector import TOOL_NAMES
from sage.telemetry.metrics.catalog import MCP_DURATION

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

_METHODS = frozenset(
    {
        *("initialize", "ping", "server/discover", "completion/complete", "logging/setLevel"),
        *("tools/list", "tools/call", "prompts/list", "prompts/get"),
        *("resources/list", "resources/read", "resources/templates/list"),
        *("notifications/initialized", "notifications/cancelled", "notifications/progress"),
    }
)
_OTHER = "other"


async def measure_operation(
    ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Handle a message and time it. A client chooses no label: unknown names are one value."""
    began_at = time.perf_counter()
    error_type = ""
    try:
        result = await call_next(ctx)
        if isinstance(result, CallToolResult) and result.is_error:
            error_type = "tool_error"
    except MCPError as error:
        error_type = str(error.error.code)
        raise
    except BaseException as error:
        error_type = type(error).__name__
        raise
    finally:
        method = ctx.method if ctx.method in _METHODS else _OTHER
        seconds = time.perf_counter() - began_at
        MCP_DURATION.observe(seconds, method, tool_of(ctx), error_type)
    return result


def tool_of(ctx: ServerRequestContext[Any, Any]) -> str:
    """Return the tool that a message calls; empty where it calls none."""
    if ctx.method != "tools/call":
        return ""
    name = (ctx.params or {}).get("name")
    return name if isinstance(name, str) and name in TOOL_NAMES else _OTHER
