"""What is said to a memory: facts among small talk, and questions about them again and again."""

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
"""In how many other ways each question is asked."""


class Part(StrEnum):
    """What a message is, seen from the fact that it is about."""

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
    """What is answered to a question."""

    NOTHING = "no answer"
    CORRECTED = "a wrong one, corrected"
    RIGHT = "the right one"


class Words(StrEnum):
    """How a question is asked again."""

    SAME = "in the same words"
    OTHER = "in other words"


Manner: TypeAlias = tuple[Reply, Words]
"""How a question is answered and asked, each time."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, what it is, and the number of the fact that it is about, if it is about one."""

    part: Part
    message: Message
    fact: int | None = None


class Clock:
    """Reports when sessions begin, each later than the one before."""

    def __init__(self) -> None:
        self._sessions = 0

    def session(self, turns: Sequence[tuple[Part, Role, str]], fact: int | None) -> list[Said]:
        """Return the messages of the next session."""
        self._sessions += 1
        began_at = _BEGAN_AT + self._sessions * _BETWEEN_SESSIONS
        return [
            Said(part, Message(role, text, None, began_at + at * _BETWEEN_TURNS), fact)
            for at, (part, role, text) in enumerate(turns)
        ]


def told(facts: Sequence[Fact], clock: Clock) -> Iterator[list[Said]]:
    """Yield a session for each fact: the fact and an acknowledgement, with small talk in some."""
    for number, fact in enumerate(facts):
        turns = [
            (Part.FACT, Role.USER, fact.text),
            (Part.ACKNOWLEDGEMENT, Role.ASSISTANT, fact.said("acknowledgements", number)),
        ]
        if number % 3 == 0:
            talk = PHRASES[fact.language]["small_talk"]
            at = 2 * (number % (len(talk) // 2))
            turns[:0] = [
                (Part.SMALL_TALK, Role.USER, talk[at]),
                (Part.SMALL_TALK, Role.ASSISTANT, talk[at + 1]),
            ]
        yield clock.session(turns, number)


def asked(fact: Fact, number: int, time: int, manner: Manner, clock: Clock) -> list[Said]:
    """Return the session in which a fact is asked about for the `time`-th time."""
    reply, words = manner
    way = 1 + time % _OTHER_WORDS if words is Words.OTHER else 0
    turns = [(Part.QUESTION, Role.USER, fact.wordings[way])]
    phrase = number + time
    match reply:
        case Reply.NOTHING:
            turns.append((Part.NON_ANSWER, Role.ASSISTANT, fact.said("non_answers", phrase)))
        case Reply.RIGHT:
            turns.append((Part.RIGHT, Role.ASSISTANT, fact.said("answers", phrase)))
        case Reply.CORRECTED:
            turns += [
                (Part.WRONG, Role.ASSISTANT, fact.said("wrong", phrase)),
                (Part.CORRECTION, Role.USER, fact.said("corrections", phrase)),
                (Part.ACKNOWLEDGEMENT, Role.ASSISTANT, fact.said("acknowledgements", phrase)),
            ]
    return clock.session(turns, number)


def asked_in_vain(question: str, language: str, time: int, clock: Clock) -> list[Said]:
    """Return a session in which a question is asked that nothing answers."""
    phrases = PHRASES[language]["non_answers"]
    turns = [
        (Part.QUESTION, Role.USER, question),
        (Part.NON_ANSWER, Role.ASSISTANT, phrases[time % len(phrases)]),
    ]
    return clock.session(turns, None)
