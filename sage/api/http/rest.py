"""The REST routes of the tools, and of single memories: read, correct, confirm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    ContextArguments,
    CorrectArguments,
    DetailsArguments,
    ForgetArguments,
    LocateArguments,
    MemoriesArguments,
    SaveArguments,
    SearchArguments,
    SpaceArguments,
)
from sage.api.audit import audited
from sage.api.http.dependencies import (
    MemoryId,
    Opened,
    is_by_command_line,
    require_same_configuration,
)
from sage.api.problems import ProblemDetails
from sage.api.tools import CONTEXT, FORGET, SAVE, SEARCH, STATS
from sage.clients.data_dir.server_socket import ADVICE_HEADER
from sage.domain.caller import SpaceRole
from sage.domain.confirming import Confirmation, ConfirmRequest
from sage.domain.gathering import ContextAnswer  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.ids import named_id, split_ids
from sage.domain.listing import MemoryPage  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.locating import Located  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.memories import (  # noqa: TC001 - FastAPI reads the annotations
    ForgetReceipt,
    MemoryStats,
    SaveReceipt,
)
from sage.domain.provenance import Via
from sage.domain.reading import MemoryDetails  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.searching import SearchAnswer  # noqa: TC001 - FastAPI reads the annotation

if TYPE_CHECKING:
    from sage.api.tools import Tool
    from sage.bootstrap import Services

_PROBLEM = {"content": {"application/problem+json": {}}, "model": ProblemDetails}
_EXAMPLES = {
    "pair": {
        "summary": "One exchange",
        "value": {
            "user_prompt": "I am allergic to peanuts.",
            "assistant_response": "Noted: no peanuts.",
            "session_id": "kitchen",
        },
    },
    "messages": {
        "summary": "A conversation with speakers and times",
        "value": {
            "messages": [
                {
                    "role": "user",
                    "name": "Caroline",
                    "content": "The pottery class starts on Friday.",
                    "created_at": "2026-05-08T13:56:00Z",
                }
            ],
            "metadata": {"project": "spring"},
        },
    },
}
_LOCATE_EXAMPLES = {
    "id": {
        "summary": "By an id, with the filters of the search",
        "value": {"query": "Which nuts must I avoid?", "role": "user", "memory_id": "49216d62"},
    },
    "text": {
        "summary": "By words that it contains",
        "value": {"query": "Which nuts must I avoid?", "text": "allergic to peanuts"},
    },
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not a JSON object in UTF-8", **_PROBLEM},
    401: {"description": "Authentication required", **_PROBLEM},
    403: {"description": "The token has no permission, or the Origin is not trusted", **_PROBLEM},
    404: {"description": "The space does not exist, or the token has no access to it", **_PROBLEM},
    408: {"description": "The body did not arrive in time", **_PROBLEM},
    413: {"description": "The body is larger than 1 MiB or contains too many values", **_PROBLEM},
    421: {"description": "The host name in the Host header is not allowed", **_PROBLEM},
    422: {"description": "An argument is invalid; `field` is its name", **_PROBLEM},
    429: {"description": "Too many requests; retry after `Retry-After` seconds", **_PROBLEM},
    503: {"description": "The database does not respond; retry", **_PROBLEM},
}

OF_THE_SERVER: dict[int | str, dict[str, Any]] = {
    **{status: PROBLEMS[status] for status in (401, 421, 422, 429, 503)},
    403: {"description": "The route is about the whole server and requires SAGE_TOKEN", **_PROBLEM},
}
"""The responses of routes about the whole server."""

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "The idempotency key was used for another save", **_PROBLEM}
}

_NO_MEMORY: dict[int | str, dict[str, Any]] = {
    404: {**PROBLEMS[404], "description": "The memory or the space does not exist"}
}

router = APIRouter(
    prefix="/api/v1",
    tags=["memory"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)


def _described(tool: Tool[Any, Any]) -> dict[str, Any]:
    return {"operation_id": tool.name, "summary": tool.title, "description": tool.description}


def _via(request: Request) -> Via:
    return Via.CLI if is_by_command_line(request) else Via.REST


@router.post("/conversations", **_described(SAVE), responses=CONFLICT)
async def save_conversation(
    request: Request,
    services: Opened,
    arguments: Annotated[SaveArguments, Body(openapi_examples=_EXAMPLES)],
) -> SaveReceipt:
    """Call the tool save_conversation."""
    return await SAVE.call(services, arguments, _via(request))


@router.post("/search", **_described(SEARCH))
async def search_memory(
    request: Request,
    services: Opened,
    arguments: Annotated[
        SearchArguments, Body(examples=[{"query": "Which nuts must I avoid?", "n": 5}])
    ],
) -> SearchAnswer:
    """Call the tool search_memory."""
    return await SEARCH.call(services, arguments, _via(request))


@router.post("/search/locate")
async def locate_memory(
    services: Opened,
    arguments: Annotated[LocateArguments, Body(openapi_examples=_LOCATE_EXAMPLES)],
) -> Located:
    """Locate a memory in a search: report its rank, or why it was not found.

    The arguments are those of a search, and the memory to locate. Anyone who can read the space
    gets the whole answer, which distinguishes a forgotten memory from one that never existed.
    """
    caller = current_caller(SpaceRole.READER, arguments.space, takes_all=True)
    request = arguments.to_locate_request(caller, services.settings.timezone)
    located = await services.locating.locate(request)
    note_ids([located.memory.memory_id] if located.memory else [])
    return located


@router.post("/context", **_described(CONTEXT))
async def get_context(
    request: Request,
    services: Opened,
    arguments: Annotated[
        ContextArguments, Body(examples=[{"query": "dinner plans", "context_window": 1000}])
    ],
) -> ContextAnswer:
    """Call the tool get_context."""
    return await CONTEXT.call(services, arguments, _via(request))


@router.post("/forget", **_described(FORGET))
async def forget_memory(
    services: Opened,
    arguments: Annotated[ForgetArguments, Body(examples=[{"session_id": "kitchen"}])],
) -> ForgetReceipt:
    """Call the tool forget_memory."""
    return await FORGET.call(services, arguments)


@router.get("/stats", **_described(STATS))
async def get_memory_stats(
    request: Request,
    response: Response,
    services: Opened,
    arguments: Annotated[SpaceArguments, Query()],
) -> MemoryStats:
    """Call the tool get_memory_stats."""
    if is_by_command_line(request):
        response.headers[ADVICE_HEADER] = quote(services.model.advice)
    return await STATS.call(services, arguments)


@router.get("/memories")
async def list_memories(
    services: Opened, arguments: Annotated[MemoriesArguments, Query()]
) -> MemoryPage:
    """List memories, newest first by the time of the message or of its storage."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    request = arguments.to_memories_request(caller, services.settings.timezone)
    return audited(await services.listing.list_memories(request))


