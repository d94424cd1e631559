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
    404: {
        **PROBLEMS[404],
        "description": "The session, the message in it, or the space does not exist",
    }
}


@router.get("/activity")
async def count_activity(
    services: Opened, arguments: Annotated[ActivityArguments, Query()]
) -> Activity:
    """Count the messages and conversations by day; days without any are omitted."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    request = arguments.to_request(caller, services.settings.timezone)
    return await services.listing.activity(request)


@router.get("/sessions")
async def list_sessions(
    services: Opened, arguments: Annotated[SessionsArguments, Query()]
) -> SessionPage:
    """List the conversations that match, ordered by their latest message, newest first.

    With `from` or `to`, they are ordered by their latest message on a day (UTC) in the range.
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
            description="The id of the conversation.",
            json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
        ),
    ],
    arguments: Annotated[SessionPartArguments, Query()],
) -> Session:
    """Return a page of a conversation, oldest message first, or the page around a message."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    page = arguments.to_request(caller)
    return audited(await services.listing.read_session(session_id, page, arguments.middle))


@router.get("/forgotten")
async def list_forgotten(
    services: Opened, arguments: Annotated[ForgottenArguments, Query()]
) -> ForgottenPage:
    """List the forgotten memories that the caller can restore, the latest forgotten first."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    request = arguments.to_forgotten_request(caller, services.settings.timezone)
    return audited(await services.listing.list_forgotten(request))


@router.get("/tidy/{kind}", summary="List memories to tidy up")
async def list_to_tidy(
    services: Opened,
    kind: Annotated[
        str,
        Path(
            description=(
                "The list: equal texts; texts that differ only in form; memories stored more"
                " than 90 days ago and never recalled; replaced memories; memories with secrets,"
                " which are masked in the list; or conversations without messages of a user."
            ),
            json_schema_extra={"enum": [str(kind) for kind in TidyKind]},
        ),
    ],
    arguments: Annotated[TidyArguments, Query()],
) -> TidyPage:
    """List memories that could be forgotten, from a limited part of the stored ones.

    The newest come first; pass `next_cursor` to examine more. Forget unwanted ones by their ids.
    """
    caller = current_caller(SpaceRole.READER, arguments.space)
    page = await services.tidying.page(arguments.to_tidy_request(caller, kind))
    note_ids(page.listed_ids)
    return audited(page)
