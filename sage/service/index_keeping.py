"""Keeps the vector indexes of large spaces: builds what is missing, drops what nobody uses."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.store.idle_spaces import drop_indexes_of, list_idle_spaces, note_spaces
from sage.store.unlinked_vectors import record_unlinked_vectors
from sage.store.vector_indexes import MIN_ROWS, LargeSpaces, build_vector_indexes
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from sage.service.schema_gate import SchemaGate

_LOOK_EVERY_S = 60.0
_WALK_EVERY_S = 6 * 3600.0
_GRACE_S = 24 * 3600.0
"""A machine that was off for a month keeps its indexes for a day, in which they may be used."""

log = get_logger(__name__)


class SearchedSpaces:
    """Remembers which spaces were searched, until that is written down."""

    def __init__(self) -> None:
        self._searched: set[str] = set()

    def note(self, space_id: str) -> None:
        """Remember that a space is being searched."""
        self._searched.add(space_id)

    def all(self) -> frozenset[str]:
        """Return those that are not written down yet."""
        return frozenset(self._searched)

    def forget(self, written: frozenset[str]) -> None:
        """Remove those that were written down."""
        self._searched -= written


class IndexKeeper:
    """Looks once a minute for spaces that want an index, and for those that need theirs no more.

    A space that was neither searched nor saved into for a month gives its index up. It is built
    again once the space is used; meanwhile words, and vectors read one by one, answer.
    """

    def __init__(
        self,
        schema_gate: SchemaGate,
        searched: SearchedSpaces,
        *,
        fewest_rows: int = MIN_ROWS,
        grace_s: float = _GRACE_S,
    ) -> None:
        self._gate = schema_gate
        self._searched = searched
        self._fewest_rows = fewest_rows
        self._drops_from = time.monotonic() + grace_s
        self._walked_at = time.monotonic()
        self._large: LargeSpaces | None = None

    async def run(self) -> None:
        """Build and drop what is due, once a minute until cancelled; a failure is tried again.

        Among thousands of spaces it may take some looks until one is noticed. Every six hours the
        vectors are recorded that the indexes do not lead to.
        """
        while True:
            try:
                await self.look()
            except SageError as error:
                log.warning("indexes_failed", reason=error.message, retry_in_s=_LOOK_EVERY_S)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self) -> None:
        """Build and drop what is due. Raises SageError."""
        database = self._gate.database
        model_id = (await self._gate.active_model()).model_id
        if self._large is None or self._large.model_id != model_id:
            self._large = LargeSpaces(model_id, fewest_rows=self._fewest_rows)
        large, searched = await self._large.look(database), self._searched.all()
        again = await note_spaces(database, large, searched)
        self._searched.forget(searched)
        idle = await list_idle_spaces(database)
        built = await build_vector_indexes(
            database, model_id, fewest_rows=self._fewest_rows, among=(large | again) - idle
        )
        if built:
            log.info("vector_indexes_built", indexes=built)
        if idle and time.monotonic() >= self._drops_from:
            dropped = await drop_indexes_of(database, idle)
            if dropped:
                log.info("idle_vector_indexes_dropped", indexes=dropped)
        if time.monotonic() - self._walked_at > _WALK_EVERY_S:
            self._walked_at = time.monotonic()
            count = await record_unlinked_vectors(database, model_id)
            log.info("unlinked_vectors_recorded", vectors=count)
