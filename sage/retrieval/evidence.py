"""What was read for a question, as columns that the signals compute on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sage.store.search import Found

    Column = NDArray[np.float64]

REACH = 2
_DISTANCES = tuple(range(-REACH, REACH + 1))


@dataclass(frozen=True)
class Evidence:
    """Rows in columns: candidates first, then rows that are only neighbours of candidates."""

    rows: Sequence[Found]
    candidates: int

    @classmethod
    def of(cls, found: Sequence[Found]) -> Evidence:
        """Put the candidates first, in an order that depends on nothing but the rows."""
        rows = sorted(
            found, key=lambda row: (row.before is None, row.created_at, row.memory_id.hex)
        )
        return cls(rows, sum(row.before is not None for row in rows))

    @cached_property
    def cosines(self) -> Column:
        """Cosine of each row to the question; NaN where a row has no vector yet."""
        return np.array([np.nan if row.cosine is None else row.cosine for row in self.rows])

    @cached_property
    def word_ranks(self) -> Column:
        """Rank of each row for all terms of the question."""
        return np.array([row.word_rank for row in self.rows], dtype=float)

    @cached_property
    def term_ranks(self) -> Column:
        """Rank of each row for each term alone: shape (rows, terms)."""
        return np.array([row.term_ranks for row in self.rows], dtype=float).reshape(
            len(self.rows), -1
        )

    @cached_property
    def sessions(self) -> NDArray[np.intp]:
        """Number of the session of each row."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(row.session_id, len(numbers)) for row in self.rows])

    @cached_property
    def _around(self) -> dict[int, NDArray[np.intp]]:
        places = {row.memory_id: place for place, row in enumerate(self.rows)}
        around = np.full((len(_DISTANCES), self.candidates), -1, dtype=np.intp)
        for place, row in enumerate(self.rows[: self.candidates]):
            around[REACH, place] = place
            for step, key in enumerate(row.before or (), start=1):
                around[REACH - step, place] = places.get(key, -1)
            for step, key in enumerate(row.after or (), start=1):
                around[REACH + step, place] = places.get(key, -1)
        return dict(zip(_DISTANCES, around, strict=True))

    def at(self, distance: int, column: Column) -> Column:
        """Give, for each candidate, the value of its neighbour at a distance; NaN without one."""
        places = self._around[distance]
        shape = (-1,) + (1,) * (column.ndim - 1)
        values: Column = np.where((places >= 0).reshape(shape), column[places], np.nan)
        return values

    def best_of_session(self, column: Column) -> Column:
        """Give, for each candidate, the highest known value in its session; NaN without one."""
        best = np.full(self.sessions.max(initial=-1) + 1, -np.inf)
        known = ~np.isnan(column)
        np.maximum.at(best, self.sessions[known], column[known])
        values = best[self.sessions[: self.candidates]]
        return np.where(np.isneginf(values), np.nan, values)
