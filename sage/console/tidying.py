"""The pages that list what may be forgotten, and forget what is chosen of it, with undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sage.access.audit.event import note_entry, note_ids
from sage.access.authorization import current_caller
from sage.api.arguments import ForgetArguments, ForgottenArguments, TidyArguments
from sage.api.audited import noted
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

    from sage.console.visit import Visit
    from sage.domain.caller import Caller

_GROUPS = 20
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Done:
    """What a form has done: how many messages it forgot or brought back, and of which."""

    forgotten: int = 0
    restored: int = 0
    ids: Sequence[str] = ()
    sessions: Sequence[tuple[str, str]] = ()
    """Conversations that were forgotten whole, each with the moment."""


async def tidy(visit: Visit) -> Response:
    """Show which lists there are. Raises ForbiddenError."""
    current_caller(SpaceRole.READER, visit.space)
    note_entry(visit.principal, {})
    return visit.show("tidy.html", kinds=[*TidyKind])


async def tidy_list(visit: Visit) -> Response:
    """Show a page of a list. Raises InvalidInputError, ForbiddenError, StoreError."""
    asked = {**visit.request.query_params, **visit.request.path_params}
    return await _listed(visit, asked)


async def forget_chosen(visit: Visit) -> Response:
    """Forget what is chosen on a page of a list, and show that page with the way back.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    form = await visit.request.form()
    done = await _forget(visit, current_caller(SpaceRole.WRITER, visit.space), form)
    return await _listed(visit, _asked(form), done)


async def restore_chosen(visit: Visit) -> Response:
    """Restore what was forgotten on a page of a list, and show that page.

    Raises InvalidInputError, ForbiddenError, StoreError.
    """
    form = await visit.request.form()
    done = await _undo(visit, current_caller(SpaceRole.WRITER, visit.space), form)
    return await _listed(visit, _asked(form), done)


async def _listed(visit: Visit, asked: Mapping[str, str], done: Done | None = None) -> Response:
    caller = current_caller(SpaceRole.READER, visit.space)
    cursor = asked.get("cursor") or None
    arguments = TidyArguments.model_validate(
        {"limit": _GROUPS, "cursor": cursor, "space": visit.space}
    )
    request = arguments.to_tidy_request(caller, asked.get("kind", ""))
    page = await visit.services.tidying.page(request)
    note_ids(page.listed_ids)
    seen = _number(asked.get("seen"))
    return visit.show(
        "tidy_list.html",
        kinds=[*TidyKind],
        kind=page.kind,
        kept={"cursor": cursor or "", "seen": seen or ""},
        page=noted(page),
        looked_at=seen + page.looked_at,
        chosen=asked.get("chosen", ""),
        done=done,
    )


def _asked(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")) for name in ("kind", "cursor", "seen")}


async def _forget(visit: Visit, caller: Caller, form: FormData) -> Done:
    """Forget what is chosen, and return what brings back exactly that."""
    done = Done()
    ids = [str(one) for one in form.getlist("id")]
    for first in range(0, len(ids), limits.MAX_FORGET_IDS):
        arguments = ForgetArguments(
            memory_ids=ids[first : first + limits.MAX_FORGET_IDS], space=visit.space
        )
        receipt = await FORGET.call(visit.services, arguments)
        done = replace(done, forgotten=done.forgotten + receipt.forgotten, ids=ids)
    for session_id in map(str, form.getlist("session")):
        arguments = ForgetArguments(session_id=session_id, space=visit.space)
        receipt = await FORGET.call(visit.services, arguments)
        if not receipt.forgotten:
            continue
        wanted = ForgottenArguments(session_id=session_id, limit=1, space=visit.space)
        request = wanted.to_forgotten_request(caller, visit.services.settings.timezone)
        for one in (await visit.services.listing.list_forgotten(request)).memories:
            moment = (session_id, one.forgotten_at.isoformat())
            done = replace(done, sessions=(*done.sessions, moment))
        done = replace(done, forgotten=done.forgotten + receipt.forgotten)
    return done


async def _undo(visit: Visit, caller: Caller, form: FormData) -> Done:
    """Restore messages, and of conversations what was forgotten of them at a moment."""
    ids = [str(one) for one in form.getlist("id")]
    restored = await _restore(visit, ids)
    for session_id, moment in zip(form.getlist("session"), form.getlist("at"), strict=False):
        at = validate_time("at", str(moment))
        while some := await _forgotten_at(visit, caller, str(session_id), at):
            count = await _restore(visit, [str(one) for one in some])
            restored += count
            if not count:
                break
    return Done(restored=restored)


async def _restore(visit: Visit, ids: Sequence[str]) -> int:
    restored = 0
    for first in range(0, len(ids), limits.MAX_FORGET_IDS):
        some = [*ids[first : first + limits.MAX_FORGET_IDS]]
        arguments = ForgetArguments(memory_ids=some, undo=True, space=visit.space)
        restored += (await FORGET.call(visit.services, arguments)).restored
    return restored


async def _forgotten_at(visit: Visit, caller: Caller, session_id: str, at: datetime) -> list[UUID]:
    """Return some of what was forgotten of a conversation at a moment."""
    wanted = ForgottenArguments(
        session_id=session_id, limit=limits.MAX_PAGE_ITEMS, space=visit.space
    ).to_forgotten_request(caller, visit.services.settings.timezone)
    request = replace(wanted, since=at, until=at + _MOMENT)
    page = await visit.services.listing.list_forgotten(request)
    return [one.memory_id for one in page.memories]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004
