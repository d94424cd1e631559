"""The route about the caller and their rights."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from sage.access.audit.event import note_entry
from sage.access.authorization import current_principal
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.domain.me import Me  # noqa: TC001 - FastAPI reads the annotation

ABOUT_THE_CALLER: dict[int | str, dict[str, Any]] = {
    status: response for status, response in PROBLEMS.items() if status in {401, 403, 421, 429, 503}
}
"""The responses of routes that require nothing but authentication."""

router = APIRouter(prefix="/api/v1", tags=["access"], responses=ABOUT_THE_CALLER)


@router.get("/me", summary="Read the caller")
async def read_me(services: Opened) -> Me:
    """Return the identity of the caller, their spaces and rights, and the features of this Sage."""
    principal = current_principal()
    note_entry(principal, {})
    return services.introduction.introduce(principal)
