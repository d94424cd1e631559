"""Stores in eight languages, with questions in all of them, half of which are unanswerable."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.relevance.questions import Kind, Question
from sage.cli.benchmark.conversations import KnownConversation, KnownMessage
from sage.domain.memories import Message, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LABELS = json.loads(
    (Path(__file__).parent.parent / "labels" / "languages.json").read_text(encoding="utf-8")
)
"""Each text in every language; question number n is answered by memory number n."""
FITTED, MEASURED = 0, 1
"""The halves of the labels: the second is held out."""
_BEGAN_AT = datetime(2025, 3, 3, 18, tzinfo=UTC)
_APART = timedelta(minutes=2)


def questions_of(half: int) -> range:
    """Return the numbers of the questions of a half."""
    return _half_of(range(len(LABELS["questions"])), half)


def memories_of(half: int) -> list[int]:
    """Return the numbers of the memories of a half: the answering ones, and some others."""
    answering = len(LABELS["questions"])
    others = range(answering, len(LABELS["memories"]))
    return [*questions_of(half), *_half_of(others, half)]


def talk_in(language: str, half: int, numbers: Sequence[int]) -> KnownConversation:
    """Return the memories with these numbers in one language, as a conversation."""
    place = LABELS["languages"].index(language)
    turns = tuple(
        KnownMessage(
            str(number),
            Message.validate(
                Role.USER, LABELS["memories"][number][place], None, _BEGAN_AT + number * _APART
            ),
        )
        for number in numbers
    )
    return KnownConversation(f"{language} {half}", (turns,), ())


def asked_of(
    talk: KnownConversation, language: str, half: int, numbers: Sequence[int], *, every: int
) -> Iterator[Question]:
    """Yield every n-th question in each language, also those whose memory is not stored.

    The latter are of the same half for a part of its memories, else of both.
    """
    whole = len(numbers) == len(memories_of(half))
    for place, asked_in in enumerate(LABELS["languages"]):
        for of_half in (FITTED, MEASURED) if whole else (half,):
            for number in questions_of(of_half)[place % every :: every]:
                text, across = LABELS["questions"][number][place], asked_in != language
                if number in numbers:
                    evidence = frozenset({f"{talk.name} {number}"})
                    yield Question(text, Kind.OWN, evidence, across)
                else:
                    yield Question(text, Kind.ELSEWHERE, across=across)


def _half_of(numbers: range, half: int) -> range:
    middle = len(numbers) // 2
    return numbers[:middle] if half == FITTED else numbers[middle:]
