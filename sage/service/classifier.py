"""Classifies stored memories, in the background: newest first, in small batches."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.retrieval.message_classes.classification import RULES_VERSION
from sage.retrieval.preferences.keys import MAX_CHARS, keys_of
from sage.service.classification import classify_among
from sage.store import message_classes as store
from sage.store.message_classes import Reclassification, SessionPart, SessionPosition, Side
from sage.store.planner_statistics import refresh_planner_statistics
from sage.store.queue import async_commit
from sage.store.stated import add_stated, read_memory_texts
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from sage.domain.recall import Stated
    from sage.service.request_activity import RequestActivity
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.message_classes import ClassifiableMessage, PlacedMemory
    from sage.store.stated import StatementSource

_BATCH = 128
_PAGE = 5_000
_CLOSE = 64
"""Memories of a session with fewer arrivals between them are classified in one part."""
_STAND_BACK_S = 0.25
_REST = 1.0
"""The pause after a batch, as a multiple of the time it took."""
_POLL_S = 5.0
_TURN_S = 2.0
_COUNT_EVERY_S = 600.0

_AFTER_ALL = SessionPosition(datetime(9999, 1, 1, tzinfo=UTC))

log = get_logger(__name__)


class Classifier:
    """Classifies memories without a class, or with one of older rules; several may run.

    They may run in many processes. If one stops nothing is lost: unclassified memories are found
    again.
    """

    def __init__(self, database: Database, activity: RequestActivity) -> None:
        self._database = database.for_background()
        self._activity = activity

    async def run(self) -> None:
        """Work until cancelled; memories that were marked elsewhere are found within seconds."""
        counted_at: float | None = None
        while True:
            try:
                if counted_at is None or time.monotonic() - counted_at > _COUNT_EVERY_S:
                    await self.classify_all()
                    counted_at = time.monotonic()
                await self.classify_due()
            except SageError as error:
                log.warning("classing_failed", reason=error.message, retry_in_s=_POLL_S)
            await asyncio.sleep(_POLL_S)

    async def classify_all(self) -> int:
        """Classify all memories not classified by rules of this version or later; return how many.

        Raises StoreError.
        """
        done = 0
        async with self._database.across_spaces() as conn:
            spaces = await store.list_unclassified_spaces(conn, RULES_VERSION)
        for space_id in spaces:
            async with self._database.across_spaces() as conn:
                await store.pass_over_forgotten(conn, space_id, RULES_VERSION)
            async for page in self._pages(space_id):
                for start in range(0, len(page), _BATCH):
                    await self._classify(page[start : start + _BATCH])
                done += len(page)
                await refresh_planner_statistics(self._database)
        if done:
            log.info("memories_classed", memories=done)
        return done

    async def classify_due(self) -> int:
        """Classify memories again that changed, or whose answer was removed; return how many.

        Raises StoreError.
        """
        done = 0
        while True:
            async with self._database.across_spaces() as conn:
                due = await store.find_due(conn, _BATCH)
            if not due:
                return done
            await self._classify(due)
            done += len(due)

    async def _pages(self, space_id: str) -> AsyncIterator[Sequence[PlacedMemory]]:
        place = _AFTER_ALL
        while True:
            async with self._database.across_spaces() as conn:
                page = await store.page_of_unclassified(conn, space_id, place, RULES_VERSION, _PAGE)
            if page is None:
                return
            place = page.last
            if page.memories:
                yield page.memories

    async def _classify(self, memories: Sequence[PlacedMemory]) -> None:
        """Classify some memories with the messages around them, in a pause between calls."""
        parts = parts_of(memories)
        await self._activity.wait_idle(_STAND_BACK_S)
        began = time.monotonic()
        async with self._database.across_spaces() as conn:
            await _note_stated(conn, memories)
        while True:
            async with self._database.transaction_across_spaces() as conn:
                await async_commit(conn)
                if await store.try_lock_classification(conn):
                    await _classify_parts(conn, parts)
                    break
            await asyncio.sleep(_TURN_S)
            await self._activity.wait_idle(_STAND_BACK_S)
            began = time.monotonic()
        await asyncio.sleep(_REST * (time.monotonic() - began))


async def classify_at_once(conn: Connection, space_id: str) -> None:
    """Classify changed memories of a space again, without waiting for a pause between calls.

    If there are many, or another process is classifying, the rest is left to the background. Raises
    StoreError.
    """
    due = await store.find_due(conn, _BATCH, space_id)
    if due:
        await _note_stated(conn, due)
        async with conn.transaction():
            if await store.try_lock_classification(conn):
                await _classify_parts(conn, parts_of(due))


async def _note_stated(conn: Connection, memories: Sequence[PlacedMemory]) -> None:
    """Store the statements in memories, in a separate transaction: it locks in another order."""
    by_space: dict[str, list[UUID]] = {}
    for one in memories:
        by_space.setdefault(one.space_id, []).append(one.memory_id)
    for space_id, ids in by_space.items():
        said = await read_memory_texts(conn, space_id, ids, MAX_CHARS)
        stated = await asyncio.to_thread(_stated_in, said)
        if stated:
            await add_stated(conn, space_id, stated)


def _stated_in(said: Sequence[StatementSource]) -> dict[UUID, Sequence[Stated]]:
    keys = {one.memory_id: keys_of(one.content, one.role) for one in said}
    return {memory_id: stated for memory_id, stated in keys.items() if stated}


async def _classify_parts(conn: Connection, parts: Sequence[SessionPart]) -> None:
    found = await store.read_session_parts(conn, parts)
    changes = await asyncio.to_thread(_changes_of, parts, found)
    await store.store_classes(conn, changes)


def parts_of(memories: Sequence[PlacedMemory]) -> list[SessionPart]:
    """Return parts of sessions that contain some memories, and few others."""
    parts: list[SessionPart] = []
    last: PlacedMemory | None = None
    for one in sorted(memories, key=attrgetter("space_id", "session_id", "place")):
        if last is not None and _are_close(last, one):
            parts[-1] = replace(parts[-1], until=one.place)
        else:
            before = SessionPosition(one.place.created_at, one.place.arrival - 1)
            parts.append(SessionPart(one.space_id, one.session_id, before, one.place))
        last = one
    return parts


def _are_close(one: PlacedMemory, other: PlacedMemory) -> bool:
    return (one.space_id, one.session_id) == (other.space_id, other.session_id) and abs(
        one.place.arrival - other.place.arrival
    ) <= _CLOSE


def _changes_of(
    parts: Sequence[SessionPart], found: Sequence[Sequence[ClassifiableMessage]]
) -> list[Reclassification]:
    """Return the classes to be stored; where parts overlap, those by the part that contains it."""
    changes: dict[tuple[str, UUID], Reclassification] = {}
    for part, messages in zip(parts, found, strict=True):
        now = classify_among(messages)
        for one in messages:
            key = (part.space_id, one.memory_id)
            if one.memory_id in now and (one.side is Side.WITHIN or key not in changes):
                changes[key] = Reclassification(*key, now[one.memory_id], one.stored)
    return list(changes.values())
