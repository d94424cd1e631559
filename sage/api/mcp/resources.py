"""What an MCP client may read: two resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.mcpserver import ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from pydantic_core import to_json

from sage.api.answer_json import to_json_for_model
from sage.api.arguments import PageArguments
from sage.api.audited import noted
from sage.api.caller import current_caller
from sage.api.problems import tell_error
from sage.domain.caller import SpaceRole
from sage.errors import InvalidInputError, NotFoundError, SageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.mcpserver import MCPServer

    from sage.bootstrap import Services

_JSON = "application/json"


def add_resources(server: MCPServer[None], services: Callable[[], Services]) -> None:
    """Offer the statistics and single sessions for reading, as JSON."""

    @server.resource(
        "sage://memory/stats",
        name="memory_stats",
        title="Memory statistics",
        description="How much is remembered: messages, sessions, the time they span, the queue.",
        mime_type=_JSON,
    )
    async def memory_stats() -> str:
        try:
            stats = await services().memory.stats(current_caller(SpaceRole.READER).space_id)
        except SageError as error:
            raise ResourceError(tell_error(error)) from error
        return to_json(to_json_for_model(stats)).decode()

    @server.resource(
        "sage://memory/session/{session_id}{?limit,cursor}",
        name="memory_session",
        title="A remembered conversation",
        description=(
            "The messages of one session in their order, with speakers and times. Read the next "
            "page with its next_cursor as cursor."
        ),
        mime_type=_JSON,
        security=ResourceSecurity(exempt_params={"session_id"}),  # names no file
    )
    async def memory_session(
        session_id: str, limit: str | None = None, cursor: str | None = None
    ) -> str:
        chosen = {"limit": limit, "cursor": cursor}
        try:
            page = PageArguments.parse({name: v for name, v in chosen.items() if v is not None})
            session = noted(
                await services().listing.read_session(
                    session_id, page.to_request(current_caller(SpaceRole.READER))
                )
            )
        except (NotFoundError, InvalidInputError) as error:
            raise ResourceNotFoundError(tell_error(error)) from error
        except SageError as error:
            raise ResourceError(tell_error(error)) from error
        return to_json(to_json_for_model(session)).decode()
