"""Observes every MCP message: its duration, its caller and its outcome.

The metric has the name of OpenTelemetry's semantic conventions for generative AI, MCP:
`mcp.server.operation.duration`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

from sage.access.audit.event import MCP_ACTIONS, OK, AuditEvent, Surface, current_event, noting
from sage.access.authorization import current_principal
from sage.api.connector import TOOL_NAMES
from sage.api.recall_log import called_by
from sage.telemetry.metrics.catalog import MCP_DURATION

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.context import (
        CallNext,
        HandlerResult,
        ServerMiddleware,
        ServerRequestContext,
    )

    from sage.bootstrap import Services

_METHODS = frozenset(
    {
        *("initialize", "ping", "server/discover", "completion/complete", "logging/setLevel"),
        *("tools/list", "tools/call", "prompts/list", "prompts/get"),
        *("resources/list", "resources/read", "resources/templates/list"),
        *("notifications/initialized", "notifications/cancelled", "notifications/progress"),
    }
)
_OTHER = "other"
_FAILED = "failed"
_MAX_NAME = 100


def observe_operations(services: Callable[[], Services]) -> ServerMiddleware[Any]:
    """Return middleware that times every message, and records tools, resources and prompts.

    A message without an id expects no answer, and nothing is done for it. Clients cannot choose the
    value of a label of the metric: unknown names become one value.
    """

    async def observe(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        began_at = time.perf_counter()
        tool, error_type = _tool_of(ctx), ""
        event = _begin_event(ctx, tool)
        if name := _client_of(ctx):
            services().seen.note(name, current_principal())
        try:
            with called_by(name or None):
                if event is None:
                    result = await call_next(ctx)
                else:
                    with noting(event):
                        result = await call_next(ctx)
            if isinstance(result, CallToolResult) and result.is_error:
                error_type = "tool_error"
                _end(event, _FAILED)
        except MCPError as error:
            error_type = str(error.error.code)
            _end(event, "refused")
            raise
        except BaseException as error:
            error_type = type(error).__name__
            _end(event, _FAILED)
            raise
        finally:
            method = ctx.method if ctx.method in _METHODS else _OTHER
            took_s = time.perf_counter() - began_at
            MCP_DURATION.labels(method, tool, error_type).observe(took_s)
            if event is not None:
                services().audit.add(event)
        return result

    return observe


def _begin_event(ctx: ServerRequestContext[Any, Any], tool: str) -> AuditEvent | None:
    """Start the event of a message, which replaces that of its request; None without one."""
    action = tool or MCP_ACTIONS.get(ctx.method)
    if action is None or ctx.request_id is None:
        return None
    request = current_event()
    event = AuditEvent(Surface.MCP, action, "stdio" if request is None else request.origin)
    event.by(current_principal())
    if request is not None:
        request.outcome = OK
    return event


def _client_of(ctx: ServerRequestContext[Any, Any]) -> str:
    """Return the name that a client sends; empty if it sends none."""
    if ctx.method == "initialize":
        info = (ctx.params or {}).get("clientInfo")
        name = info.get("name") if isinstance(info, dict) else None
        return name[:_MAX_NAME] if isinstance(name, str) else ""
    params = ctx.session.client_params
    return "" if params is None else params.client_info.name[:_MAX_NAME]


def _end(event: AuditEvent | None, outcome: str) -> None:
    """Record the outcome of a message, unless the called function has recorded it."""
    if event is not None and event.outcome == OK:
        event.outcome = outcome


def _tool_of(ctx: ServerRequestContext[Any, Any]) -> str:
    """Return the tool that a message calls; empty if it calls none."""
    if ctx.method != "tools/call":
        return ""
    name = (ctx.params or {}).get("name")
    return name if isinstance(name, str) and name in TOOL_NAMES else _OTHER
