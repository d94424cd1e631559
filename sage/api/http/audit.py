"""The audit log, for owners of spaces and whoever manages the server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from sage.access.authorization import current_manager
from sage.api.arguments import EventArguments  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.domain.audited import EventPage  # noqa: TC001 - FastAPI reads the annotation

router = APIRouter(prefix="/api/v1", tags=["access"], responses=PROBLEMS)


@router.get("/audit")
async def read_audit(services: Opened, arguments: Annotated[EventArguments, Query()]) -> EventPage:
    """List who called what, and how it ended, in the spaces that you manage, the newest first.

    One call looks at 10,000 events: a page may hold fewer than asked for while there are more.
    """
    wanted = arguments.to_request(services.settings.timezone)
    return await services.events.read(current_manager(), wanted)
