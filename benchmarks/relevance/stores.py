"""Stores of many sizes, cut from conversations, and what is asked in each."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.relevance.questions import Kind, Question, foreign, off_topic, own, speaks_chinese

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.benchmark.conversations import Conversation, ConversationSet, Turn

_SIZES = (1, 2, 4, 8, 16, 32)
_SMALL_OF_A_SIZE = 6
_SMALL_OF_A_SHORT = 1
_SHORT = 200
_ASKED_OF_A_KIND = 3
_HELD_OUT_EVERY, _HELD_OUT_AT = 3, 1
_OTHERS = 2
MERGED = "merged"
"""The store of all conversations."""


@dataclass(frozen=True, slots=True)
class Store:
    """Conversations kept in a space of their own, and what is asked there.

    `held_out` ones are never used for a fit. `group` tells the conversation they are cut from.
    """

    name: str
    group: str
    view: str
    chinese: bool
    held_out: bool
    talks: tuple[Conversation, ...]
    questions: tuple[Question, ...]


def stores_of(sets: Sequence[ConversationSet]) -> Iterator[Store]:
    """Yield the stores of all sets: whole conversations, parts of them, and all of them at once.

    Of three conversations of a set the second is held out.
    """
    rng = random.Random(7)  # noqa: S311 - the same parts every time
    for one in sets:
        for place, talk in enumerate(one.conversations):
            held_out = place % _HELD_OUT_EVERY == _HELD_OUT_AT
            others = _others(one.conversations, place)
            asked = (*own(talk), *foreign(talk, others))
            unasked = (*asked, *off_topic(talk))
            for view, kept, of_view in (
                ("names", talk, unasked),
                ("plain", talk.without_names(), asked),
            ):
                yield _store(f"{talk.name} {view}", view, kept, held_out=held_out, asked=of_view)
            for number, part in enumerate(_parts(talk, rng)):
                view = ("names", "plain")[number % 2]
                kept = part if view == "names" else part.without_names()
                name = f"{talk.name} part {number}"
                of_part = tuple(_asked_of_part(talk, part, rng))
                yield _store(name, "small", kept, held_out=held_out, asked=of_part)
    yield from _merged(sets)


def _store(
    name: str, view: str, talk: Conversation, *, held_out: bool, asked: tuple[Question, ...]
) -> Store:
    return Store(name, talk.name, view, speaks_chinese(talk), held_out, (talk,), asked)


def _merged(sets: Sequence[ConversationSet]) -> Iterator[Store]:
    """Yield one store of everything, to ask what nobody talks about; none is fitted on."""
    talks = tuple(talk for one in sets for talk in one.conversations)
    asked = tuple(one for one in off_topic(talks[0]) if one.kind is Kind.OFF_TOPIC)
    yield Store(
        MERGED,
        MERGED,
        "all at once",
        chinese=False,
        held_out=True,
        talks=talks,
        questions=asked,
    )


def _others(talks: Sequence[Conversation], place: int) -> list[Conversation]:
    following = [talks[(place + step) % len(talks)] for step in range(1, _OTHERS + 1)]
    return [other for other in following if other is not talks[place]]


def _parts(talk: Conversation, rng: random.Random) -> Iterator[Conversation]:
    """Yield stretches of a conversation, each with something that is asked about."""
    flat = [(number, turn) for number, turns in enumerate(talk.sessions) for turn in turns]
    for size in _SIZES:
        for _ in range(_SMALL_OF_A_SIZE if len(flat) > _SHORT else _SMALL_OF_A_SHORT):
            label = min(rng.choice(talk.questions).evidence)
            at = next(place for place, (_, turn) in enumerate(flat) if turn.label == label)
            begin = max(0, min(at - rng.randrange(size), len(flat) - size))
            sessions: dict[int, list[Turn]] = {}
            for number, turn in flat[begin : begin + size]:
                sessions.setdefault(number, []).append(turn)
            yield replace(talk, sessions=tuple(map(tuple, sessions.values())))


def _asked_of_part(
    talk: Conversation, part: Conversation, rng: random.Random
) -> Iterator[Question]:
    held = {f"{talk.name} {turn.label}" for turns in part.sessions for turn in turns}
    questions = list(own(talk))
    inside = [question for question in questions if question.evidence & held]
    outside = [
        replace(question, kind=Kind.ELSEWHERE, evidence=frozenset())
        for question in questions
        if not question.evidence & held
    ]
    unasked = list(off_topic(talk))
    of_kind = [
        [question for question in unasked if (question.kind, question.across) == wanted]
        for wanted in {(one.kind, one.across) for one in unasked}
    ]
    for choice in (inside, outside, *sorted(of_kind, key=str)):
        yield from rng.sample(choice, min(_ASKED_OF_A_KIND, len(choice)))
