"""The page of the audit log: who called what, in the spaces that the caller manages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.authorization import current_manager
from sage.api.access import required_token
from sage.api.arguments import EventArguments
from sage.config.choices import AuditMode

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext

FILTERS = ("since", "until", "user", "token", "space", "action", "outcome")


async def audit(context: PageContext) -> Response:
    """Show a page of the audit log, the newest event first.

    Raises ForbiddenError, InvalidInputError, NoSpaceError, StoreError.
    """
    asked = {name: context.request.query_params.get(name, "").strip() for name in FILTERS}
    cursor = context.request.query_params.get("cursor") or None
    chosen = {name: value for name, value in asked.items() if value}
    settings = context.services.settings
    wanted = EventArguments.model_validate({**chosen, "cursor": cursor})
    page = await context.services.events.read(
        current_manager(), wanted.to_request(settings.timezone)
    )
    return context.render(
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
