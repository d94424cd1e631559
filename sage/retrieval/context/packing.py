"""Choose the turns that are most relevant to a question and fit a token window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.candidates import Surroundings
from sage.domain.relevance import Relevance
from sage.retrieval.context.excerpts import best_part
from sage.retrieval.context.tokens import MAX_CHARS_PER_TOKEN, count_tokens_upper_bound
from sage.retrieval.context.transcript import Transcript, in_time_order, line, session_labels
from sage.retrieval.text.lexemes import query_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo
    from uuid import UUID

    from sage.domain.memories import MemoryRecord
    from sage.domain.searching import Hit
    from sage.retrieval.text.chunking import Chunk

_STEP_ASIDE = 2
_EXCERPT_SHARE = 2
_MIN_ROOM = 8
_MIN_PART = 60
_MAX_MISSES = 20


@dataclass(frozen=True, slots=True)
class PackingInput:
    """The results for a question: hits, best first, and their neighbours.

    `corrections` maps memories to their corrections: a corrected memory is never written without
    its correction. `chunks` are the parts of long memories closest to the question in meaning.
    `most_listed` is how many of the hits are listed beside the text. Times are shown in `timezone`.
    """

    question: str
    hits: Sequence[Hit] = ()
    relevance: Relevance = Relevance.UNKNOWN
    most_listed: int = limits.MAX_RESULTS
    around: Surroundings = field(default_factory=Surroundings)
    corrections: Mapping[UUID, MemoryRecord] = field(default_factory=dict)
    chunks: Mapping[UUID, Chunk] = field(default_factory=dict)
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class PackedContext:
    """A text for a prompt, an upper bound of its tokens, and its memories in order of time.

    `turns` are all of its memories, `memories` those that were hits; a turn that was cut has its
    remaining text in both.
    """

    context: str
    tokens: int
    turns: tuple[MemoryRecord, ...]
    memories: tuple[Hit, ...]


def pack_context(recalled: PackingInput, window: int) -> PackedContext:
    """Pack the best hits into at most `window` tokens; without hits, return no text.

    Turns are added whole, in the order of `_line_up`; one that does not fit is skipped. Only a hit
    that would not fit into the empty window is cut to its best part. `memories` are the best of the
    hits that were added.
    """
    hits = _said_once(recalled.hits)
    line_up = _line_up(recalled, hits)
    labels = session_labels(turn.session_id for turn in (*line_up, *recalled.corrections.values()))
    transcript = Transcript(labels, recalled.timezone)
    packing = _Packing(window - transcript.frame_tokens, transcript, recalled.corrections)
    ids = {hit.memory_id for hit in hits}
    for turn in line_up:
        if not packing.take(turn) and turn.memory_id in ids and packing.has_room_for_part(turn):
            packing.take_part(turn, recalled)
        if packing.is_full:
            break
    if not packing.taken:
        return PackedContext("", 0, (), ())
    turns = in_time_order(packing.taken.values(), recalled.around.arrivals)
    context = transcript.write(turns)
    listed = {hit.memory_id: hit for hit in hits if hit.memory_id in packing.taken}
    best = dict(list(listed.items())[: recalled.most_listed])
    return PackedContext(
        context,
        count_tokens_upper_bound(context),
        tuple(turns),
        tuple(
            replace(best[turn.memory_id], content=turn.content)
            for turn in turns
            if turn.memory_id in best
        ),
    )


def _said_once(hits: Sequence[Hit]) -> list[Hit]:
    """Drop later hits with the same words."""
    first: dict[tuple[str, str | None, str], Hit] = {}
    for hit in hits:
        first.setdefault((hit.role, hit.name, hit.content), hit)
    return list(first.values())


def _line_up(recalled: PackingInput, hits: Sequence[Hit]) -> list[MemoryRecord]:
    """Order hits and their neighbours, the most relevant first.

    A turn d places away from the hit of rank r ranks like the hit of rank r(1 + 2d). On LoCoMo and
    on Chinese conversations, with and without names, this included more of the evidence at every
    window of 1,000 tokens or more than hits alone, than hits with all their neighbours, and than
    scores that fall by a factor per turn; weighing a turn by its length lost a third of it.
    """
    ranks = {hit.memory_id: rank for rank, hit in enumerate(hits, start=1)}
    repeated = {hit.memory_id for hit in recalled.hits} - ranks.keys()
    line: list[tuple[int, int, MemoryRecord]] = [
        (rank, rank, hit) for rank, hit in enumerate(hits, start=1)
    ]
    line += [
        (ranks[near.beside] * (1 + _STEP_ASIDE * near.distance), ranks[near.beside], near.memory)
        for near in recalled.around.neighbours
        if near.beside in ranks and near.memory.memory_id not in repeated
    ]
    line.sort(key=lambda place: place[:2])
    first: dict[UUID, MemoryRecord] = {}
    for _, _, memory in line:
        first.setdefault(memory.memory_id, memory)
    return list(first.values())


class _Packing:
    """A context window that is being filled."""

    def __init__(
        self, window: int, transcript: Transcript, corrections: Mapping[UUID, MemoryRecord]
    ) -> None:
        self._window = window
        self._transcript = transcript
        self._corrections = corrections
        self._left = window
        self._misses = 0
        self._sessions: set[tuple[str | None, str]] = set()
        self._hours: set[str] = set()
        self.taken: dict[UUID, MemoryRecord] = {}

    @property
    def is_full(self) -> bool:
        return self._left < _MIN_ROOM or self._misses > _MAX_MISSES

    def has_room_for_part(self, turn: MemoryRecord) -> bool:
        """Return whether a turn does not fit even into an empty window, but a part of it fits."""
        if self._left < _MIN_PART:
            return False
        if len(turn.content) > self._window * MAX_CHARS_PER_TOKEN:
            return True
        alone = self._transcript.heading(turn, of_session=True)
        alone += line(turn, self._transcript.timezone)
        return count_tokens_upper_bound(alone) > self._window

    def take(self, turn: MemoryRecord) -> bool:
        """Add a whole turn with its correction, and return whether both fit."""
        if turn.memory_id in self.taken:
            return True
        if len(turn.content) > self._left * MAX_CHARS_PER_TOKEN:
            return False
        correction = self._corrections.get(turn.memory_id)
        added = [turn]
        if correction is not None and correction.memory_id not in self.taken:
            added.append(correction)
        cost = sum(
            self._heading_cost(one) + count_tokens_upper_bound(line(one, self._transcript.timezone))
            for one in added
        )
        if cost > self._left:
            self._misses += 1
            return False
        self._left -= cost
        for one in added:
            self._add(one)
        return True

    def _add(self, turn: MemoryRecord) -> None:
        self._sessions.add((turn.space, turn.session_id))
        self._hours.add(self._transcript.hour_of(turn))
        self.taken[turn.memory_id] = turn

    def take_part(self, turn: MemoryRecord, recalled: PackingInput) -> None:
        """Add the best part of a turn, at most half a window of it."""
        frame = self._heading_cost(turn) + count_tokens_upper_bound(
            line(replace(turn, content="0"), self._transcript.timezone)
        )
        room = min(self._left, self._window // _EXCERPT_SHARE + frame) - frame
        terms = query_of(recalled.question).terms
        part = best_part(turn.content, terms, room, recalled.chunks.get(turn.memory_id))
        if part:
            self.take(replace(turn, content=part))

    def _heading_cost(self, turn: MemoryRecord) -> int:
        if self._transcript.hour_of(turn) in self._hours:
            return 0
        of_session = (turn.space, turn.session_id) not in self._sessions
        return count_tokens_upper_bound(self._transcript.heading(turn, of_session=of_session))
