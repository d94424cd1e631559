"""What a search reads before it ranks: candidates, their neighbours, statistics."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from sage.domain.memories import Memory

_LARGE = 5_000
"""Reading this many memories takes too long to wait for."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundColumns:
    """Candidates of a search and their neighbours, without texts: one array for each property.

    Each memory is a candidate or the neighbour of one. The two turns before and after a candidate
    in its session are always included. `created_at` is UTC. `word_rank` is ts_rank of the whole
    question over words, speaker and date, 0 for neighbours; `term_ranks`, of shape (memories,
    terms), is ts_rank of each term over the words alone. `said` is a hash of the text of a
    candidate, 0 if it is long, and `class_code` the number of its class. `asked` is the text of a
    candidate that asks, None for others and if it is long.
    """

    is_candidate: NDArray[np.bool_]
    memory_id: NDArray[np.object_]
    session_id: NDArray[np.object_]
    role: NDArray[np.object_]
    name: NDArray[np.object_]
    created_at: NDArray[np.datetime64]
    arrival: NDArray[np.int64]
    word_rank: NDArray[np.float64]
    term_ranks: NDArray[np.float64]
    asks: NDArray[np.bool_]
    speaks_of_self: NDArray[np.bool_]
    dated: NDArray[np.bool_]
    timed: NDArray[np.bool_]
    said: NDArray[np.int64]
    class_code: NDArray[np.int16]
    asked: NDArray[np.object_]

    def only(self, chosen: NDArray[np.bool_]) -> FoundColumns:
        """Return the columns of the chosen memories."""
        return FoundColumns(*(getattr(self, one.name)[chosen] for one in fields(self)))


@dataclass(frozen=True, slots=True)
class PlannerStatistics:
    """The number of memories, and the shares of them of the most common terms and spaces."""

    memories: float
    share_by_term: Mapping[str, float]
    share_by_space: Mapping[str, float]

    def is_large(self, space_id: str) -> bool:
        """Return whether a space is known to be so large that it must never be read whole."""
        return self.memories * self.share_by_space.get(space_id, 0.0) > _LARGE


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A memory `distance` turns away from the memory `beside`, in the same session."""

    memory: Memory
    beside: UUID
    distance: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The neighbours of some memories, in no particular order.

    `arrivals` orders messages of one session that have the same time: the memories and their
    neighbours.
    """

    neighbours: tuple[Neighbour, ...] = ()
    arrivals: Mapping[UUID, int] = field(default_factory=dict)

    def seen_by(self, reader: str | None) -> Surroundings:
        """Return a copy with the trust of each neighbour, as `reader` sees it."""
        seen = (replace(one, memory=one.memory.seen_by(reader)) for one in self.neighbours)
        return replace(self, neighbours=tuple(seen))

    def of_space(self, space: str | None) -> Surroundings:
        """Return a copy with the name of the space of the neighbours."""
        named = (replace(one, memory=replace(one.memory, space=space)) for one in self.neighbours)
        return replace(self, neighbours=tuple(named))

    @classmethod
    def joined(cls, parts: Iterable[Surroundings]) -> Surroundings:
        """Return the neighbours of all memories of several spaces."""
        found = [*parts]
        arrivals = {one: place for part in found for one, place in part.arrivals.items()}
        return cls(tuple(one for part in found for one in part.neighbours), arrivals)
