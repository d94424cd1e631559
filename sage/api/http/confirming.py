"""That a memory still holds: said, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from sage.access.authorization import current_caller
from sage.api.arguments import SpaceArguments  # noqa: TC001 - FastAPI reads the annotation
from sage.api.audited import noted
from sage.api.http.command_line import require_same_configuration
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.domain.caller import SpaceRole
from sage.domain.confirming import Confirmation, ConfirmRequest
from sage.domain.short_ids import named_id

if TYPE_CHECKING:
    from sage.bootstrap import Services

router = APIRouter(
    prefix="/api/v1",
    tags=["memory"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)

_NO_MEMORY: dict[int | str, dict[str, Any]] = {
    404: {**PROBLEMS[404], "description": "There is no such memory or space"}
}
_Id = Annotated[str, Path(description="Whole, or its last 8 digits.")]


@router.post("/memories/{memory_id}/confirm", responses=_NO_MEMORY)
async def confirm_memory(
    services: Opened, memory_id: _Id, arguments: Annotated[SpaceArguments, Query()]
) -> Confirmation:
    """Keep that a memory still holds, as of now.

    Nothing ranks higher for it. Of a memory that is older than 90 days, and that no later one
    replaces, a model is told when somebody said so.
    """
    return await confirm(services, memory_id, arguments.space)


@router.delete("/memories/{memory_id}/confirm", responses=_NO_MEMORY)
async def unconfirm_memory(
    services: Opened, memory_id: _Id, arguments: Annotated[SpaceArguments, Query()]
) -> Confirmation:
    """Withdraw that a memory still holds."""
    return await confirm(services, memory_id, arguments.space, undo=True)


async def confirm(
    services: Services, memory_id: str, space: str | None, *, undo: bool = False
) -> Confirmation:
    """Confirm a memory of the caller's space, or with `undo` take that back.

    Raises ForbiddenError, InvalidInputError, NotFoundError, StoreError.
    """
    caller = current_caller(SpaceRole.WRITER, space)
    named = named_id("memory_id", memory_id)
    request = ConfirmRequest(named, undo, caller.space_id, caller.author)
    return noted(await services.memory.confirm(request))
