"""Requests of hooks of AI clients at the start of a session and before a prompt."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - beside UUID, which pydantic reads
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.answer import Answer, doc, internal
from sage.domain.memories import DEFAULT_SPACE, MemoryRecord
from sage.domain.recall_log import RecalledMemory
from sage.domain.relevance import Relevance

if TYPE_CHECKING:
    from sage.domain.message_class import MessageClass

START_TOKENS = 1_500
PROMPT_TOKENS = 350
EDIT_TOKENS = 150


class Stated(StrEnum):
    """What a message may state that is recalled at the start of sessions, by its lexical index key.

    A `PREFERENCE` lasts; a `WISH` is a preference for answers to its author, in any project; a
    `DECISION` may also revoke an earlier one.
    """

    PREFERENCE = "@prefers"
    WISH = "@wishes"
    DECISION = "@decides"


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """A request of a session for memories of its project, or for those that answer a prompt.

    An empty `query` requests the start of a session. `known` memories are left out, and so are the
    messages of `session_ids`: the session itself, and those from which it was forked. With a
    `file`, by its path in the project, or `commands` it requests statements about these.
    """

    session_ids: Sequence[str]
    project: str
    query: str = ""
    known: Sequence[UUID] = ()
    space_id: str = DEFAULT_SPACE
    reader: str | None = None
    file: str = ""
    commands: Sequence[str] = ()

    @property
    def is_edit(self) -> bool:
        """Whether it is about a file that an agent is about to change, or commands it will run."""
        return bool(self.file or self.commands)

    @property
    def text(self) -> str:
        """Its subject, in words."""
        return self.query or " ".join((self.file, *self.commands)).strip()


@dataclass(frozen=True, slots=True)
class Recalled(Answer):
    """Text for a prompt, empty if nothing is relevant."""

    text: str = field(metadata=doc("Text for a prompt; empty if nothing is relevant."))
    memory_ids: tuple[UUID, ...] = field(metadata=doc("The ids of the memories in the text."))
    memories: tuple[RecalledMemory, ...] = field(
        default=(), metadata=internal("The same, with how likely each answers.")
    )
    relevance: Relevance | None = field(
        default=None, metadata=internal("Whether anything found answers the prompt.")
    )


@dataclass(frozen=True, slots=True)
class Captured(Answer):
    """The outcome of capturing messages."""

    added: int = field(metadata=doc("The number of messages stored by this call."))
    there: int = field(
        metadata=doc("The number of messages that were already stored, or forgotten since.")
    )


@dataclass(frozen=True, slots=True)
class SessionToForget:
    """A captured session to forget, or to restore within 30 days (`undo`).

    With `own` only the messages that its `author`, None for the owner of the server, saved.
    """

    session_id: str
    undo: bool = False
    space_id: str = DEFAULT_SPACE
    author: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class SessionTurn:
    """A message of a session: its beginning in `memory`, its `ending`, and its length.

    `is_answered`: it asks, and has an answer. `is_unfinished`: its agent was still at work.
    """

    memory: MemoryRecord
    message_class: MessageClass
    is_answered: bool
    chars: int
    ending: str
    is_unfinished: bool = False
