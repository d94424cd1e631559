"""Stores of many sizes, cut from conversations, with questions for each."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.relevance.eight_languages import (
    FITTED,
    LABELS,
    MEASURED,
    asked_of,
    memories_of,
    questions_of,
    talk_in,
)
from benchmarks.relevance.questions import (
    Kind,
    Question,
    foreign,
    is_chinese,
    off_topic,
    own,
    speaks_chinese,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sage.cli.benchmark.conversations import ConversationSet, KnownConversation, KnownMessage

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
_SAMPLE = {Kind.FOREIGN: 100, Kind.OFF_TOPIC: 25, Kind.OFF_TOPIC_FIT: 25}
"""Number of questions of a kind and language per conversation, unless all are asked."""
LANGUAGES = "languages"
"""The stores in eight languages."""
BOTH = "both languages"
"""The language of stores of several conversations."""


@dataclass(frozen=True, slots=True)
class Store:
    """Conversations in a separate space, and questions about them.

    `held_out` ones are never used for a fit. `group` is the conversation that they are cut from.
    `messages` is the number of messages in a part of a conversation, None for a whole one.
    """

    name: str
    group: str
    view: str
    language: str
    held_out: bool
    talks: tuple[KnownConversation, ...]
    questions: tuple[Question, ...]
    messages: int | None = None

    def holds(self, group: str) -> bool:
        """Report whether a store is cut from a conversation, or contains it."""
        return self.group == group or any(talk.name == group for talk in self.talks)


def stores_of(sets: Sequence[ConversationSet], *, whole: bool = False) -> Iterator[Store]:
    """Yield the stores of all sets: whole conversations, parts of them, and eight languages.

    Of every three conversations of a set, the second is held out; foreign questions of the others
    are not from it. `whole` includes all questions, not a sample.
    """
    rng = random.Random(7)  # noqa: S311 - the same parts every time
    for one in sets:
        for place, talk in enumerate(one.conversations):
            held_out = is_held_out(place)
            asked = [*own(talk), *foreign(talk, others_than(one.conversations, place))]
            for view, stored, of_view in (
                ("names", talk, [*asked, *off_topic(talk)]),
                ("plain", talk.without_names(), asked),
            ):
                name = f"{talk.name} {view}"
                sample = of_view if whole else sampled(of_view, name, _SAMPLE)
                yield _store(name, view, stored, held_out=held_out, asked=sample)
            for number, (size, part) in enumerate(_parts(talk, rng)):
                stored = part if number % 2 else part.without_names()
                of_part = _asked_of_part(talk, part, rng)
                cut = _store(
                    f"{talk.name} part {number}", "part", stored, held_out=held_out, asked=of_part
                )
                yield replace(cut, messages=size)
    yield from language_stores()


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
    """Yield the numbers of memories to store: all of a half, and parts with an answer."""
    yield None, 0, memories_of(half)
    for size, parts in _PARTS_OF_A_LANGUAGE:
        for number in range(parts):
            answers = rng.choice(questions_of(half))
            others = [one for one in memories_of(half) if one != answers]
            yield size, number, sorted([answers, *rng.sample(others, size - 1)])


def _asked_of_language(
    talk: KnownConversation, language: str, half: int, numbers: Sequence[int], rng: random.Random
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
    name: str, view: str, talk: KnownConversation, *, held_out: bool, asked: Sequence[Question]
) -> Store:
    language = "Chinese" if speaks_chinese(talk) else "English"
    return Store(name, talk.name, view, language, held_out, (talk,), tuple(asked))


def is_held_out(place: int) -> bool:
    """Report whether the conversation at a place of its set is held out."""
    return place % _HELD_OUT_EVERY == _HELD_OUT_AT


def others_than(talks: Sequence[KnownConversation], place: int) -> list[KnownConversation]:
    """Return the next conversations; for one that is used for fitting, none is held out."""
    following = [(place + step) % len(talks) for step in range(1, len(talks))]
    allowed = [other for other in following if is_held_out(place) or not is_held_out(other)]
    return [talks[other] for other in allowed[:_OTHERS]]


def sampled(
    questions: Sequence[Question], name: str, at_most: Mapping[Kind, int]
) -> list[Question]:
    """Return a sample of each kind and language, the same for the same name."""
    rng = random.Random(name)  # noqa: S311 - the same questions every time
    alike: dict[tuple[Kind, bool, bool], list[Question]] = {}
    for one in questions:
        alike.setdefault((one.kind, one.across, is_chinese(one.text)), []).append(one)
    return [
        one
        for (kind, _, _), of_kind in alike.items()
        for one in rng.sample(of_kind, min(at_most.get(kind, len(of_kind)), len(of_kind)))
    ]


def _parts(talk: KnownConversation, rng: random.Random) -> Iterator[tuple[int, KnownConversation]]:
    """Yield excerpts of a conversation, each with the answer to a question."""
    flat = [(number, turn) for number, turns in enumerate(talk.sessions) for turn in turns]
    for size in (size for size in _SIZES if size < len(flat)):
        for _ in range(_SMALL_OF_A_SIZE if len(flat) > _SHORT else _SMALL_OF_A_SHORT):
            label = min(rng.choice(talk.questions).evidence)
            at = next(place for place, (_, turn) in enumerate(flat) if turn.label == label)
            begin = max(0, min(at - rng.randrange(size), len(flat) - size))
            sessions: dict[int, list[KnownMessage]] = {}
            for number, turn in flat[begin : begin + size]:
                sessions.setdefault(number, []).append(turn)
            yield size, replace(talk, sessions=tuple(map(tuple, sessions.values())))


def _asked_of_part(
    talk: KnownConversation, part: KnownConversation, rng: random.Random
) -> list[Question]:
    held = {f"{talk.name} {turn.label}" for turns in part.sessions for turn in turns}
    asked = [
        one if one.evidence & held else replace(one, kind=Kind.ELSEWHERE, evidence=frozenset())
        for one in own(talk)
    ]
    return _some([*asked, *off_topic(talk)], rng)


def _some(questions: Sequence[Question], rng: random.Random) -> list[Question]:
    """Return a few questions of each kind, in each language."""
    of_kind: dict[tuple[Kind, bool], list[Question]] = {}
    for one in questions:
        of_kind.setdefault((one.kind, one.across), []).append(one)
    return [
        one for of in of_kind.values() for one in rng.sample(of, min(_ASKED_OF_A_KIND, len(of)))
    ]
