"""What an MCP client may read: two resources and a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from mcp.server.mcpserver import ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import Field

from sage.domain.limits import MAX_SESSION_ID_CHARS
from sage.domain.validation import checked_text
from sage.errors import InvalidInputError, NotFoundError, SageError
from sage.surfaces.presenters import present_session, present_stats, tell_error
from sage.surfaces.schemas import ContextArguments
from sage.surfaces.tools import SPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.mcpserver import MCPServer

    from sage.bootstrap import Services

_JSON = "application/json"


def add_resources(server: MCPServer[None], services: Callable[[], Services]) -> None:
    """Offer the statistics and whole sessions for reading, as JSON."""

    @server.resource(
        "sage://memory/stats",
        name="memory_stats",
        title="Memory statistics",
        description="How much is remembered: messages, sessions, the time they span, the queue.",
        mime_type=_JSON,
    )
    async def memory_stats() -> str:
        try:
            return present_stats(await services().memory.stats(SPACE)).model_dump_json()
        except SageError as error:
            raise ResourceError(tell_error(error)) from error

    @server.resource(
        "sage://memory/session/{session_id}",
        name="memory_session",
        title="A remembered conversation",
        description="All messages of one session in their order, with speakers and times.",
        mime_type=_JSON,
        security=ResourceSecurity(exempt_params={"session_id"}),  # names no file
    )
    async def memory_session(session_id: str) -> str:
        try:
            checked_text("session_id", session_id, MAX_SESSION_ID_CHARS)
            kept = await services().memory.read_session(SPACE, session_id)
        except (NotFoundError, InvalidInputError) as error:
            raise ResourceNotFoundError(tell_error(error)) from error
        except SageError as error:
            raise ResourceError(tell_error(error)) from error
        return present_session(session_id, kept).model_dump_json()


def add_prompt(server: MCPServer[None], services: Callable[[], Services]) -> None:
    """Offer a prompt that puts what is remembered in front of a question."""

    @server.prompt(
        name="auto_context_injection",
        title="Answer with what is remembered",
        description="Puts what Sage remembers about a question in front of it.",
    )
    async def auto_context_injection(
        query: Annotated[str, Field(description="The question to answer.")],
        session_id: Annotated[str | None, Field(description="Remember only this session.")] = None,
    ) -> str:
        try:
            asked = ContextArguments.parse({"query": query, "session_id": session_id or None})
            context = (await services().memory.context(asked.to_request(SPACE))).context
        except InvalidInputError as error:
            raise MCPError(code=INVALID_PARAMS, message=tell_error(error)) from error
        except SageError as error:
            raise MCPError(code=INTERNAL_ERROR, message=tell_error(error)) from error
        return f"{context}\n\n{query}" if context else query
