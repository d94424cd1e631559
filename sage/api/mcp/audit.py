"""Tells the audit log of every MCP message that reaches memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

from sage.access.audit.event import MCP_ACTIONS, OK, AuditEvent, Surface, current_event, noting
from sage.access.authorization import current_principal
from sage.api.mcp.operation_metrics import tool_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.context import (
        CallNext,
        HandlerResult,
        ServerMiddleware,
        ServerRequestContext,
    )

    from sage.bootstrap import Services

_FAILED = "failed"


def audit_operations(services: Callable[[], Services]) -> ServerMiddleware[Any]:
    """Return what notes who called a tool, read a resource or got a prompt, and how that ended.

    A message without an id asks for no answer, and nothing is done for it.
    """

    async def audit(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        action = tool_of(ctx) or MCP_ACTIONS.get(ctx.method)
        if action is None or ctx.request_id is None:
            return await call_next(ctx)
        request = current_event()
        event = AuditEvent(Surface.MCP, action, "stdio" if request is None else request.origin)
        event.by(current_principal())
        try:
            with noting(event):
                result = await call_next(ctx)
            if isinstance(result, CallToolResult) and result.is_error and event.outcome == OK:
                event.outcome = _FAILED
        except BaseException as error:
            if event.outcome == OK:
                event.outcome = "refused" if isinstance(error, MCPError) else _FAILED
            raise
        finally:
            services().audit.add(event)
        return result

    return audit
