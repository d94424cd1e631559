"""Weeks of people who work with coding agents: what is said, and what of it is worth recalling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


class StoryKind(StrEnum):
    """What a message is.

    People set tasks, state facts, decisions and preferences, ask questions, or say what is nothing
    of these (`TALK`). The last text of an answer is what was found, an answer, a wrong one, a
    non-answer or an acknowledgement; all texts before it are remarks.
    """

    TASK = "task"
    FACT = "fact"
    DECISION = "decision"
    PREFERENCE = "preference"
    QUESTION = "question"
    TALK = "talk"
    FOUND = "found"
    ANSWER = "answer"
    WRONG = "wrong"
    NON_ANSWER = "non-answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    REMARK = "remark"


class Begins(StrEnum):
    """How a session begins, as clients report it: anew, or where another one was."""

    ANEW = "startup"
    RESUMED = "resume"
    FORKED = "fork"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A message: `about` are the things it is about, `facts` their values by their keys.

    `leaves_open` is the part of the text that says what was not done.
    """

    kind: StoryKind
    text: str
    about: frozenset[str] = frozenset()
    facts: tuple[tuple[str, str], ...] = ()
    leaves_open: str = ""


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """A prompt and what was answered, nothing where it was interrupted.

    `wants` are the keys of the facts that the prompt asks for or needs. What is `taken_back` is
    followed by another prompt in its place.
    """

    prompt: StoryLine
    remarks: tuple[str, ...] = ()
    answer: StoryLine | None = None
    wants: tuple[str, ...] = ()
    taken_back: bool = False

    def lines(self) -> Iterator[StoryLine]:
        """Yield all messages in their order."""
        yield self.prompt
        for remark in self.remarks:
            yield StoryLine(StoryKind.REMARK, remark, self.prompt.about)
        if self.answer is not None:
            yield self.answer


@dataclass(frozen=True, slots=True)
class StorySession:
    """A session of a person with a client on a project; `origin` is the one it resumes or forks.

    `week` counts from 1.
    """

    name: str
    week: int
    began_at: datetime
    person: str
    client: str
    project: str
    turns: tuple[StoryTurn, ...]
    begins: Begins = Begins.ANEW
    origin: str = ""

    @property
    def session_id(self) -> str:
        """Return the id that the client has for it."""
        return str(uuid5(NAMESPACE_URL, f"agents:{self.name}"))

    def key(self, turn: int, line: int) -> str:
        """Return the id that the client has for a message, by the numbers of turn and message."""
        return str(uuid5(NAMESPACE_URL, f"agents:{self.name}:{turn}:{line}"))


@dataclass(frozen=True, slots=True)
class Story:
    """Sessions in their order, and the language of each person."""

    name: str
    people: Mapping[str, str]
    sessions: tuple[StorySession, ...]

    @property
    def weeks(self) -> int:
        """Return how many weeks it lasts."""
        return max(session.week for session in self.sessions)

    def until(self, week: int) -> Story:
        """Return its first weeks."""
        sessions = tuple(one for one in self.sessions if one.week <= week)
        return Story(self.name, self.people, sessions)

    def messages(self) -> int:
        """Count the messages."""
        return sum(len([*turn.lines()]) for session in self.sessions for turn in session.turns)

    def remarks(self) -> int:
        """Count the remarks among them."""
        return sum(len(turn.remarks) for session in self.sessions for turn in session.turns)
