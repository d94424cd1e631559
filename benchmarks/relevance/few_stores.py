"""Stores of a few memories, with questions that they answer, and similar ones that they do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.relevance.questions import Kind, Question, speaks_chinese
from benchmarks.relevance.stores import Store
from sage.cli.benchmark.conversations import KnownConversation, KnownMessage
from sage.domain.memories import Message, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEW = "few"
"""Stores in which no memory, or one, answers a question on the same subject."""
_CASES: list[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent.parent / "labels" / "few.json").read_text("utf-8")
)["cases"]
_BEGAN_AT = datetime(2025, 3, 3, 18, tzinfo=UTC)
_APART = timedelta(minutes=40)
_ANSWER = "answer"
_NEXT = (1, 2, 3)
_UNRELATED = (5, 9)


def few_stores() -> Iterator[Store]:
    """Yield stores of one to four sessions, none of which is held out."""
    for cases in _CASES:
        for place, case in enumerate(cases):
            others = [cases[(place + step) % len(cases)] for step in (*_NEXT, *_UNRELATED)]
            yield from _stores_of(case, others, place)


def _stores_of(
    case: dict[str, Any], others: Sequence[dict[str, Any]], place: int
) -> Iterator[Store]:
    first, second, third = ([text] for text in case["near"])
    turning = [case["near"][place % 3]]
    said, exchange = [case["answer"]], [case["again"], case["answer"]]
    others_said = [[one["answer"]] for one in others]
    other_exchange = [others[1]["again"], others[1]["answer"]]
    both, once = (case["question"], case["again"]), (case["question"],)
    unrelated = tuple(one["question"] for one in others[len(_NEXT) :])
    for number, (sessions, asked, also_asked) in enumerate(
        (
            ([turning], both, ()),
            ([first, second if place % 2 == 0 else third], both, ()),
            ([first, third, others_said[0]], both, unrelated),
            ([first, second, third, others_said[1]], both, unrelated),
            ([other_exchange, first], once, ()),
            ([said], both, unrelated),
            ([said, turning], both, ()),
            ([first, others_said[2], said], both, unrelated),
            ([others_said[0], said, second, third], both, ()),
            ([exchange], once, unrelated),
            ([exchange, first], once, ()),
        )
    ):
        name = f"{case['question']} {number}"
        yield _store(name, sessions, case["answer"], asked, also_asked)


def _store(
    name: str,
    sessions: Sequence[Sequence[str]],
    answer: str,
    asked: Sequence[str],
    also_asked: Sequence[str],
) -> Store:
    talk = KnownConversation(name, tuple(_turns(sessions, answer)), ())
    is_answered = any(answer in session for session in sessions)
    evidence = frozenset({f"{name} {_ANSWER}"} if is_answered else ())
    kind = Kind.OWN if is_answered else Kind.ELSEWHERE
    questions = (
        *(Question(text, kind, evidence) for text in asked),
        *(Question(text, Kind.ELSEWHERE) for text in also_asked),
    )
    language = "Chinese" if speaks_chinese(talk) else "English"
    return Store(name, name, FEW, language, held_out=False, talks=(talk,), questions=questions)


def _turns(sessions: Sequence[Sequence[str]], answer: str) -> Iterator[tuple[KnownMessage, ...]]:
    """Yield sessions of turns; all turns in a session with the answer count as the answer."""
    number = 0
    for session in sessions:
        turns = []
        for text, role in zip(session, (Role.USER, Role.ASSISTANT), strict=False):
            label = _ANSWER if answer in session else str(number)
            said_at = _BEGAN_AT + number * _APART
            turns.append(KnownMessage(label, Message.validate(role, text, None, said_at)))
            number += 1
        yield tuple(turns)
