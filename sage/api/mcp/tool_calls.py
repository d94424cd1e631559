"""Tool calls over MCP: arguments checked by Sage, with errors that a model can correct."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mcp.server.mcpserver.tools import Tool as McpTool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp_types import CallToolResult, TextContent, ToolAnnotations

from sage.access.audit.event import note_outcome
from sage.access.oauth.scope_challenge import ask_for_scopes
from sage.api.answer_json import to_json_for_model
from sage.api.problems import format_crash, format_error, kind_of
from sage.api.published_schema import answer_schema, arguments_schema
from sage.errors import SageError, ScopeError
from sage.telemetry.logs import get_logger, request_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sage.api.tools import Tool
    from sage.bootstrap import Services

log = get_logger(__name__)


class _RawArguments(FuncMetadata):
    """Passes arguments on unchanged: the errors of `Arguments.parse` are clearer."""

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        return {"raw": arguments_to_validate}


def published_tools(
    tools: Sequence[Tool[Any, Any]], services: Callable[[], Services]
) -> list[McpTool]:
    """Build the tools for the SDK, which lists them always in this order."""
    return [
        McpTool(
            fn=_caller(tool, services),
            name=tool.name,
            title=tool.title,
            description=tool.description,
            parameters=arguments_schema(tool.arguments),
            fn_metadata=_RawArguments(
                arg_model=ArgModelBase, output_schema=answer_schema(tool.answer)
            ),
            is_async=True,
            context_kwarg=None,
            annotations=ToolAnnotations(
                title=tool.title,
                read_only_hint=tool.read_only,
                destructive_hint=tool.destructive,
                idempotent_hint=tool.idempotent,
                open_world_hint=False,
            ),
        )
        for tool in tools
    ]


def _caller(
    tool: Tool[Any, Any], services: Callable[[], Services]
) -> Callable[[Mapping[str, object]], Awaitable[CallToolResult]]:
    async def call(raw: Mapping[str, object]) -> CallToolResult:
        start = time.perf_counter()
        outcome = "crashed"
        try:
            opened = services()
            answer = await tool.call(opened, tool.arguments.parse(raw))
            outcome = "answered"
            text = tool.write(answer, opened.settings.timezone)
            return CallToolResult(
                content=[TextContent(type="text", text=text)],
                structured_content=to_json_for_model(answer),
            )
        except SageError as error:
            outcome = type(error).__name__
            note_outcome(kind_of(error))
            if isinstance(error, ScopeError):
                ask_for_scopes(format_error(error))
            return _error_result(format_error(error))
        except Exception:  # the last resort: a model sees no internals
            identifier = request_id.get() or uuid4().hex
            log.exception("tool_crashed", tool=tool.name, request_id=identifier)
            return _error_result(format_crash(identifier))
        finally:
            duration_ms = round((time.perf_counter() - start) * 1000, 2)
            log.info("tool_called", tool=tool.name, outcome=outcome, duration_ms=duration_ms)

    return call


def _error_result(text: str) -> CallToolResult:
    """Return an error as a result that the model reads."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
