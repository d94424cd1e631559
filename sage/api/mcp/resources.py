"""The MCP resources: statistics, and sessions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mcp.server.mcpserver import ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from pydantic_core import to_json

from sage.access.authorization import current_caller
from sage.api.answer_json import to_json_for_model
from sage.api.arguments import PageArguments
from sage.api.audit import audited
from sage.api.problems import format_error
from sage.domain.caller import SpaceRole
from sage.errors import InvalidInputError, NotFoundError, SageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp.server.mcpserver import MCPServer

    from sage.bootstrap import Services
    from sage.domain.answer import Answer

STATS_OF_SPACE = "memory_stats_of_space"
_JSON = "application/json"


def add_resources(server: MCPServer[None], services: Callable[[], Services]) -> None:
    """Add the statistics and single sessions as JSON resources.

    The statistics have a URI without a space beside that with one, so that they are listed.
    """

    @server.resource(
        "sage://memory/stats",
        name="memory_stats",
        title="Memory statistics",
        description="How much is remembered: messages, sessions, the time they span, the queue.",
        mime_type=_JSON,
    )
    async def memory_stats() -> str:
        return await stats_of_space("")

    @server.resource(
        "sage://memory/stats{?space}",
        name=STATS_OF_SPACE,
        title="Statistics of a space",
        description="How much is remembered in one space, where the token opens several.",
        mime_type=_JSON,
    )
    async def stats_of_space(space: str = "") -> str:
        with _resource_errors():
            caller = current_caller(SpaceRole.READER, space or None)
            return _written(await services().memory.stats(caller.space_id))

    @server.resource(
        "sage://memory/session/{session_id}{?limit,cursor,space}",
        name="memory_session",
        title="A remembered conversation",
        description=(
            "The messages of one session in their order, with speakers and times. Read the next "
            "page with its next_cursor as cursor."
        ),
        mime_type=_JSON,
        security=ResourceSecurity(exempt_params={"session_id"}),  # it is not the name of a file
    )
    async def memory_session(
        session_id: str, limit: str | None = None, cursor: str | None = None, space: str = ""
    ) -> str:
        chosen = {"limit": limit, "cursor": cursor}
        with _resource_errors():
            page = PageArguments.parse({name: v for name, v in chosen.items() if v is not None})
            request = page.to_request(current_caller(SpaceRole.READER, space or None))
            return _written(audited(await services().listing.read_session(session_id, request)))


@contextmanager
def _resource_errors() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, InvalidInputError) as error:
        raise ResourceNotFoundError(format_error(error)) from error
    except SageError as error:
        raise ResourceError(format_error(error)) from error


def _written(answer: Answer) -> str:
    return to_json(to_json_for_model(answer)).decode()
