"""Weeks of people who work with coding agents, with annotated messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


class StoryKind(StrEnum):
    """The kind of a message.

    Prompts of people are tasks, facts, decisions, preferences, questions, or none of these
    (`TALK`). The last text of an answer contains findings, an answer, a wrong answer, a non-answer
    or an acknowledgement; all texts before it are remarks.
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
    """How a session begins, as clients report it: as a new one, resumed, or forked from another."""

    ANEW = "startup"
    RESUMED = "resume"
    FORKED = "fork"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A message, the things it is `about`, and the values of the `facts` it states, by key.

    `leaves_open` is the part of the text that says what was not done.
    """

    kind: StoryKind
    text: str
    about: frozenset[str] = frozenset()
    facts: tuple[tuple[str, str], ...] = ()
    leaves_open: str = ""


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """A prompt and its answer, None if it was interrupted.

    `needs` are the keys of the facts that the prompt asks for or needs. A turn that is `taken_back`
    is replaced by the following one.
    """

    prompt: StoryLine
    remarks: tuple[str, ...] = ()
    answer: StoryLine | None = None
    needs: tuple[str, ...] = ()
    taken_back: bool = False

    def lines(self) -> Iterator[StoryLine]:
        """Yield all messages in order."""
        yield self.prompt
        for remark in self.remarks:
            yield StoryLine(StoryKind.REMARK, remark, self.prompt.about)
        if self.answer is not None:
            yield self.answer


@dataclass(frozen=True, slots=True)
class StorySession:
    """A session of a person with a client on a project, and the one it resumes or forks.

    `week` counts from 1. `origin` is empty for a new session.
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
        """Return its id in the client."""
        return str(uuid5(NAMESPACE_URL, f"agents:{self.name}"))

    def key(self, turn: int, line: int) -> str:
        """Return the id of a message in the client, by the index of the turn and the message."""
        return str(uuid5(NAMESPACE_URL, f"agents:{self.name}:{turn}:{line}"))


@dataclass(frozen=True, slots=True)
class Story:
    """Sessions in chronological order, and the language of each person."""

    name: str
    people: Mapping[str, str]
    sessions: tuple[StorySession, ...]

    @property
    def weeks(self) -> int:
        """Return the number of weeks."""
        return max(session.week for session in self.sessions)

    def until(self, week: int) -> Story:
        """Return the story up to and including a week."""
        sessions = tuple(one for one in self.sessions if one.week <= week)
        return Story(self.name, self.people, sessions)

    def messages(self) -> int:
        """Return the number of messages."""
        return sum(len([*turn.lines()]) for session in self.sessions for turn in session.turns)

    def remarks(self) -> int:
        """Return the number of remarks."""
        return sum(len(turn.remarks) for session in self.sessions for turn in session.turns)
