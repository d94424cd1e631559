"""What an MCP client may read: two resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.mcpserver import ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from sage.api.presenters import present_session, present_stats
from sage.api.problems import tell_error
from sage.api.tools import SPACE
from sage.domain.limits import MAX_SESSION_ID_CHARS
from sage.domain.validation import checked_text
from sage.errors import InvalidInputError, NotFoundError, SageError

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
