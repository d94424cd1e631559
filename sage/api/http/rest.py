"""The REST twins of the tools: same arguments, same results, errors as problem details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from sage.access.authorization import current_caller
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    ContextArguments,
    ForgetArguments,
    PageArguments,
    SaveArguments,
    SearchArguments,
    SpaceArguments,
)
from sage.api.audited import noted
from sage.api.http.command_line import is_by_command_line, require_same_configuration
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.problems import ProblemDetails
from sage.api.tools import CONTEXT, FORGET, SAVE, SEARCH, STATS
from sage.clients.data_dir.server_socket import ADVICE_HEADER
from sage.domain.caller import SpaceRole
from sage.domain.gathering import ContextAnswer  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.listing import MemoryPage, PageRequest  # noqa: TC001 - FastAPI reads them
from sage.domain.memories import (  # noqa: TC001 - FastAPI reads the annotations
    ForgetReceipt,
    Memory,
    MemoryStats,
    SaveReceipt,
)
from sage.domain.provenance import Via
from sage.domain.searching import SearchAnswer  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from sage.api.tools import Tool

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

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is no JSON object in UTF-8", **_PROBLEM},
    401: {"description": "Authentication required", **_PROBLEM},
    403: {"description": "The token does not allow it, or the Origin is not trusted", **_PROBLEM},
    404: {"description": "There is no such space, or none that the token opens", **_PROBLEM},
    408: {"description": "The body did not arrive in time", **_PROBLEM},
    413: {"description": "The body is larger than 1 MiB or holds too many values", **_PROBLEM},
    421: {"description": "The Host header names a host name that is not allowed", **_PROBLEM},
    422: {"description": "An argument is wrong; `field` names it", **_PROBLEM},
    429: {"description": "Too many requests; `Retry-After` says how long to wait", **_PROBLEM},
    503: {"description": "The database does not answer; try again", **_PROBLEM},
}

OF_THE_SERVER: dict[int | str, dict[str, Any]] = {
    **{status: PROBLEMS[status] for status in (401, 421, 422, 429, 503)},
    403: {"description": "It is about the whole server, and takes SAGE_TOKEN", **_PROBLEM},
}
"""What is answered where something is about the whole server."""

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "The idempotency key was used for another save", **_PROBLEM}
}

router = APIRouter(
    prefix="/api/v1",
    tags=["memory"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)


def _wanted(page: PageArguments) -> PageRequest:
    return page.to_request(current_caller(SpaceRole.READER, page.space))


def _described(tool: Tool[Any, Any]) -> dict[str, Any]:
    return {"operation_id": tool.name, "summary": tool.title, "description": tool.description}


@router.post("/conversations", **_described(SAVE), responses=CONFLICT)
async def save_conversation(
    request: Request,
    services: Opened,
    arguments: Annotated[SaveArguments, Body(openapi_examples=_EXAMPLES)],
) -> SaveReceipt:
    """Twin of the tool save_conversation."""
    via = Via.CLI if is_by_command_line(request) else Via.REST
    return await SAVE.call(services, arguments, via)


@router.post("/search", **_described(SEARCH))
async def search_memory(
    services: Opened,
    arguments: Annotated[
        SearchArguments, Body(examples=[{"query": "Which nuts must I avoid?", "n": 5}])
    ],
) -> SearchAnswer:
    """Twin of the tool search_memory."""
    return await SEARCH.call(services, arguments)


@router.post("/context", **_described(CONTEXT))
async def get_context(
    services: Opened,
    arguments: Annotated[
        ContextArguments, Body(examples=[{"query": "dinner plans", "context_window": 1000}])
    ],
) -> ContextAnswer:
    """Twin of the tool get_context."""
    return await CONTEXT.call(services, arguments)


@router.post("/forget", **_described(FORGET))
async def forget_memory(
    services: Opened,
    arguments: Annotated[ForgetArguments, Body(examples=[{"session_id": "kitchen"}])],
) -> ForgetReceipt:
    """Twin of the tool forget_memory."""
    return await FORGET.call(services, arguments)


@router.get("/stats", **_described(STATS))
async def get_memory_stats(
    request: Request,
    response: Response,
    services: Opened,
    arguments: Annotated[SpaceArguments, Query()],
) -> MemoryStats:
    """Twin of the tool get_memory_stats."""
    if is_by_command_line(request):
        response.headers[ADVICE_HEADER] = quote(services.model.advice)
    return await STATS.call(services, arguments)


@router.get("/memories")
async def list_memories(services: Opened, page: Annotated[PageArguments, Query()]) -> MemoryPage:
    """List the memories, the newest first, one page at a time."""
    return noted(await services.listing.list_memories(_wanted(page)))


@router.get(
    "/memories/{memory_id}",
    responses={404: {"description": "There is no such memory or space", **_PROBLEM}},
)
async def read_memory(
    services: Opened,
    memory_id: Annotated[
        str,
        Path(description="As save or search returned it.", json_schema_extra={"format": "uuid"}),
    ],
    arguments: Annotated[SpaceArguments, Query()],
) -> Memory:
    """Read one memory with its metadata."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    whole_id = validate_id("memory_id", memory_id)
    memory = await services.memory.read_memory(caller.space_id, whole_id)
    return noted(memory.seen_by(caller.author))
