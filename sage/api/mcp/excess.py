"""Refuses messages of a token that sends too many, so that a model reads how long to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from sage.access.audit.event import note_outcome
from sage.api.middleware.rate_limits import MCP_CODE, current_excess
from sage.api.problems import kind_of, tell_error

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext


async def refuse_excess(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Handle a message, or answer why not: a tool call by a tool error. Raises MCPError."""
    error = current_excess()
    if error is None or ctx.method.startswith("notifications/"):
        return await call_next(ctx)
    note_outcome(kind_of(error))
    if ctx.method != "tools/call":
        raise MCPError(code=MCP_CODE, message=tell_error(error))
    return CallToolResult(content=[TextContent(type="text", text=tell_error(error))], is_error=True)
