"""The page of recalled memories, with the forms that mark them as not useful."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_caller
from sage.console.addresses import GIVEN
from sage.console.context import is_own_path
from sage.domain.caller import SpaceRole
from sage.domain.listing import PageRequest
from sage.domain.recall_log import GivenRequest, NotUsefulRequest
from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext

_LISTED = 20


async def given(context: PageContext) -> Response:
    """Show what was recalled, in a space or for a session, or what was marked.

    Raises InvalidInputError, StoreError.
    """
    asked = context.request.query_params
    caller = current_caller(SpaceRole.READER, context.space)
    place = (_LISTED, asked.get("cursor") or None, caller.space_id, caller.author)
    session, settings = asked.get("session") or None, context.services.settings.recall
    days, is_off = settings.log_days, not settings.log
    shown: dict[str, Any] = {"session": session, "days": days, "is_off": is_off}
    if "marked" in asked:
        marks = await context.services.given.list_marks(PageRequest(*place))
        note_ids(mark.memory.memory_id for mark in marks.marks)
        return context.render(
            "given.html", marks=marks.marks, next_cursor=marks.next_cursor, is_marked=True, **shown
        )
    page = await context.services.given.list_given(GivenRequest(*place, session_id=session))
    note_ids(memory.memory_id for one in page.given for memory in one.memories)
    return context.render(
        "given.html", given=page.given, next_cursor=page.next_cursor, is_marked=False, **shown
    )


async def mark(context: PageContext) -> Response:
    """Mark a memory as not useful on an occasion.

    Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError.
    """
    note_action("mark_not_useful")
    request = await _wanted(context)
    await context.services.given.mark(request)
    return await _answer(context, request, datetime.now(UTC))


async def take_back(context: PageContext) -> Response:
    """Remove such a mark. Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError."""
    note_action("take_mark_back")
    request = await _wanted(context)
    await context.services.given.unmark(request)
    return await _answer(context, request, None)


async def _wanted(context: PageContext) -> NotUsefulRequest:
    caller = current_caller(SpaceRole.WRITER, context.space)
    form = await context.request.form()
    memory_id = validate_id("id", str(form.get("id", "")))
    recall_id = validate_id("recall", str(form.get("recall", "")))
    note_ids([memory_id])
    return NotUsefulRequest(memory_id, recall_id, caller.space_id, caller.author)


async def _answer(
    context: PageContext, request: NotUsefulRequest, marked_at: datetime | None
) -> Response:
    form = await context.request.form()
    there = str(form.get("there", ""))
    if not context.is_partial:
        return context.redirect(there if is_own_path(there) else GIVEN)
    return context.render(
        "mark.html",
        recall_id=request.recall_id,
        memory_id=request.memory_id,
        marked_at=marked_at,
        back=there,
        is_changed=True,
    )
