"""The messages to store: facts among small talk, and repeated questions about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from benchmarks.echoes.facts import PHRASES
from sage.domain.memories import Message, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.echoes.facts import Fact

_BEGAN_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
_BETWEEN_SESSIONS = timedelta(minutes=7)
_BETWEEN_TURNS = timedelta(seconds=20)
_OTHER_WORDS = 3
"""Number of paraphrases of each question."""


class Part(StrEnum):
    """The role of a message with regard to the fact that it is about."""

    FACT = "fact"
    RIGHT = "right answer"
    CORRECTION = "correction"
    WRONG = "wrong answer"
    QUESTION = "question"
    NON_ANSWER = "non-answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    SMALL_TALK = "small talk"


ECHOES = frozenset({Part.QUESTION, Part.NON_ANSWER, Part.ACKNOWLEDGEMENT})
ANSWERS = frozenset({Part.FACT, Part.RIGHT, Part.CORRECTION})


class Reply(StrEnum):
    """How a question is answered."""

    NOTHING = "no answer"
    CORRECTED = "a wrong one, corrected"
    RIGHT = "the right one"


class Words(StrEnum):
    """Whether a question is asked in the same words or paraphrased."""

    SAME = "in the same words"
    OTHER = "in other words"


Manner: TypeAlias = tuple[Reply, Words]
"""How a question is answered and asked."""


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message, its part, and the number of the fact that it is about, None without one."""

    part: Part
    message: Message
    fact: int | None = None


class Clock:
    """A source of session times, each later than the one before."""

    def __init__(self) -> None:
        self._sessions = 0

    def session(
        self, turns: Sequence[tuple[Part, Role, str]], fact: int | None
    ) -> list[LabelledMessage]:
        """Return the messages of the next session."""
        self._sessions += 1
        began_at = _BEGAN_AT + self._sessions * _BETWEEN_SESSIONS
        return [
            LabelledMessage(part, Message(role, text, None, began_at + at * _BETWEEN_TURNS), fact)
            for at, (part, role, text) in enumerate(turns)
        ]


def statement_sessions(facts: Sequence[Fact], clock: Clock) -> Iterator[list[LabelledMessage]]:
    """Yield a session for each fact: statement, acknowledgement, and small talk in every third."""
    for number, fact in enumerate(facts):
        turns = [
            (Part.FACT, Role.USER, fact.text),
            (Part.ACKNOWLEDGEMENT, Role.ASSISTANT, fact.phrase("acknowledgements", number)),
        ]
        if number % 3 == 0:
            talk = PHRASES[fact.language]["small_talk"]
            at = 2 * (number % (len(talk) // 2))
            turns[:0] = [
                (Part.SMALL_TALK, Role.USER, talk[at]),
                (Part.SMALL_TALK, Role.ASSISTANT, talk[at + 1]),
            ]
        yield clock.session(turns, number)


def question_session(
    fact: Fact, number: int, time: int, manner: Manner, clock: Clock
) -> list[LabelledMessage]:
    """Return the session in which a fact is asked about for the `time`-th time."""
    reply, words = manner
    way = 1 + time % _OTHER_WORDS if words is Words.OTHER else 0
    turns = [(Part.QUESTION, Role.USER, fact.wordings[way])]
    phrase = number + time
    match reply:
        case Reply.NOTHING:
            turns.append((Part.NON_ANSWER, Role.ASSISTANT, fact.phrase("non_answers", phrase)))
        case Reply.RIGHT:
            turns.append((Part.RIGHT, Role.ASSISTANT, fact.phrase("answers", phrase)))
        case Reply.CORRECTED:
            turns += [
                (Part.WRONG, Role.ASSISTANT, fact.phrase("wrong", phrase)),
                (Part.CORRECTION, Role.USER, fact.phrase("corrections", phrase)),
                (Part.ACKNOWLEDGEMENT, Role.ASSISTANT, fact.phrase("acknowledgements", phrase)),
            ]
    return clock.session(turns, number)


def unanswerable_session(
    question: str, language: str, time: int, clock: Clock
) -> list[LabelledMessage]:
    """Return the session in which an unanswerable question is asked for the `time`-th time."""
    phrases = PHRASES[language]["non_answers"]
    turns = [
        (Part.QUESTION, Role.USER, question),
        (Part.NON_ANSWER, Role.ASSISTANT, phrases[time % len(phrases)]),
    ]
    return clock.session(turns, None)
