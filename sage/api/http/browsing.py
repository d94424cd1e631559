"""Routes to browse memories by day and by conversation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from sage.access.audit.event import note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    ActivityArguments,
    ForgottenArguments,
    SessionPartArguments,
    SessionsArguments,
    TidyArguments,
)
from sage.api.audit import audited
from sage.api.http.dependencies import (
    Opened,
    require_same_configuration,
)
from sage.api.http.rest import PROBLEMS
from sage.domain import limits
from sage.domain.activity import Activity  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.caller import SpaceRole
from sage.domain.listing import (  # noqa: TC001 - FastAPI reads the annotations
    ForgottenPage,
    Session,
    SessionPage,
)
from sage.domain.tidying import TidyKind, TidyPage

router = APIRouter(
    prefix="/api/v1",
    tags=["browsing"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)

_NO_SESSION: dict[int | str, dict[str, Any]] = {
    404: {**PROBLEMS[404], "description": "There is no such session, message in it, or space"}
}


@router.get("/activity")
async def count_activity(
    services: Opened, arguments: Annotated[ActivityArguments, Query()]
) -> Activity:
    """Count the messages and conversations of each day; those without any are left out."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    request = arguments.to_request(caller, services.settings.timezone)
    return await services.listing.activity(request)


@router.get("/sessions")
async def list_sessions(
    services: Opened, arguments: Annotated[SessionsArguments, Query()]
) -> SessionPage:
    """List the conversations that fit, the one with the latest message first, page by page.

    Between two times, each has its place by its latest message on a day (UTC) that fits.
    """
    caller = current_caller(SpaceRole.READER, arguments.space)
    request = arguments.to_sessions_request(caller, services.settings.timezone)
    return audited(await services.listing.list_sessions(request))


@router.get("/sessions/{session_id:path}", responses=_NO_SESSION)
async def read_session(
    services: Opened,
    session_id: Annotated[
        str,
        Path(
            description="As save returned it.",
            json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
        ),
    ],
    arguments: Annotated[SessionPartArguments, Query()],
) -> Session:
    """Read a conversation in its order, one page at a time, or the page around a message."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    page = arguments.to_request(caller)
    return audited(await services.listing.read_session(session_id, page, arguments.middle))


@router.get("/forgotten")
async def list_forgotten(
    services: Opened, arguments: Annotated[ForgottenArguments, Query()]
) -> ForgottenPage:
    """List what was forgotten and can be brought back, by whoever may do so; the latest first."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    request = arguments.to_forgotten_request(caller, services.settings.timezone)
    return audited(await services.listing.list_forgotten(request))


@router.get("/tidy/{kind}")
async def list_to_tidy(
    services: Opened,
    kind: Annotated[
        str,
        Path(
            description="Equal texts; texts that differ in their form; what was kept 90 days ago"
            " and never handed out since; what was replaced; what holds secrets, which are masked"
            " in the list; conversations without a user.",
            json_schema_extra={"enum": [str(kind) for kind in TidyKind]},
        ),
    ],
    arguments: Annotated[TidyArguments, Query()],
) -> TidyPage:
    """List what may be forgotten, from a bounded part of what is kept.

    The newest first; `next_cursor` looks further. Forget what is not wanted by its ids.
    """
    caller = current_caller(SpaceRole.READER, arguments.space)
    page = await services.tidying.page(arguments.to_tidy_request(caller, kind))
    note_ids(page.listed_ids)
    return audited(page)
