"""One message in a conversation: shown, corrected, forgotten and brought back where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.access.audit.event import note_action
from sage.access.authorization import current_caller
from sage.api.arguments import CorrectArguments, ForgetArguments
from sage.api.audited import noted
from sage.api.tools import FORGET
from sage.console.paths import place_of, session_path
from sage.console.shown import shown
from sage.domain import limits
from sage.domain.caller import SpaceRole
from sage.domain.confirming import ConfirmRequest
from sage.domain.provenance import Via
from sage.domain.validation import validate_id, validate_text

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.responses import Response

    from sage.console.visit import Visit
    from sage.domain.memories import Memory

PREFIX = "/messages/"


async def message(visit: Visit) -> Response:
    """Show one message, or the form that corrects it. Raises NotFoundError, StoreError."""
    memory = await _read(visit, visit.request.path_params["memory_id"], SpaceRole.READER)
    is_edited = "edit" in visit.request.query_params
    messages = await shown([memory], edit=memory.memory_id if is_edited else None)
    return visit.show("message.html", messages=messages)


async def correct(visit: Visit) -> Response:
    """Keep another text in the place of a message, which stays to be seen.

    Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError.
    """
    note_action("correct_memory")
    caller = replace(current_caller(SpaceRole.WRITER, visit.space), via=Via.REST)
    form = await visit.request.form()
    memory_id = str(validate_id("id", str(form.get("id", ""))))
    text = validate_text("text", str(form.get("text", "")), limits.MAX_CONTENT_CHARS)
    correction = CorrectArguments(content=text).to_correction(caller, memory_id)
    receipt = noted(await visit.services.memory.correct(correction))
    new = await _read(visit, str(receipt.memory_ids[0]), SpaceRole.READER)
    if not visit.is_partial:
        return visit.go(place_of(new))
    old = await _read(visit, memory_id, SpaceRole.READER)
    return visit.show("message.html", messages=await shown([old, new]))


async def confirm(visit: Visit) -> Response:
    """Keep that a message still holds, or take that back.

    Raises ForbiddenError, InvalidInputError, NotFoundError, StoreError.
    """
    form = await visit.request.form()
    undo = bool(form.get("undo"))
    note_action("unconfirm_memory" if undo else "confirm_memory")
    caller = current_caller(SpaceRole.WRITER, visit.space)
    memory_id = validate_id("id", str(form.get("id", "")))
    request = ConfirmRequest(memory_id, undo, caller.space_id, caller.author)
    noted(await visit.services.memory.confirm(request))
    memory = await _read(visit, str(memory_id), SpaceRole.READER)
    if not visit.is_partial:
        return visit.go(place_of(memory))
    return visit.show("message.html", messages=await shown([memory]))


async def forget(visit: Visit) -> Response:
    """Forget a message, which can be brought back.

    Raises ForbiddenError, NotFoundError, StoreError.
    """
    note_action(FORGET.name)
    form = await visit.request.form()
    memory = await _read(visit, str(form.get("id", "")), SpaceRole.WRITER)
    await _change(visit, memory.memory_id, undo=False)
    if not visit.is_partial:
        return visit.go(f"{session_path(memory.session_id)}?gone={memory.memory_id}")
    return visit.show("gone.html", gone=memory.memory_id)


async def restore(visit: Visit) -> Response:
    """Restore a message. Raises ForbiddenError, NotFoundError, StoreError."""
    note_action(FORGET.name)
    form = await visit.request.form()
    memory_id = validate_id("id", str(form.get("id", "")))
    await _change(visit, memory_id, undo=True)
    memory = await _read(visit, str(memory_id), SpaceRole.READER)
    if not visit.is_partial:
        return visit.go(place_of(memory))
    return visit.show("message.html", messages=await shown([memory]))


async def _read(visit: Visit, memory_id: str, needed: SpaceRole) -> Memory:
    caller = current_caller(needed, visit.space)
    whole_id = validate_id("id", memory_id)
    memory = await visit.services.memory.read_memory(caller.space_id, whole_id)
    return memory.seen_by(caller.author)


async def _change(visit: Visit, memory_id: UUID, *, undo: bool) -> None:
    arguments = ForgetArguments(memory_ids=[str(memory_id)], undo=undo, space=visit.space)
    await FORGET.call(visit.services, arguments)
