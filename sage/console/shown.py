"""Messages in a conversation: as Markdown or as they were written, with what was found."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.console.markdown import MOST_CHARS, as_html, may_grow
from sage.console.pieces import pieces_of
from sage.domain.memories import Role
from sage.retrieval.text.highlights import matches_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from sage.domain.memories import Memory

_MOST_IN_A_PAGE = 100_000
_LONG_CHARS, _LONG_LINES = 4_000, 40
_FENCED = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as it is shown: found by a search, with what it found; being corrected; or not.

    `html` is its text as Markdown, and None where it is shown as it was written, in `pieces`.
    """

    memory: Memory
    is_hit: bool
    is_edited: bool
    pieces: Sequence[tuple[str, bool]]
    html: Markup | None

    @property
    def anchor(self) -> str:
        """What its place in a page is called."""
        return f"m{self.memory.memory_id}"

    @property
    def is_long(self) -> bool:
        """Whether the beginning of it is enough until all is asked for."""
        content = self.memory.content
        return len(content) > _LONG_CHARS or content.count("\n") >= _LONG_LINES


async def shown(
    memories: Sequence[Memory], *, hit: object = None, edit: object = None, query: str = ""
) -> list[MessageView]:
    """Return messages as they are shown; in the one that is `hit`, what `query` finds is marked.

    They are made in a thread: a hostile text takes a while. `hit` and `edit` are ids.
    """
    return await asyncio.to_thread(lambda: [*_shown(memories, str(hit), str(edit), query)])


def _shown(memories: Sequence[Memory], hit: str, edit: str, query: str) -> Iterator[MessageView]:
    left = _MOST_IN_A_PAGE
    for memory in memories:
        is_hit, content = str(memory.memory_id) == hit, memory.content
        find = matches_of(query) if is_hit and query else None
        html = None
        if len(content) <= min(left, MOST_CHARS) and _is_markdown(memory):
            left -= len(content)
            html = as_html(content, find)
        matches = find(content) if find and html is None else ()
        is_edited = str(memory.memory_id) == edit
        yield MessageView(memory, is_hit, is_edited, pieces_of(content, matches), html)


def _is_markdown(memory: Memory) -> bool:
    """Return whether a message is meant as Markdown: indents of what people paste would be lost."""
    if may_grow(memory.content):
        return False
    if memory.role is Role.USER:
        return _FENCED.search(memory.content) is not None
    return memory.role is Role.ASSISTANT