@router.get(
    "/memories/{memory_id}",
    responses=_NO_MEMORY,
)
async def read_memory(
    services: Opened,
    memory_id: MemoryId,
    arguments: Annotated[DetailsArguments, Query()],
) -> MemoryDetails:
    """Return a memory with everything that is known about it.

    A forgotten memory is returned only to callers who can restore it.
    """
    forgotten = arguments.include_forgotten
    caller = current_caller(SpaceRole.WRITER if forgotten else SpaceRole.READER, arguments.space)
    whole, short = split_ids("memory_id", [memory_id])
    memory = await services.memory.read_details(
        caller.space_id, whole, short, include_forgotten=forgotten
    )
    return audited(memory.seen_by(caller.author))


@router.post(
    "/memories/{memory_id}/correct",
    responses=_NO_MEMORY,
)
async def correct_memory(
    request: Request,
    services: Opened,
    memory_id: MemoryId,
    arguments: Annotated[CorrectArguments, Body(examples=[{"content": "The class is on Monday."}])],
) -> SaveReceipt:
    """Replace the text of a memory by a new memory with the same speaker, time and tags.

    A repeated request stores nothing; `saved` is false then.
    """
    note_action("correct_memory")  # it is recorded with the save, before the route is known
    caller = replace(current_caller(SpaceRole.WRITER, arguments.space), via=_via(request))
    correction = arguments.to_correction(caller, memory_id)
    return audited(await services.memory.correct(correction))


@router.post("/memories/{memory_id}/confirm", responses=_NO_MEMORY)
async def confirm_memory(
    services: Opened, memory_id: MemoryId, arguments: Annotated[SpaceArguments, Query()]
) -> Confirmation:
    """Confirm that a memory is still valid, as of now.

    This does not change its rank. A model gets the time of the confirmation if the memory is older
    than 90 days and was not replaced.
    """
    return await _confirm(services, memory_id, arguments.space)


@router.delete("/memories/{memory_id}/confirm", responses=_NO_MEMORY)
async def unconfirm_memory(
    services: Opened, memory_id: MemoryId, arguments: Annotated[SpaceArguments, Query()]
) -> Confirmation:
    """Remove the confirmation of a memory."""
    return await _confirm(services, memory_id, arguments.space, undo=True)


async def _confirm(
    services: Services, memory_id: str, space: str | None, *, undo: bool = False
) -> Confirmation:
    """Confirm a memory of the caller's space, or with `undo` remove the confirmation.

    Raises ForbiddenError, InvalidInputError, NotFoundError, StoreError.
    """
    caller = current_caller(SpaceRole.WRITER, space)
    named = named_id("memory_id", memory_id)
    request = ConfirmRequest(named, undo, caller.space_id, caller.author)
    return audited(await services.memory.confirm(request))
