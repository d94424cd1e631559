"""Messages as rendered by pages, and the page of one message, with the forms that change it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.access.audit.event import note_action
from sage.access.authorization import current_caller
from sage.api.arguments import CorrectArguments, ForgetArguments
from sage.api.audit import audited
from sage.api.tools import FORGET
from sage.console.addresses import message_path, session_path
from sage.console.markdown import MAX_CHARS, as_html, may_grow
from sage.domain import limits
from sage.domain.caller import SpaceRole
from sage.domain.confirming import ConfirmRequest
from sage.domain.memories import Role
from sage.domain.provenance import Via
from sage.domain.validation import validate_id, validate_text
from sage.retrieval.text.highlights import matches_of, split_at_matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from markupsafe import Markup
    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.memories import Memory

_MAX_PAGE_CHARS = 100_000
_LONG_CHARS, _LONG_LINES = 4_000, 40
_FENCED = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message on a page: one found by a search, one being corrected, or neither.

    `html` is its text as Markdown, None if it is shown as plain text in `pieces`.
    """

    memory: Memory
    is_hit: bool
    is_edited: bool
    pieces: Sequence[tuple[str, bool]]
    html: Markup | None

    @property
    def anchor(self) -> str:
        """The anchor of its place in a page."""
        return f"m{self.memory.memory_id}"

    @property
    def is_long(self) -> bool:
        """Whether only its beginning is shown at first."""
        content = self.memory.content
        return len(content) > _LONG_CHARS or content.count("\n") >= _LONG_LINES


async def render_messages(
    memories: Sequence[Memory], *, hit: object = None, edit: object = None, query: str = ""
) -> list[MessageView]:
    """Return messages for a page, with the matches of `query` highlighted in `hit`.

    They are rendered in a thread, since a hostile text takes a while. `hit` and `edit` are ids.
    """
    return await asyncio.to_thread(lambda: [*_rendered(memories, str(hit), str(edit), query)])


def _rendered(memories: Sequence[Memory], hit: str, edit: str, query: str) -> Iterator[MessageView]:
    left = _MAX_PAGE_CHARS
    for memory in memories:
        is_hit, content = str(memory.memory_id) == hit, memory.content
        find = matches_of(query) if is_hit and query else None
        html = None
        if len(content) <= min(left, MAX_CHARS) and _is_markdown(memory):
            left -= len(content)
            html = as_html(content, find)
        matches = find(content) if find and html is None else ()
        is_edited = str(memory.memory_id) == edit
        yield MessageView(memory, is_hit, is_edited, split_at_matches(content, matches), html)


def _is_markdown(memory: Memory) -> bool:
    """Return whether a message is Markdown; otherwise the indents of pasted text would be lost."""
    if may_grow(memory.content):
        return False
    if memory.role is Role.USER:
        return _FENCED.search(memory.content) is not None
    return memory.role is Role.ASSISTANT


PREFIX = "/messages/"


async def message(context: PageContext) -> Response:
    """Show one message, or the form that corrects it. Raises NotFoundError, StoreError."""
    memory = await _read(context, context.request.path_params["memory_id"], SpaceRole.READER)
    is_edited = "edit" in context.request.query_params
    messages = await render_messages([memory], edit=memory.memory_id if is_edited else None)
    return context.render("message.html", messages=messages)


async def correct(context: PageContext) -> Response:
    """Replace the text of a message; the old one remains visible.

    Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError.
    """
    note_action("correct_memory")
    caller = replace(current_caller(SpaceRole.WRITER, context.space), via=Via.REST)
    form = await context.request.form()
    memory_id = str(validate_id("id", str(form.get("id", ""))))
    text = validate_text("text", str(form.get("text", "")), limits.MAX_CONTENT_CHARS)
    correction = CorrectArguments(content=text).to_correction(caller, memory_id)
    receipt = audited(await context.services.memory.correct(correction))
    new = await _read(context, str(receipt.memory_ids[0]), SpaceRole.READER)
    if not context.is_partial:
        return context.redirect(message_path(new))
    old = await _read(context, memory_id, SpaceRole.READER)
    return context.render("message.html", messages=await render_messages([old, new]))


async def confirm(context: PageContext) -> Response:
    """Confirm that a message is still true, or withdraw that.

    Raises ForbiddenError, InvalidInputError, NotFoundError, StoreError.
    """
    form = await context.request.form()
    undo = bool(form.get("undo"))
    note_action("unconfirm_memory" if undo else "confirm_memory")
    caller = current_caller(SpaceRole.WRITER, context.space)
    memory_id = validate_id("id", str(form.get("id", "")))
    request = ConfirmRequest(memory_id, undo, caller.space_id, caller.author)
    audited(await context.services.memory.confirm(request))
    memory = await _read(context, str(memory_id), SpaceRole.READER)
    if not context.is_partial:
        return context.redirect(message_path(memory))
    return context.render("message.html", messages=await render_messages([memory]))


async def forget(context: PageContext) -> Response:
    """Forget a message, which can be restored.

    Raises ForbiddenError, NotFoundError, StoreError.
    """
    note_action(FORGET.name)
    form = await context.request.form()
    memory = await _read(context, str(form.get("id", "")), SpaceRole.WRITER)
    await _change(context, memory.memory_id, undo=False)
    if not context.is_partial:
        return context.redirect(f"{session_path(memory.session_id)}?gone={memory.memory_id}")
    return context.render("gone.html", gone=memory.memory_id)


async def restore(context: PageContext) -> Response:
    """Restore a message. Raises ForbiddenError, NotFoundError, StoreError."""
    note_action(FORGET.name)
    form = await context.request.form()
    memory_id = validate_id("id", str(form.get("id", "")))
    await _change(context, memory_id, undo=True)
    memory = await _read(context, str(memory_id), SpaceRole.READER)
    if not context.is_partial:
        return context.redirect(message_path(memory))
    return context.render("message.html", messages=await render_messages([memory]))


async def _read(context: PageContext, memory_id: str, needed: SpaceRole) -> Memory:
    caller = current_caller(needed, context.space)
    whole_id = validate_id("id", memory_id)
    memory = await context.services.memory.read_memory(caller.space_id, whole_id)
    return memory.seen_by(caller.author)


async def _change(context: PageContext, memory_id: UUID, *, undo: bool) -> None:
    arguments = ForgetArguments(memory_ids=[str(memory_id)], undo=undo, space=context.space)
    await FORGET.call(context.services, arguments)
