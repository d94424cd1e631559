"""The rows read for a question, as columns that the signals are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.domain.candidates import FoundColumns
    from sage.domain.embedding import Vectors

    FloatColumn = NDArray[np.float64]

REACH = 2

_Number = TypeVar("_Number", np.float32, np.float64)


@dataclass(frozen=True)
class Evidence:
    """Columns of numbers about the rows found, grouped by session, each session in its order.

    `vectors` are those of the rows, NaN if a row has none yet, and `question` is the question's;
    both are None if only words are compared. If some rows are in another language than the
    question, `other_language` marks them, and `debiased` is the same evidence with the mean of its
    language subtracted from each vector. `off_topic` are answered questions about something else,
    which have no rows here, and `in_doubt` questions that may be about something else. Columns have
    one value per row, candidates and neighbours alike, unless they are documented as being for
    candidates only.
    """

    found: FoundColumns
    vectors: Vectors | None
    question: Vectors | None
    other_language: NDArray[np.bool_] | None = None
    debiased: Evidence | None = None
    off_topic: tuple[UUID, ...] = ()
    in_doubt: frozenset[UUID] = frozenset()

    def __len__(self) -> int:
        """Return the number of rows, neighbours included."""
        return len(self.found.memory_id)

    @cached_property
    def candidates(self) -> NDArray[np.intp]:
        """Places of the rows that may become hits."""
        return np.flatnonzero(self.found.is_candidate)

    @cached_property
    def position_of(self) -> Mapping[UUID, int]:
        """Index of each candidate among the candidates, by memory id."""
        ids = self.found.memory_id[self.candidates].tolist()
        return {memory_id: place for place, memory_id in enumerate(ids)}

    @cached_property
    def cosines(self) -> FloatColumn:
        """Cosine of each row to the question; NaN where a row has no vector yet."""
        if self.vectors is None or self.question is None:
            return np.full(len(self), np.nan)
        return (self.vectors @ self.question).astype(float)

    @property
    def nearest_in_own_language(self) -> float:
        """Cosine of the closest user statement in the language of the question, otherwise 0.

        The mean of its language is subtracted from each vector.
        """
        if self.debiased is None or self.other_language is None:
            return 0.0
        found = self.found
        stated = (found.role == Role.USER) & (found.class_code == MessageClass.STATEMENT.code)
        cosines = self.debiased.cosines[found.is_candidate & stated & ~self.other_language]
        return float(np.fmax.reduce(cosines, initial=0.0))

    @property
    def term_ranks(self) -> FloatColumn:
        """Rank of each row for each single term: shape (rows, terms)."""
        return self.found.term_ranks

    @cached_property
    def sessions(self) -> NDArray[np.intp]:
        """Number of the session of each row; the rows of one session are adjacent."""
        ids = self.found.session_id
        begins = np.concatenate([[False], ids[1:] != ids[:-1]])[: len(ids)]
        return np.cumsum(begins, dtype=np.intp)

    def at(self, distance: int, column: NDArray[_Number]) -> NDArray[_Number]:
        """Return, for each candidate, the value of its neighbour up to REACH turns away, else 0.

        A negative distance is a turn before the candidate.
        """
        places, outside = self._neighbours
        values: NDArray[_Number] = column.take(places[REACH + distance], axis=0)
        values[outside[REACH + distance]] = 0
        return values

    def around(self, column: NDArray[_Number]) -> NDArray[_Number]:
        """Return, for each candidate, the sum of its value and those of its neighbours."""
        places, outside = self._neighbours
        values = column.take(places, axis=0)
        values[outside] = 0
        total: NDArray[_Number] = values.sum(axis=0)
        return total

    @cached_property
    def _neighbours(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Places of the candidates' neighbours, one row per distance, and where there is none."""
        places = self.candidates + np.arange(-REACH, REACH + 1)[:, np.newaxis]
        outside = (places < 0) | (places >= len(self))
        places[outside] = 0
        outside |= self.sessions[places] != self.sessions[self.candidates]
        return places, outside

    def best_of_session(self, column: FloatColumn) -> FloatColumn:
        """Return, for each candidate, the highest known value in its session; NaN without one."""
        best = np.full(int(self.sessions.max(initial=-1)) + 1, -np.inf)
        known = ~np.isnan(column)
        np.maximum.at(best, self.sessions[known], column[known])
        values = best[self.sessions[self.candidates]]
        return np.where(np.isneginf(values), np.nan, values)


def numbers(flags: NDArray[np.bool_]) -> FloatColumn:
    """Return a column of flags as numbers: true is 1, false 0."""
    return flags.astype(float)
