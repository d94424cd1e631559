"""Put answers in place of the questions found, and corrections before what they correct."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sage.domain.split_messages import chars_of_whole
from sage.retrieval.message_classes.corrections import only_names
from sage.retrieval.query.same_questions import has_premise, is_same_question
from sage.retrieval.text.lexemes import query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.domain.searching import Hit
    from sage.retrieval.ranking.ranker import Ranked

    HitIdentity = tuple[str, str | None, str, str]


_SHARE = 2


@dataclass(frozen=True, slots=True)
class PlacedHit:
    """A memory with its place. `reply` is the answer to it if it is a question.

    `correction` corrects the memory or its reply. An answer `is_corrected` if the other side gave a
    better answer to the same question later.
    """

    memory: Memory
    ranked: Ranked
    reply: Memory | None = None
    correction: Memory | None = None
    is_corrected: bool = False


@dataclass(frozen=True)
class Replies:
    """The known questions and answers among hits.

    `replies` maps each question to its answer, and each answer to a later answer to the same
    question; `corrections` maps memories to their corrections; `memories` has all of these by id.
    `asking` are the ids of the questions. `is_wanted` returns whether a memory may be a hit of its
    own. `keeps_questions` is set for a search for questions.
    """

    query: str
    memories: Mapping[UUID, Memory]
    replies: Mapping[UUID, UUID]
    corrections: Mapping[UUID, UUID]
    asking: AbstractSet[UUID]
    is_wanted: Callable[[Memory], bool]
    keeps_questions: bool = False

    def placed(self, best: Sequence[Ranked]) -> list[PlacedHit]:
        """Return the hits, best first, with corrected ones after their corrections.

        The answer to a question that is asked again precedes that question. A correction precedes
        what it corrects if it is about the subject of the query; one that only names the right
        thing is shown beside what it corrects. Each text occurs once, as it was said last. A
        question is left out if another has the same answer, or if it is that of the query and its
        answer names the subject. Different answers to the same question are ordered newest first.
        """
        line = _DistinctHits()
        asked: dict[tuple[str, str], None] = {}
        answers: dict[str, list[HitIdentity]] = {}
        for ranked in best:
            memory = self.memories.get(ranked.memory_id)
            if memory is None:
                continue
            reply = self._reply_to(ranked.memory_id)
            asks = ranked.memory_id in self.asking
            if reply is None or not (asks or reply.role != memory.role):
                for placed in self._with_correction(memory, ranked):
                    line.add(placed)
                continue
            correction = self.correction_of(reply.memory_id)
            is_asked = not asks or is_same_question(memory.content, self.query)
            is_hit = is_asked and self.is_wanted(reply)
            if is_hit:
                as_reply = ranked.replaced_by(reply.memory_id)
                line.add(PlacedHit(reply, as_reply, correction=correction))
            if not asks:
                line.add(
                    PlacedHit(memory, ranked, correction=correction or reply, is_corrected=True)
                )
                continue
            question = _folded(memory.content)
            if is_hit:
                answers.setdefault(question, []).append(hit_identity(reply))
            pair = (question, _folded(reply.content))
            if pair not in asked and not (is_hit and self._is_said_by(reply, memory)):
                line.add(PlacedHit(memory, ranked, reply, correction))
            asked[pair] = None
        for said in answers.values():
            line.order_newest_first(said)
        return [*line.places.values()]

    @cached_property
    def _about(self) -> frozenset[str]:
        return frozenset(query_of(self.query).terms)

    def correction_of(self, memory_id: UUID | None) -> Memory | None:
        """Return the correction of a memory, None without one."""
        correction_id = None if memory_id is None else self.corrections.get(memory_id)
        return None if correction_id is None else self.memories.get(correction_id)

    def _reply_to(self, memory_id: UUID) -> Memory | None:
        reply_id = self.replies.get(memory_id)
        return None if reply_id is None else self.memories.get(reply_id)

    def _with_correction(self, memory: Memory, ranked: Ranked) -> list[PlacedHit]:
        """Return a memory with its correction, or the memory it corrects in its place."""
        correction = self.correction_of(memory.memory_id)
        as_found = PlacedHit(memory, ranked, correction=correction)
        if not only_names(memory.content):
            if correction is None or not self._is_hit(correction):
                return [as_found]
            first = ranked.replaced_by(correction.memory_id)
            return [PlacedHit(correction, first), as_found]
        last = correction or memory
        wrong = [
            self.memories[one]
            for one, by in self.corrections.items()
            if by == last.memory_id and one in self.memories
        ]
        newest = max(filter(self._is_put_right, wrong), key=_created_at, default=None)
        if newest is None:
            return [as_found]
        shown = ranked.replaced_by(newest.memory_id)
        return [PlacedHit(newest, shown, correction=last)]

    def _is_hit(self, correction: Memory) -> bool:
        """Return whether a correction contains at least half of the terms of the query."""
        if only_names(correction.content):
            return False
        shared = self._about.intersection(query_of(correction.content).terms)
        return self.is_wanted(correction) and 0 < len(self._about) <= _SHARE * len(shared)

    def _is_put_right(self, memory: Memory) -> bool:
        """Return whether a corrected memory may take the place of a correction that only names."""
        is_current = memory.superseded_at is None
        return is_current and self.is_wanted(memory) and not only_names(memory.content)

    def _is_said_by(self, reply: Memory, question: Memory) -> bool:
        """Return whether an answer names the subject of its question, which is then left out."""
        if self.keeps_questions or has_premise(question.content, self.query):
            return False
        return not self._about.isdisjoint(query_of(reply.content).terms)


class _DistinctHits:
    """Hits in order, each text once."""

    def __init__(self) -> None:
        self.places: dict[HitIdentity, PlacedHit] = {}

    def add(self, placed: PlacedHit) -> None:
        """Add a hit after the others, or merge it with the one of the same text."""
        said = hit_identity(placed.memory, placed.reply)
        there = self.places.get(said)
        self.places[said] = placed if there is None else _joined(there, placed)

    def order_newest_first(self, said: Sequence[HitIdentity]) -> None:
        """Sort some of the hits newest first; the score of each place stays with the place."""
        chosen = set(said)
        if len(chosen) < 2:  # noqa: PLR2004 - one alone has no order
            return
        line = [*self.places.values()]
        at = [
            place for place, one in enumerate(line) if hit_identity(one.memory, one.reply) in chosen
        ]
        newest = sorted((line[one] for one in at), key=_said_at, reverse=True)
        for place, one in zip(at, newest, strict=True):
            figures = line[place].ranked
            line[place] = replace(
                one,
                ranked=replace(one.ranked.at_place_of(figures), probability=figures.probability),
            )
        self.places = {hit_identity(one.memory, one.reply): one for one in line}


def _joined(there: PlacedHit, other: PlacedHit) -> PlacedHit:
    """Return the newer of two hits of the same text, in the place of the first."""
    newer = max(there, other, key=_said_at)
    figures = there.ranked
    known = (one.ranked.probability for one in (there, other))
    likely = [probability for probability in known if probability is not None]
    return PlacedHit(
        newer.memory,
        replace(
            figures,
            memory_id=newer.memory.memory_id,
            probability=max(likely, default=None),
            times=max(figures.times, other.ranked.times),
        ),
        newer.reply or there.reply or other.reply,
        newer.correction,
        newer.is_corrected,
    )


def _said_at(one: PlacedHit) -> float:
    return one.memory.created_at.timestamp()


def _created_at(memory: Memory) -> datetime:
    return memory.created_at


def hit_identity(memory: Memory | Hit, reply: Memory | None = None) -> HitIdentity:
    """Return the identity of a hit; the parts of one message share it."""
    answered = "" if reply is None else _folded(reply.content)
    chars = chars_of_whole(memory.metadata)
    if chars is None:
        return memory.role, memory.name, _folded(memory.content), answered
    message = f"{memory.session_id}\0{memory.created_at.isoformat()}\0{chars}"
    return memory.role, memory.name, message, answered


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
