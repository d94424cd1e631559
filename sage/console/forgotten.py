"""The page of what is forgotten: until when it can be brought back, and the way to do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.authorization import current_caller
from sage.api.arguments import ForgetArguments, ForgottenArguments
from sage.api.audited import noted
from sage.api.tools import FORGET
from sage.domain.caller import SpaceRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from sage.console.visit import Visit

FILTERS = ("from", "to", "by")
_LISTED = 50


async def forgotten(visit: Visit) -> Response:
    """Show what is forgotten and until when. Raises InvalidInputError, ForbiddenError."""
    return await _listed(visit, visit.request.query_params)


async def restore_forgotten(visit: Visit) -> Response:
    """Restore the one whose button was pressed, or those that are chosen; show what is left.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    current_caller(SpaceRole.WRITER, visit.space)
    form = await visit.request.form()
    ids = [str(one) for one in form.getlist("only") or form.getlist("id")]
    restored = 0
    if ids:
        arguments = ForgetArguments(memory_ids=ids, undo=True, space=visit.space)
        restored = (await FORGET.call(visit.services, arguments)).restored
    return await _listed(visit, {name: str(form.get(name, "")) for name in form}, restored)


async def _listed(visit: Visit, given: Mapping[str, str], restored: int | None = None) -> Response:
    caller = current_caller(SpaceRole.WRITER, visit.space)
    asked = {name: given.get(name, "").strip() for name in FILTERS}
    cursor = given.get("cursor") or None
    chosen = {name: value for name, value in asked.items() if value}
    wanted = ForgottenArguments.model_validate(
        {**chosen, "limit": _LISTED, "cursor": cursor, "space": visit.space}
    )
    request = wanted.to_forgotten_request(caller, visit.services.settings.timezone)
    page = noted(await visit.services.listing.list_forgotten(request))
    return visit.show(
        "forgotten.html",
        memories=page.memories,
        next_cursor=page.next_cursor,
        cursor=cursor or "",
        is_narrowed=bool(chosen),
        asked=asked,
        restored=restored,
    )
