"""Erasing a space, or what an author saved, for good; and the receipts of it."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - FastAPI reads the annotation
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from sage.access.audit.event import note_ids
from sage.access.authorization import current_manager
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    ConfirmArguments,
    ErasedAuthorArguments,
)
from sage.api.http.accounts import REFUSED
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.accounts import (  # noqa: TC001 - FastAPI reads the annotations
    Erasable,
    Erasure,
)
from sage.operations.managed_erasing import (
    erase_managed,
    preview_erasure,
    read_managed_receipt,
)
from sage.service.erasure.target import ErasureTarget

_SpaceName = Annotated[str, Path(description="The name of the space, as it is listed.")]
_Author = Annotated[str, Path(description="The author, as memories have it: a user, or a token.")]
_Within = Annotated[
    str | None, Query(description="Only in this space. Left out, in all; that takes SAGE_TOKEN.")
]

router = APIRouter(prefix="/api/v1", tags=["access"], responses=REFUSED)


@router.get("/spaces/{name}/erasure")
async def preview_erasure_of_space(services: Opened, name: _SpaceName) -> Erasable:
    """Read what would be gone if a space were erased."""
    note_ids([name])
    return await preview_erasure(services.database, current_manager(), ErasureTarget(name))


@router.delete("/spaces/{name}")
async def erase_space(
    services: Opened, name: _SpaceName, arguments: Annotated[ConfirmArguments, Query()]
) -> Erasure:
    """Delete a space for good, with its tokens; this cannot be undone.

    The space `default` is emptied. It may take minutes; if it is interrupted, call it again.
    """
    note_ids([name])
    return await erase_managed(
        services.database,
        services.settings,
        current_manager(),
        ErasureTarget(name),
        arguments.confirm,
    )


@router.get("/authors/{name}/erasure")
async def preview_erasure_of_author(
    services: Opened, name: _Author, space: _Within = None
) -> Erasable:
    """Read what would be gone if all that an author saved were erased."""
    note_ids([name])
    target = ErasureTarget(space, author=name)
    return await preview_erasure(services.database, current_manager(), target)


@router.delete("/authors/{name}")
async def erase_author(
    services: Opened, name: _Author, arguments: Annotated[ErasedAuthorArguments, Query()]
) -> Erasure:
    """Delete all that an author saved for good, in one space, or in all with their user and tokens.

    This cannot be undone. It may take minutes; if it is interrupted, call it again.
    """
    note_ids([name])
    target = ErasureTarget(arguments.space, author=name)
    return await erase_managed(
        services.database, services.settings, current_manager(), target, arguments.confirm
    )


@router.get("/receipts/{erasure_id}")
async def read_receipt(
    services: Opened,
    erasure_id: Annotated[str, Path(description="As the erasure returned it.")],
) -> Mapping[str, Any]:
    """Read the signed receipt of an erasure, to be kept; it takes SAGE_TOKEN."""
    note_ids([erasure_id])
    return await read_managed_receipt(services.settings, current_manager(), erasure_id)
