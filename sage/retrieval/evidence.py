"""What was read for a question, as columns that the signals compute on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from operator import not_
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sage.store.search import FoundColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sage.domain.embedding import Vectors

    Column = NDArray[np.float64]

REACH = 2

_Number = TypeVar("_Number", np.float32, np.float64)


@dataclass(frozen=True)
class Evidence:
    """Numbers about the rows found, in the order they were found in.

    `terms` is how many terms the question has; `vectors` are those of the rows, NaN where a row has
    none yet, and `question` is the question's; both are None when words alone decide.
    Columns have one value a row, candidates and neighbours alike; what is computed for candidates
    alone says so.
    """

    found: FoundColumns
    terms: int
    vectors: Vectors | None
    question: Vectors | None

    def __len__(self) -> int:
        """Count the rows, neighbours included."""
        return len(self.found.memory_id)

    @cached_property
    def candidates(self) -> NDArray[np.intp]:
        """Places of the rows that may become hits."""
        return np.flatnonzero(np.array(self.found.is_candidate, dtype=bool))

    @cached_property
    def cosines(self) -> Column:
        """Cosine of each row to the question; NaN where a row has no vector yet."""
        if self.vectors is None or self.question is None:
            return np.full(len(self), np.nan)
        return (self.vectors @ self.question).astype(float)

    @cached_property
    def term_ranks(self) -> Column:
        """Rank of each row for each term alone: shape (rows, terms)."""
        nothing = (0.0,) * self.terms
        ranks = [nothing if row is None else row for row in self.found.term_ranks]
        return np.array(ranks, dtype=float).reshape(len(self), self.terms)

    @cached_property
    def sessions(self) -> NDArray[np.intp]:
        """Number of the session of each row; the rows of one session stand together."""
        ids = np.array(self.found.session_id, dtype=object)
        begins = np.concatenate([[False], ids[1:] != ids[:-1]])[: len(ids)]
        return np.cumsum(begins, dtype=np.intp)

    def at(self, distance: int, column: NDArray[_Number]) -> NDArray[_Number]:
        """Give, for each candidate, the value of its neighbour up to REACH turns away, else 0.

        A negative distance is a turn before it.
        """
        places = self.candidates + distance
        inside = (places >= 0) & (places < len(self))
        places = np.where(inside, places, 0)
        inside &= self.sessions[places] == self.sessions[self.candidates]
        shape = (-1,) + (1,) * (column.ndim - 1)
        return np.where(inside.reshape(shape), column[places], column.dtype.type(0))

    def best_of_session(self, column: Column) -> Column:
        """Give, for each candidate, the highest known value in its session; NaN without one."""
        best = np.full(int(self.sessions.max(initial=-1)) + 1, -np.inf)
        known = ~np.isnan(column)
        np.maximum.at(best, self.sessions[known], column[known])
        values = best[self.sessions[self.candidates]]
        return np.where(np.isneginf(values), np.nan, values)


def joined(
    parts: Sequence[tuple[FoundColumns, Vectors | None]],
) -> tuple[FoundColumns, Vectors | None]:
    """Make one of what was read apart, in the order of one; a row that came twice comes once.

    It is a candidate if it was one in any part. Either all parts have vectors or none.
    """
    columns = {
        field.name: list(chain.from_iterable(getattr(found, field.name) for found, _ in parts))
        for field in fields(FoundColumns)
    }
    keys = list(
        zip(
            *(columns[name] for name in ("session_id", "created_at", "arrival")),
            map(not_, columns["is_candidate"]),
            strict=True,
        )
    )
    order = sorted(range(len(keys)), key=keys.__getitem__)
    kept = [
        place
        for place, before in zip(order, [None, *order], strict=False)
        if before is None or columns["memory_id"][place] != columns["memory_id"][before]
    ]
    found = FoundColumns(
        **{name: [column[place] for place in kept] for name, column in columns.items()}
    )
    vectors = [part for _, part in parts if part is not None]
    return found, np.concatenate(vectors)[kept] if vectors else None


def numbers(values: Sequence[float | bool | None]) -> Column:
    """Make a column of values; None becomes NaN, true 1 and false 0."""
    return np.array(values, dtype=float)
