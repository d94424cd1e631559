"""The page of the audit log: who called what, in the spaces that somebody manages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.authorization import current_manager
from sage.api.access import required_token
from sage.api.arguments import EventArguments
from sage.config.choices import AuditMode

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.visit import Visit

FILTERS = ("since", "until", "user", "token", "space", "action", "outcome")


async def audit(visit: Visit) -> Response:
    """Show a page of the audit log, the newest event first.

    Raises ForbiddenError, InvalidInputError, NoSpaceError, StoreError.
    """
    asked = {name: visit.request.query_params.get(name, "").strip() for name in FILTERS}
    cursor = visit.request.query_params.get("cursor") or None
    chosen = {name: value for name, value in asked.items() if value}
    settings = visit.services.settings
    wanted = EventArguments.model_validate({**chosen, "cursor": cursor})
    page = await visit.services.events.read(current_manager(), wanted.to_request(settings.timezone))
    return visit.show(
        "audit.html",
        events=page.events,
        next_cursor=page.next_cursor,
        asked=asked,
        is_first=cursor is None,
        is_off=settings.audit.mode is AuditMode.OFF,
        is_of_tokens=settings.audit.mode is AuditMode.AUTO
        and required_token(settings.server) is None,
        days=settings.audit.days,
    )
