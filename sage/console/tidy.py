"""The pages of candidates for forgetting, and of forgotten messages, with undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sage.access.audit.event import note_entry, note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import ForgetArguments, ForgottenArguments, TidyArguments
from sage.api.audit import audited
from sage.api.tools import FORGET
from sage.domain import limits
from sage.domain.caller import SpaceRole
from sage.domain.tidying import TidyKind
from sage.domain.validation import validate_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from starlette.datastructures import FormData
    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.caller import Caller

_GROUPS, _FORGOTTEN = 20, 50
_FILTERS = ("from", "to", "by")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a form: how many messages it forgot or restored, and which."""

    forgotten: int = 0
    restored: int = 0
    ids: Sequence[str] = ()
    sessions: Sequence[tuple[str, str]] = ()
    """Conversations that were forgotten as a whole, each with the time."""


async def tidy(context: PageContext) -> Response:
    """Show the available lists. Raises ForbiddenError."""
    current_caller(SpaceRole.READER, context.space)
    note_entry(context.principal, {})
    return context.render("tidy.html", kinds=[*TidyKind])


async def tidy_list(context: PageContext) -> Response:
    """Show a page of a list. Raises InvalidInputError, ForbiddenError, StoreError."""
    asked = {**context.request.query_params, **context.request.path_params}
    return await _listed(context, asked)


async def forget_chosen(context: PageContext) -> Response:
    """Forget the selected messages of a list, and show the page with a way to undo it.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    form = await context.request.form()
    done = await _forget(context, current_caller(SpaceRole.WRITER, context.space), form)
    return await _listed(context, _asked(form), done)


async def restore_chosen(context: PageContext) -> Response:
    """Restore messages that were forgotten on a page of a list, and show that page.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    form = await context.request.form()
    done = await _undo(context, current_caller(SpaceRole.WRITER, context.space), form)
    return await _listed(context, _asked(form), done)


async def _listed(
    context: PageContext, asked: Mapping[str, str], done: Done | None = None
) -> Response:
    caller = current_caller(SpaceRole.READER, context.space)
    cursor = asked.get("cursor") or None
    arguments = TidyArguments.model_validate(
        {"limit": _GROUPS, "cursor": cursor, "space": context.space}
    )
    request = arguments.to_tidy_request(caller, asked.get("kind", ""))
    page = await context.services.tidying.page(request)
    note_ids(page.listed_ids)
    seen = _number(asked.get("seen"))
    return context.render(
        "tidy_list.html",
        kinds=[*TidyKind],
        kind=page.kind,
        kept={"cursor": cursor or "", "seen": seen or ""},
        page=audited(page),
        looked_at=seen + page.looked_at,
        chosen=asked.get("chosen", ""),
        done=done,
    )


def _asked(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")) for name in ("kind", "cursor", "seen")}


async def _forget(context: PageContext, caller: Caller, form: FormData) -> Done:
    """Forget the selection, and return what restores exactly that."""
    done = Done()
    ids = [str(one) for one in form.getlist("id")]
    for first in range(0, len(ids), limits.MAX_FORGET_IDS):
        arguments = ForgetArguments(
            memory_ids=ids[first : first + limits.MAX_FORGET_IDS], space=context.space
        )
        receipt = await FORGET.call(context.services, arguments)
        done = replace(done, forgotten=done.forgotten + receipt.forgotten, ids=ids)
    for session_id in map(str, form.getlist("session")):
        arguments = ForgetArguments(session_id=session_id, space=context.space)
        receipt = await FORGET.call(context.services, arguments)
        if not receipt.forgotten:
            continue
        wanted = ForgottenArguments(session_id=session_id, limit=1, space=context.space)
        request = wanted.to_forgotten_request(caller, context.services.settings.timezone)
        for one in (await context.services.listing.list_forgotten(request)).memories:
            moment = (session_id, one.forgotten_at.isoformat())
            done = replace(done, sessions=(*done.sessions, moment))
        done = replace(done, forgotten=done.forgotten + receipt.forgotten)
    return done


async def _undo(context: PageContext, caller: Caller, form: FormData) -> Done:
    """Restore messages, and the messages of conversations that were forgotten at one time."""
    ids = [str(one) for one in form.getlist("id")]
    restored = await _restore(context, ids)
    for session_id, moment in zip(form.getlist("session"), form.getlist("at"), strict=False):
        at = validate_time("at", str(moment))
        while some := await _forgotten_at(context, caller, str(session_id), at):
            count = await _restore(context, [str(one) for one in some])
            restored += count
            if not count:
                break
    return Done(restored=restored)


async def _restore(context: PageContext, ids: Sequence[str]) -> int:
    restored = 0
    for first in range(0, len(ids), limits.MAX_FORGET_IDS):
        some = [*ids[first : first + limits.MAX_FORGET_IDS]]
        arguments = ForgetArguments(memory_ids=some, undo=True, space=context.space)
        restored += (await FORGET.call(context.services, arguments)).restored
    return restored


async def _forgotten_at(
    context: PageContext, caller: Caller, session_id: str, at: datetime
) -> list[UUID]:
    """Return some of a conversation's messages that were forgotten at one time."""
    wanted = ForgottenArguments(
        session_id=session_id, limit=limits.MAX_PAGE_ITEMS, space=context.space
    ).to_forgotten_request(caller, context.services.settings.timezone)
    request = replace(wanted, since=at, until=at + _MOMENT)
    page = await context.services.listing.list_forgotten(request)
    return [one.memory_id for one in page.memories]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004


async def forgotten(context: PageContext) -> Response:
    """Show forgotten messages and until when they can be restored.

    Raises InvalidInputError, ForbiddenError.
    """
    return await _forgotten(context, context.request.query_params)


async def restore_forgotten(context: PageContext) -> Response:
    """Restore the message whose button was pressed, or the selected ones; show the rest.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    current_caller(SpaceRole.WRITER, context.space)
    form = await context.request.form()
    ids = [str(one) for one in form.getlist("only") or form.getlist("id")]
    restored = await _restore(context, ids)
    return await _forgotten(context, {name: str(form.get(name, "")) for name in form}, restored)


async def _forgotten(
    context: PageContext, given: Mapping[str, str], restored: int | None = None
) -> Response:
    caller = current_caller(SpaceRole.WRITER, context.space)
    asked = {name: given.get(name, "").strip() for name in _FILTERS}
    cursor = given.get("cursor") or None
    chosen = {name: value for name, value in asked.items() if value}
    wanted = ForgottenArguments.model_validate(
        {**chosen, "limit": _FORGOTTEN, "cursor": cursor, "space": context.space}
    )
    request = wanted.to_forgotten_request(caller, context.services.settings.timezone)
    page = audited(await context.services.listing.list_forgotten(request))
    return context.render(
        "forgotten.html",
        memories=page.memories,
        next_cursor=page.next_cursor,
        cursor=cursor or "",
        is_narrowed=bool(chosen),
        asked=asked,
        restored=restored,
    )
