"""Stores of several conversations in two languages, also among thousands of other messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.filler import filler_talks
from benchmarks.relevance.questions import Kind, foreign, off_topic, own
from benchmarks.relevance.stores import BOTH, Store, is_held_out, others_than, sampled
from benchmarks.relevance.unheard import unheard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.relevance.questions import Question
    from sage.cli.benchmark.conversations import ConversationSet, KnownConversation

MERGED = "all at once"
"""The store of all conversations."""
MIXED = "mixed"
LARGE = "10,000 memories"
"""Stores of all held-out, or all fitted, conversations: alone, and among other messages."""
_MEMORIES = 10_000
_SAMPLE = {Kind.FOREIGN: 100}
_HALVES = (0, 1)


def large_stores(
    sets: Sequence[ConversationSet],
    filler: Sequence[Sequence[str]] = (),
    *,
    whole: bool = False,
) -> Iterator[Store]:
    """Yield a store of all conversations, one of the held-out ones, and two of the others.

    The last two have half of the conversations each, so that questions about the other half are
    foreign. With a filler, all but the first are also yielded filled up to 10,000 memories, each
    with different ones; the held-out one then includes unheard questions. Raises InvalidInputError.
    """
    talks = tuple(talk for one in sets for talk in one.conversations)
    everything = [one for talk in talks for one in own(talk)]
    yield _store(MERGED, talks, everything, held_out=True, whole=whole)
    stores = [_held_out(sets, whole=whole), *(_fitted(sets, half, whole=whole) for half in _HALVES)]
    sessions = iter(filler)
    for store in (one for one in stores if one.talks):
        yield store
        if filler:
            missing = _MEMORIES - sum(len(turns) for one in store.talks for turns in one.sessions)
            others = filler_talks(f"{store.name}, filler", sessions, missing)
            filled = (*store.talks, *others)
            asked = (*store.questions, *(unheard(filled) if store.held_out else ()))
            name = f"{store.name}, large"
            yield replace(store, name=name, view=LARGE, talks=filled, questions=asked)


def _held_out(sets: Sequence[ConversationSet], *, whole: bool) -> Store:
    """Return a store of the held-out conversations, with own and foreign questions."""
    inside = [
        talk for one in sets for place, talk in enumerate(one.conversations) if is_held_out(place)
    ]
    asked: list[Question] = []
    for one in sets:
        for place, talk in enumerate(one.conversations):
            if is_held_out(place):
                others = [
                    near for near in others_than(one.conversations, place) if near not in inside
                ]
                asked += [*own(talk), *foreign(talk, others)]
    return _store(MIXED, inside, asked, held_out=True, whole=whole)


def _fitted(sets: Sequence[ConversationSet], half: int, *, whole: bool) -> Store:
    """Return a store of half of the fitted conversations, also asked about the other half."""
    inside: list[KnownConversation] = []
    asked: list[Question] = []
    for one in sets:
        fitted = [talk for at, talk in enumerate(one.conversations) if not is_held_out(at)]
        stored, others = fitted[half::2], fitted[1 - half :: 2]
        inside += stored
        for place, talk in enumerate(stored):
            near = [others[(place + step) % len(others)] for step in _HALVES] if others else []
            asked += [*own(talk), *foreign(talk, list(dict.fromkeys(near)))]
    return _store(f"{MIXED} {half}", inside, asked, held_out=False, whole=whole)


def _store(
    name: str,
    talks: Sequence[KnownConversation],
    asked: Sequence[Question],
    *,
    held_out: bool,
    whole: bool,
) -> Store:
    kind = Kind.OFF_TOPIC if held_out else Kind.OFF_TOPIC_FIT
    off = [one for talk in talks[:1] for one in off_topic(talk) if one.kind is kind]
    questions = [*asked, *off]
    return Store(
        name,
        name,
        name if name == MERGED else MIXED,
        BOTH,
        held_out,
        tuple(talks),
        tuple(questions if whole else sampled(questions, name, _SAMPLE)),
    )
