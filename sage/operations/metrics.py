"""Metrics read when Prometheus scrapes, and the lag of the event loop, measured continuously."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import psutil

from sage import __version__
from sage.clients.hooks.capture.capture_report import read_captures
from sage.errors import SageError
from sage.operations.backup.inventory import read_last_backup
from sage.service.background import end_task
from sage.store.stats import database_size, ping, read_damage
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics import catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from sage.service.counts import StoreCounts
    from sage.store.connections.pool import Database
    from sage.store.connections.replica import Replica
    from sage.telemetry.metrics.instruments import ObservedMetric

_DEADLINE_S = 1.0
_SAMPLE_INTERVAL_S = 0.5

log = get_logger(__name__)


class MetricsService:
    """The metrics of a server with any number of workers."""

    def __init__(
        self,
        database: Database,
        counts: StoreCounts,
        data_dir: Path,
        replica: Replica | None = None,
        *,
        deadline_s: float = _DEADLINE_S,
    ) -> None:
        """Read within `deadline_s`; metrics that take longer are left out."""
        self._database = database
        self._counts = counts
        self._data_dir = data_dir
        self._replica = replica
        self._deadline_s = deadline_s
        self._reads: dict[str, asyncio.Task[Mapping[ObservedMetric, float]]] = {}
        self._backup: Mapping[ObservedMetric, float] = {}

    async def readings(self, *, is_worker: bool) -> Mapping[ObservedMetric, float]:
        """Read the current metrics, in one worker of several or in the only process.

        Raises nothing: unknown metrics are left out.
        """
        self._sample()
        answered, stored, damage, backup, replayed, machine = await asyncio.gather(
            self._within_deadline("ping", self._ping_database),
            self._within_deadline("database", self._read_database),
            self._within_deadline("damage", self._read_damage),
            self._within_deadline("backup", self._read_backup),
            self._within_deadline("replica", self._read_replica),
            self._within_deadline("machine", partial(self._read_machine, is_worker=is_worker)),
        )
        up = answered or {catalog.DATABASE_UP: 0.0}
        if self._replica is not None:
            up = {**up, catalog.REPLICA_UP: float(bool(replayed))}
        self._backup = backup or self._backup  # one that was made stays made
        return {**up, **stored, **damage, **self._backup, **replayed, **machine}

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch the event loop for the length of a block."""
        catalog.BUILD.labels(__version__, platform.python_version()).set(1)
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            for read in self._reads.values():
                read.cancel()
            await end_task(watch)

    async def _watch(self) -> None:
        while True:
            due_at = time.perf_counter() + _SAMPLE_INTERVAL_S
            await asyncio.sleep(_SAMPLE_INTERVAL_S)
            catalog.LOOP_LAG.labels().observe(max(time.perf_counter() - due_at, 0.0))
            self._sample()

    def _sample(self) -> None:
        usage = self._database.pool_usage
        catalog.POOL_SIZE.labels().set(usage.size)
        catalog.POOL_IDLE.labels().set(usage.idle)
        catalog.POOL_WAITING.labels().set(usage.waiting)
        catalog.POOL_LIMIT.labels().set(usage.limit)

    async def _within_deadline(
        self, name: str, read: Callable[[], Awaitable[Mapping[ObservedMetric, float]]]
    ) -> Mapping[ObservedMetric, float]:
        """Return metrics that are read in time, waiting for a read that is still running."""
        task = self._reads.get(name)
        if task is None or task.done():
            task = self._reads[name] = asyncio.ensure_future(read())
        done, _ = await asyncio.wait({task}, timeout=self._deadline_s)
        return task.result() if done else {}

    async def _ping_database(self) -> Mapping[ObservedMetric, float]:
        """Return DATABASE_UP if the database answers, otherwise nothing."""
        try:
            async with self._database.for_probes().across_spaces() as conn:
                await ping(conn)
        except SageError as error:
            log.debug("metrics_without_database", reason=error.message)
            return {}
        return {catalog.DATABASE_UP: 1.0}

    async def _read_database(self) -> Mapping[ObservedMetric, float]:
        """Return the metrics of the database, none if they cannot be read."""
        try:
            await self._counts.refresh()
            async with self._database.across_spaces() as conn:
                size_bytes = await database_size(conn)
        except SageError as error:
            log.debug("metrics_without_figures", reason=error.message)
            return {}
        build = self._counts.index_build
        left_s = None if build is None else build.remaining_s
        return {
            catalog.DATABASE_BYTES: size_bytes,
            **({} if build is None else {catalog.INDEX_BUILD: build.progress}),
            **({} if left_s is None else {catalog.INDEX_BUILD_LEFT: left_s}),
            catalog.MEMORIES: self._counts.memories or 0,
            catalog.QUEUE_PENDING: self._counts.queue.pending,
            catalog.QUEUE_FAILED: self._counts.queue.failed,
            catalog.QUEUE_AGE: self._counts.queue_age_s,
        }

    async def _read_damage(self) -> Mapping[ObservedMetric, float]:
        """Return how often a damaged page was read, nothing if pages have no checksums.

        It is read apart: a damaged page may be one that the other metrics are read from.
        """
        try:
            async with self._database.across_spaces() as conn:
                damage = await read_damage(conn)
        except SageError as error:
            log.debug("metrics_without_damage", reason=error.message)
            return {}
        return {} if damage is None else {catalog.CHECKSUM_FAILURES: damage.reads}

    async def _read_backup(self) -> Mapping[ObservedMetric, float]:
        """Return the metrics of backups, none if the database does not answer."""
        try:
            last = await read_last_backup(self._database)
        except SageError as error:
            log.debug("metrics_without_backup", reason=error.message)
            return {}
        return {catalog.LAST_BACKUP: 0.0 if last is None else last.timestamp()}

    async def _read_replica(self) -> Mapping[ObservedMetric, float]:
        """Return the lag of the replica, nothing if none follows the primary."""
        if self._replica is None:
            return {}
        try:
            progress = await self._replica.progress()
        except SageError as error:
            log.debug("metrics_without_replica", reason=error.message)
            return {}
        if not progress.is_replica:
            return {}
        return {
            catalog.REPLICA_BYTES: progress.bytes_behind,
            catalog.REPLICA_AGE: progress.replayed_s_ago if progress.bytes_behind else 0.0,
        }

    async def _read_machine(self, *, is_worker: bool) -> Mapping[ObservedMetric, float]:
        return await asyncio.to_thread(self._machine_readings, is_worker=is_worker)

    def _machine_readings(self, *, is_worker: bool) -> Mapping[ObservedMetric, float]:
        disk = psutil.disk_usage(str(self._data_dir if self._data_dir.exists() else "/"))
        return {
            catalog.DISK_BYTES: disk.total,
            catalog.DISK_FREE: disk.free,
            **self._capture_readings(),
            **process_readings(is_worker=is_worker),
        }

    def _capture_readings(self) -> Mapping[ObservedMetric, float]:
        captures = read_captures(self._data_dir)
        last = captures.last_capture
        return {
            catalog.LAST_CAPTURE: 0.0 if last is None else last.timestamp(),
            catalog.CAPTURE_WAITING: captures.waiting,
            catalog.CAPTURE_FAILING: captures.failing,
        }


def process_readings(*, is_worker: bool) -> Mapping[ObservedMetric, float]:
    """Return the resource usage of all processes, in one worker of several or in the only one.

    A process that ends meanwhile is left out.
    """
    own = psutil.Process()
    server = psutil.Process(os.getppid()) if is_worker else own
    processes = [server, *server.children()] if server != own else [own]
    cpu_s = resident_bytes = 0.0
    open_fds = count = 0
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                memory = process.memory_info()
                fds = process.num_fds()
        except psutil.Error:
            continue
        cpu_s += times.user + times.system
        resident_bytes += memory.rss
        open_fds += fds
        count += 1
    return {
        catalog.PROCESSES: count,
        catalog.CPU_SECONDS: cpu_s,
        catalog.RESIDENT_BYTES: resident_bytes,
        catalog.OPEN_FDS: open_fds,
        catalog.MAX_FDS: resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        catalog.START_TIME: server.create_time(),
    }
