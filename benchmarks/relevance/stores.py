"""Stores of many sizes, cut from conversations, and what is asked in each."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.relevance.questions import (
    Kind,
    Question,
    foreign,
    is_chinese,
    off_topic,
    own,
    speaks_chinese,
)
from benchmarks.relevance.tongues import (
    FITTED,
    LABELS,
    MEASURED,
    asked_of,
    memories_of,
    questions_of,
    talk_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.benchmark.conversations import Conversation, ConversationSet, Turn

_SIZES = (1, 2, 5, 20, 100)
_SMALL_OF_A_SIZE = 4
_SMALL_OF_A_SHORT = 2
_SHORT = 200
_ASKED_OF_A_KIND = 3
_PARTS_OF_A_LANGUAGE = ((2, 3), (5, 2))
_OFF_TOPIC_OF_A_LANGUAGE = 10
_EVERY = 4
_HELD_OUT_EVERY, _HELD_OUT_AT = 3, 1
_OTHERS = 2
MERGED = "merged"
"""The store of all conversations."""
LANGUAGES = "languages"
"""The stores in eight languages."""
MIXED = "mixed"
"""The stores of conversations in two languages, those fitted on and those held out."""


@dataclass(frozen=True, slots=True)
class Store:
    """Conversations kept in a space of their own, and what is asked there.

    `held_out` ones are never used for a fit. `group` tells the conversation they are cut from.
    `messages` are those of a part of a conversation, None for a whole one.
    """

    name: str
    group: str
    view: str
    language: str
    held_out: bool
    talks: tuple[Conversation, ...]
    questions: tuple[Question, ...]
    messages: int | None = None


def stores_of(sets: Sequence[ConversationSet], at_most: int | None = None) -> Iterator[Store]:
    """Yield the stores of all sets: whole conversations, parts of them, and all of them at once.

    Of three conversations of a set the second is held out. Each store is asked `at_most` so many of
    a kind of question, and then there are those of `language_stores` and of both languages.
    """
    rng = random.Random(7)  # noqa: S311 - the same parts every time
    for one in sets:
        for place, talk in enumerate(one.conversations):
            held_out = _is_held_out(place)
            others = _others(one.conversations, place)
            asked = _some([*own(talk), *foreign(talk, others)], at_most, rng)
            unasked = [*asked, *_some([*off_topic(talk)], at_most, rng)]
            for view, kept, of_view in (
                ("names", talk, unasked),
                ("plain", talk.without_names(), asked),
            ):
                yield _store(f"{talk.name} {view}", view, kept, held_out=held_out, asked=of_view)
            for number, (size, part) in enumerate(_parts(talk, rng)):
                kept = part if number % 2 else part.without_names()
                of_part = _asked_of_part(talk, part, rng)
                whole = _store(
                    f"{talk.name} part {number}", "part", kept, held_out=held_out, asked=of_part
                )
                yield replace(whole, messages=size)
    yield from language_stores()
    yield _merged(sets, at_most, rng)
    yield from _mixed(sets, at_most, rng)


def language_stores() -> Iterator[Store]:
    """Yield stores in eight languages, whole and in parts; half of the texts are held out."""
    rng = random.Random(8)  # noqa: S311 - the same parts every time
    for half in (FITTED, MEASURED):
        for language in LABELS["languages"]:
            for size, number, numbers in _language_parts(half, rng):
                talk = talk_in(language, half, numbers)
                whole = Store(
                    f"{talk.name}{f' {size} {number}' if size else ''}",
                    f"{LANGUAGES} {half}",
                    LANGUAGES,
                    language,
                    held_out=half == MEASURED,
                    talks=(talk,),
                    questions=tuple(_asked_of_language(talk, language, half, numbers, rng)),
                )
                yield replace(whole, messages=size)


def _language_parts(half: int, rng: random.Random) -> Iterator[tuple[int | None, int, list[int]]]:
    """Yield the numbers of memories to keep together: all of a half, and some with an answer."""
    yield None, 0, memories_of(half)
    for size, parts in _PARTS_OF_A_LANGUAGE:
        for number in range(parts):
            answers = rng.choice(questions_of(half))
            others = [one for one in memories_of(half) if one != answers]
            yield size, number, sorted([answers, *rng.sample(others, size - 1)])


def _asked_of_language(
    talk: Conversation, language: str, half: int, numbers: Sequence[int], rng: random.Random
) -> Iterator[Question]:
    part = len(numbers) < len(memories_of(half))
    asked = list(asked_of(talk, language, half, numbers, every=1 if part else _EVERY))
    elsewhere = [one for one in asked if one.kind is Kind.ELSEWHERE]
    if part:
        elsewhere = rng.sample(elsewhere, len(LABELS["languages"]))
    yield from [one for one in asked if one.kind is Kind.OWN]
    yield from elsewhere
    kind = Kind.OFF_TOPIC if half == MEASURED else Kind.OFF_TOPIC_FIT
    off = [
        replace(one, across=language != ("Chinese" if is_chinese(one.text) else "English"))
        for one in off_topic(talk)
        if one.kind is kind
    ]
    yield from rng.sample(off, _ASKED_OF_A_KIND if part else _OFF_TOPIC_OF_A_LANGUAGE)


def _store(
    name: str, view: str, talk: Conversation, *, held_out: bool, asked: Sequence[Question]
) -> Store:
    language = "Chinese" if speaks_chinese(talk) else "English"
    return Store(name, talk.name, view, language, held_out, (talk,), tuple(asked))


def _merged(sets: Sequence[ConversationSet], at_most: int | None, rng: random.Random) -> Store:
    """Return one store of everything in two languages; none is fitted on."""
    talks = tuple(talk for one in sets for talk in one.conversations)
    asked = [one for talk in talks for one in own(talk)]
    asked += [one for one in off_topic(talks[0]) if one.kind is Kind.OFF_TOPIC]
    return Store(
        MERGED,
        MERGED,
        "all at once",
        "both languages",
        held_out=True,
        talks=talks,
        questions=tuple(_some(asked, at_most, rng)),
    )


def _mixed(
    sets: Sequence[ConversationSet], at_most: int | None, rng: random.Random
) -> Iterator[Store]:
    """Yield a store of what is held out in all languages, also asked what is asked of the rest."""
    kept: list[Conversation] = []
    asked: list[Question] = []
    for one in sets:
        inside = [talk for place, talk in enumerate(one.conversations) if _is_held_out(place)]
        kept += inside
        for place, talk in enumerate(one.conversations):
            if _is_held_out(place):
                others = [near for near in _others(one.conversations, place) if near not in inside]
                asked += [*own(talk), *foreign(talk, others)]
    if kept:
        asked += [one for one in off_topic(kept[0]) if one.kind is Kind.OFF_TOPIC]
        yield Store(
            MIXED,
            MIXED,
            MIXED,
            "both languages",
            held_out=True,
            talks=tuple(kept),
            questions=tuple(_some(asked, at_most, rng)),
        )


def _is_held_out(place: int) -> bool:
    return place % _HELD_OUT_EVERY == _HELD_OUT_AT


def _others(talks: Sequence[Conversation], place: int) -> list[Conversation]:
    following = [talks[(place + step) % len(talks)] for step in range(1, _OTHERS + 1)]
    return [other for other in following if other is not talks[place]]


def _some(questions: list[Question], at_most: int | None, rng: random.Random) -> list[Question]:
    """Return so many questions of each kind, and in each language."""
    if at_most is None:
        return questions
    of_kind: dict[tuple[Kind, bool], list[Question]] = {}
    for one in questions:
        of_kind.setdefault((one.kind, one.across), []).append(one)
    return [one for of in of_kind.values() for one in rng.sample(of, min(at_most, len(of)))]


def _parts(talk: Conversation, rng: random.Random) -> Iterator[tuple[int, Conversation]]:
    """Yield stretches of a conversation, each with something that is asked about."""
    flat = [(number, turn) for number, turns in enumerate(talk.sessions) for turn in turns]
    for size in (size for size in _SIZES if size < len(flat)):
        for _ in range(_SMALL_OF_A_SIZE if len(flat) > _SHORT else _SMALL_OF_A_SHORT):
            label = min(rng.choice(talk.questions).evidence)
            at = next(place for place, (_, turn) in enumerate(flat) if turn.label == label)
            begin = max(0, min(at - rng.randrange(size), len(flat) - size))
            sessions: dict[int, list[Turn]] = {}
            for number, turn in flat[begin : begin + size]:
                sessions.setdefault(number, []).append(turn)
            yield size, replace(talk, sessions=tuple(map(tuple, sessions.values())))


def _asked_of_part(talk: Conversation, part: Conversation, rng: random.Random) -> list[Question]:
    held = {f"{talk.name} {turn.label}" for turns in part.sessions for turn in turns}
    asked = [
        one if one.evidence & held else replace(one, kind=Kind.ELSEWHERE, evidence=frozenset())
        for one in own(talk)
    ]
    return _some([*asked, *off_topic(talk)], _ASKED_OF_A_KIND, rng)
