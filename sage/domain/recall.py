"""What hooks of AI clients ask for at the start of a session and before a prompt."""

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
    """What a message may state that a session begins with, by its key in the lexical index.

    A `PREFERENCE` lasts; a `WISH` is one for how its author is answered anywhere; a `DECISION` may
    also say that what was chosen is chosen no longer.
    """

    PREFERENCE = "@prefers"
    WISH = "@wishes"
    DECISION = "@decides"


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """A request of a session for what is remembered of its project, and what answers a prompt.

    An empty `query` asks for the start of a session. `known` memories are left out, and what was
    said in `session_ids`: in the session itself, and in those that it is a fork of.
    With a `file`, by its path in the project, or `commands` it asks what was stated of these.
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
        """Whether it asks about what an agent is about to change or run."""
        return bool(self.file or self.commands)

    @property
    def text(self) -> str:
        """What it asks about, in words."""
        return self.query or " ".join((self.file, *self.commands)).strip()


@dataclass(frozen=True, slots=True)
class Recalled(Answer):
    """Text for a prompt, empty where nothing fits."""

    text: str = field(metadata=doc("Text for a prompt; empty where nothing fits."))
    memory_ids: tuple[UUID, ...] = field(metadata=doc("The memories that are in it."))
    memories: tuple[RecalledMemory, ...] = field(
        default=(), metadata=internal("The same, with how likely each answers.")
    )
    relevance: Relevance | None = field(
        default=None, metadata=internal("Whether anything found answers the prompt.")
    )


@dataclass(frozen=True, slots=True)
class Captured(Answer):
    """What became of captured messages."""

    added: int = field(metadata=doc("Messages kept by this call."))
    there: int = field(metadata=doc("Messages that were kept before, or forgotten since."))


@dataclass(frozen=True, slots=True)
class SessionToForget:
    """A captured session to forget, or to restore within 30 days (`undo`).

    With `own` it is what its `author`, None for the owner of the server, saved alone.
    """

    session_id: str
    undo: bool = False
    space_id: str = DEFAULT_SPACE
    author: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class SessionTurn:
    """A message of a session: its beginning in `memory`, its `ending`, and how long it is.

    `is_answered`: it asks, and something answers it. `is_unfinished`: its agent was at work still.
    """

    memory: MemoryRecord
    message_class: MessageClass
    is_answered: bool
    chars: int
    ending: str
    is_unfinished: bool = False
