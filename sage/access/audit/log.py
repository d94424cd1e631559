"""Write the audit log in the background of the calls."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic_core import to_json

from sage.access.audit.event import OK, AuditEvent, Surface, current_event
from sage.access.audit.store import purge_events, record_events
from sage.config.choices import AuditMode
from sage.errors import SageError
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics.catalog import AUDIT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sage.config.settings import AuditSettings
    from sage.store.connections.pool import Database

_MAX_KINDS = 4_096


class EventSampler:
    """Passes one event of a kind in every interval, and counts the others.

    With too many kinds, the one least recently passed is forgotten.
    """

    def __init__(self, interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._kinds: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def take(self, kind: Hashable) -> int | None:
        """Return how many were dropped since the last one passed; None to drop this one."""
        now = self._clock()
        next_at, passed_over = self._kinds.get(kind, (now, 0))
        if now < next_at:
            self._kinds[kind] = (next_at, passed_over + 1)
            return None
        self._kinds[kind] = (now + self._interval_s, 0)
        self._kinds.move_to_end(kind)
        if len(self._kinds) > _MAX_KINDS:
            self._kinds.popitem(last=False)
        return passed_over


REFUSALS = frozenset({"token", "rate-limit", "denied"})
"""Outcomes of calls that anybody can cause in any number."""
_SAMPLE_INTERVAL_S = 60.0
_MAX_WAITING = 10_000
_BATCH = 500
_DELAY_S = 0.25
_RETRY_S = 1.0
_FLUSH_TIMEOUT_S = 3.0
_PURGE_EVERY_S = 6 * 3600.0

log = get_logger(__name__)


class AuditLog:
    """Accepts events at once, and writes them a quarter of a second later, many in one statement.

    A call does not wait for that; the transaction of a save writes its own event. Of refusals, one
    per minute is written for each sender and action. While the database is down, up to 10,000
    events wait; further ones are lost and counted. Events not yet written are also lost on `kill
    -9`: the process then has a `start` and no `stop`.
    """

    def __init__(self, database: Database, settings: AuditSettings) -> None:
        self._database = database
        self._settings = settings
        self._sample = EventSampler(_SAMPLE_INTERVAL_S)
        self._waiting: deque[AuditEvent] = deque()
        self._any = asyncio.Event()
        self._lost = 0
        self._process_id = str(uuid4())
        self._start = self._of_process("start")
        self._has_started = False

    def add(self, event: AuditEvent) -> None:
        """Queue an event, if its kind is recorded; for several spaces, one for each."""
        if event.is_recorded:
            AUDIT_EVENTS.labels("written").inc()
            return
        for part in event.parts():
            self._add(part)

    def event_of_save(self, ids: Sequence[object]) -> str | None:
        """Return the event of the current call, which saves these ids, as the text of its row.

        The transaction that saves writes it, with a successful outcome. None if there is no event,
        or its kind is not recorded.
        """
        event = current_event()
        if event is None or not self._is_wanted(event):
            return None
        self._begin()
        saved = replace(event, outcome=OK, ids=[], id_count=0)
        saved.about(ids)
        return to_json(saved).decode()

    def _add(self, event: AuditEvent) -> None:
        if not self._is_wanted(event):
            return
        if event.outcome in REFUSALS:
            sender = event.token_name or event.origin
            passed_over = self._sample.take((event.outcome, sender, event.surface, event.action))
            if passed_over is None:
                return
            event.unrecorded = passed_over
        self._begin()
        if len(self._waiting) >= _MAX_WAITING:
            self._lost += 1
            AUDIT_EVENTS.labels("lost").inc()
            return
        self._waiting.append(event)
        self._any.set()

    async def run(self) -> None:
        """Write queued events, until cancelled."""
        while True:
            await self._any.wait()
            await asyncio.sleep(_DELAY_S)
            try:
                await self._write()
            except SageError as error:
                waiting = len(self._waiting)
                log.warning(
                    "audit_failed", reason=error.message, waiting=waiting, retry_in_s=_RETRY_S
                )
                await asyncio.sleep(_RETRY_S)
                self._any.set()  # what waits is written even if no other event comes

    async def close(self) -> None:
        """Write the remaining events, if the database accepts them within 3 s."""
        if not self._has_started:
            return
        stop = self._of_process("stop")
        stop.unrecorded = self._lost
        self._waiting.append(stop)
        try:
            async with asyncio.timeout(_FLUSH_TIMEOUT_S):
                await self._write()
        except (SageError, TimeoutError):
            log.warning("audit_lost", events=len(self._waiting))

    async def purge_periodically(self) -> None:
        """Delete expired events, at start and every six hours, until cancelled."""
        while True:
            try:
                async with self._database.across_spaces() as conn:
                    purged = await purge_events(conn, self._settings.days)
            except SageError as error:
                log.warning("audit_purge_failed", reason=error.message, retry_in_s=_PURGE_EVERY_S)
            else:
                if purged:
                    log.info("audit_purged", events=purged)
            await asyncio.sleep(_PURGE_EVERY_S)

    def _is_wanted(self, event: AuditEvent) -> bool:
        match self._settings.mode:
            case AuditMode.ON:
                return True
            case AuditMode.AUTO:
                return event.token_name is not None or event.outcome in REFUSALS
            case AuditMode.OFF:
                return False

    async def _write(self) -> None:
        """Write queued events. An event leaves the queue when it is written, so none is lost."""
        self._any.clear()
        while self._waiting:
            batch = [*islice(self._waiting, _BATCH)]
            async with self._database.across_spaces() as conn:
                await record_events(conn, batch)
            for _ in batch:
                self._waiting.popleft()
            AUDIT_EVENTS.labels("written").inc(len(batch))

    def _begin(self) -> None:
        """Record the start of this process before the first event."""
        if not self._has_started:
            self._has_started = True
            self._waiting.append(self._start)
            self._any.set()

    def _of_process(self, action: str) -> AuditEvent:
        event = AuditEvent(Surface.PROCESS, action, "")
        event.about([self._process_id])
        return event
