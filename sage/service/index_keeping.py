"""Maintains the vector indexes of large spaces: builds missing ones, drops unused ones."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.store.idle_spaces import drop_indexes_of, list_idle_spaces, note_spaces
from sage.store.unlinked_vectors import record_unlinked_vectors
from sage.store.vector_indexes import (
    MIN_ROWS,
    LargeSpaces,
    build_vector_indexes,
    list_spaces_being_erased,
)
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from sage.service.schema_gate import SchemaGate

_LOOK_EVERY_S = 60.0
_WALK_EVERY_S = 6 * 3600.0
_GRACE_S = 24 * 3600.0
"""A machine that was off for a month keeps its indexes for another day, so they can be used."""

log = get_logger(__name__)


class SearchedSpaces:
    """Collects the spaces that were searched, until they are stored."""

    def __init__(self) -> None:
        self._searched: set[str] = set()

    def note(self, space_id: str) -> None:
        """Record that a space is searched."""
        self._searched.add(space_id)

    def all(self) -> frozenset[str]:
        """Return those that are not stored yet."""
        return frozenset(self._searched)

    def forget(self, written: frozenset[str]) -> None:
        """Remove those that were stored."""
        self._searched -= written


class IndexKeeper:
    """Checks once a minute which spaces need an index, and which no longer need theirs.

    The index of a space that was neither searched nor saved into for a month is dropped. It is
    built again once the space is used; until then searches use words, and vectors read one by one.
    A space that is being erased gets none, nor a note about its size that would outlast it.
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
        """Build and drop indexes, once a minute until cancelled; a failure is tried again.

        Among thousands of spaces it may take several rounds until one is noticed. Every six hours
        the vectors to which no index leads are recorded.
        """
        while True:
            try:
                await self.look()
            except SageError as error:
                log.warning("indexes_failed", reason=error.message, retry_in_s=_LOOK_EVERY_S)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self) -> None:
        """Build and drop the indexes that need it. Raises SageError."""
        database = self._gate.database.for_background()
        model_id = (await self._gate.active_model()).model_id
        if self._large is None or self._large.model_id != model_id:
            self._large = LargeSpaces(model_id, fewest_rows=self._fewest_rows)
        large, searched = await self._large.look(database), self._searched.all()
        large -= await list_spaces_being_erased(database)
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
