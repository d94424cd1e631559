"""Routes for the recall log, and for marks of memories as not useful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    GivenArguments,
    PageArguments,
    SpaceArguments,
)
from sage.api.http.dependencies import (
    MemoryId,
    Opened,
    require_same_configuration,
)
from sage.api.http.rest import PROBLEMS
from sage.domain.caller import SpaceRole
from sage.domain.ids import named_id
from sage.domain.recall_log import (
    GivenPage,
    NotUsefulPage,
    NotUsefulReceipt,
    NotUsefulRequest,
)
from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sage.domain.recall_log import GivenMemory

LATEST = "latest"
"""Stands for the latest occasion, in place of an id."""

router = APIRouter(
    prefix="/api/v1",
    tags=["given"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)

_NOT_GIVEN: dict[int | str, dict[str, Any]] = {
    404: {
        **PROBLEMS[404],
        "description": "The occasion, the memory in it, or the space does not exist",
    }
}
_RecallId = Annotated[
    str, Path(description=f"The id of the occasion; `{LATEST}` for the latest one.")
]


@router.get("/given", summary="List recalls")
async def list_given(services: Opened, arguments: Annotated[GivenArguments, Query()]) -> GivenPage:
    """List the occasions on which hooks and tools recalled memories, newest first.

    They are stored for SAGE_RECALL_LOG_DAYS, without the text of questions. The session is known
    for hooks, but not for tools.
    """
    caller = current_caller(SpaceRole.READER, arguments.space)
    request = arguments.to_given_request(caller, services.settings.timezone)
    page = await services.given.list_given(request)
    _note(memory for one in page.given for memory in one.memories)
    return page


@router.get("/not-useful")
async def list_not_useful(
    services: Opened, arguments: Annotated[PageArguments, Query()]
) -> NotUsefulPage:
    """List the memories that were marked as not useful on an occasion, latest mark first."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    page = await services.given.list_marks(arguments.to_request(caller))
    _note(mark.memory for mark in page.marks)
    return page


@router.post("/given/{recall_id}/not-useful/{memory_id}", responses=_NOT_GIVEN)
async def mark_not_useful(
    services: Opened,
    recall_id: _RecallId,
    memory_id: MemoryId,
    arguments: Annotated[SpaceArguments, Query()],
) -> NotUsefulReceipt:
    """Mark a memory as not useful on an occasion on which it was recalled.

    For questions that share most words with that of the occasion, it is now always ranked last, and
    hooks omit it. If the occasion was the start of a session, it is no longer recalled at the start
    of sessions in that project.
    """
    note_action("mark_not_useful")
    request = _request(arguments, recall_id, memory_id)
    receipt = await services.given.mark(request)
    note_ids([receipt.memory_id])
    return receipt


@router.delete(
    "/given/{recall_id}/not-useful/{memory_id}",
    responses=_NOT_GIVEN,
    summary="Unmark not useful",
)
async def take_mark_back(
    services: Opened,
    recall_id: _RecallId,
    memory_id: MemoryId,
    arguments: Annotated[SpaceArguments, Query()],
) -> NotUsefulReceipt:
    """Remove the mark that a memory was not useful on an occasion."""
    note_action("take_mark_back")
    request = _request(arguments, recall_id, memory_id)
    receipt = await services.given.unmark(request)
    note_ids([receipt.memory_id])
    return receipt


def _request(arguments: SpaceArguments, recall_id: str, memory_id: str) -> NotUsefulRequest:
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    occasion: UUID | None = None
    if recall_id != LATEST:
        occasion = validate_id("recall_id", recall_id)
    return NotUsefulRequest(
        named_id("memory_id", memory_id), occasion, caller.space_id, caller.author
    )


def _note(memories: Iterable[GivenMemory]) -> None:
    note_ids(memory.memory_id for memory in memories)
