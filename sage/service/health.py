"""How Sage is doing: alive, ready, and each part by itself."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

from sage import __version__
from sage.config.runtime import detect_container
from sage.domain.health import Check, DetailedHealth, Health, Readiness, Status
from sage.domain.memories import QueueStats
from sage.errors import SageError
from sage.store import queue, stats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer
    from sage.service.active_model import ActiveModel
    from sage.service.schema_gate import SchemaGate
    from sage.store.pool import Database

_CHECK_DEADLINE_S = 2.0
_COUNTS_KEPT_S = 5.0
_MAX_QUEUE_AGE_S = 300.0
_MIN_FREE_BYTES = 256 * 1024 * 1024


class HealthService:
    """Looks at each part with a deadline; never raises and never names a host or a secret."""

    def __init__(  # noqa: PLR0913 - the composition root names each part
        self,
        database: Database,
        serving: ActiveModel,
        schema_gate: SchemaGate,
        data_dir: Path,
        *,
        reranker: Reranker | None = None,
        summarizer: Summarizer | None = None,
    ) -> None:
        self._database = database
        self._serving = serving
        self._helpers = {"reranker": reranker, "summary": summarizer}
        self._preparation = schema_gate
        self._data_dir = data_dir
        self._process = psutil.Process()
        self._counts_end = -math.inf
        self._memory_count: int | None = None
        self._queue = QueueStats(0, 0)
        self._queue_age_s = 0.0

    async def readiness(self) -> Readiness:
        """Return whether the database answers and its schema is current; no provider is asked."""
        if not self._preparation.done:
            failure = self._preparation.failure
            return Readiness(
                ready=False,
                reason="the database is being prepared" if failure is None else failure.message,
            )
        database = await _timed(self._ping)
        return Readiness(
            ready=database.status is Status.HEALTHY,
            reason="ready" if database.status is Status.HEALTHY else database.detail,
        )

    async def summary(self) -> Health:
        """Report the whole in one look; what is counted may be 5 s old."""
        return self._summed_up(await _timed(self._count))

    async def detailed(self) -> DetailedHealth:
        """Look at every part, the machine and the container."""
        count, database = await asyncio.gather(_timed(self._count), _timed(self._ping))
        container = detect_container()
        return DetailedHealth(
            health=self._summed_up(count),
            checks={
                "database": database,
                "schema": self._check_schema(),
                "embedding": self._check_embedding(),
                **{part: _check_helper(helper) for part, helper in self._helpers.items()},
                "queue": self._check_queue(count),
            },
            system=self._system(),
            container={
                "detected": container.detected,
                "runtime": container.runtime,
                "evidence": list(container.evidence),
            },
        )

    def _summed_up(self, count: Check) -> Health:
        parts = (
            self._check_queue(count).status,
            self._check_embedding().status,
            *(_check_helper(helper).status for helper in self._helpers.values()),
        )
        if count.status is Status.UNHEALTHY or not self._preparation.done:
            status = Status.UNHEALTHY
        else:
            status = Status.HEALTHY if set(parts) == {Status.HEALTHY} else Status.DEGRADED
        return Health(
            status=status,
            version=__version__,
            timestamp=datetime.now(UTC),
            database=count.status,
            memory_count=self._memory_count,
        )

    async def _ping(self) -> Check:
        async with self._database.connection() as conn:
            await stats.ping(conn)
        return Check(Status.HEALTHY, 0, "answers")

    async def _count(self) -> Check:
        """Count memories and what waits; while the figures are young, ask for an answer alone.

        Counting reads as much as there is, and probes come often.
        """
        if time.monotonic() < self._counts_end:
            return await self._ping()
        async with self._database.connection() as conn:
            self._memory_count = await stats.memory_count(conn)
            self._queue = await queue.queue_stats(conn, None)
            self._queue_age_s = await queue.oldest_age_s(conn)
        self._counts_end = time.monotonic() + _COUNTS_KEPT_S
        return Check(Status.HEALTHY, 0, "answers")

    def _check_queue(self, count: Check) -> Check:
        if count.status is not Status.HEALTHY:
            return count
        late = self._queue_age_s > _MAX_QUEUE_AGE_S
        return Check(
            Status.DEGRADED if late or self._queue.failed else Status.HEALTHY,
            count.latency_ms,
            f"{self._queue.pending} pending, {self._queue.failed} failed, "
            f"oldest {self._queue_age_s:.0f} s",
        )

    def _check_schema(self) -> Check:
        if self._preparation.done:
            return Check(Status.HEALTHY, 0, "current")
        failure = self._preparation.failure
        return Check(Status.UNHEALTHY, 0, "not known yet" if failure is None else failure.message)

    def _check_embedding(self) -> Check:
        embedder, advice = self._serving.embedder, self._serving.advice
        model = embedder.model
        if last_error := embedder.last_error or (
            "" if embedder.ready else f"{model.name} is not ready"
        ):
            status, detail = Status.DEGRADED, f"{last_error}; words are searched meanwhile"
        else:
            status, detail = Status.HEALTHY, f"{model.name}, {model.dimensions} dimensions"
        return Check(status, 0, f"{detail}; {advice}" if advice else detail)

    def _system(self) -> dict[str, dict[str, float]]:
        memory = psutil.virtual_memory()
        disk = psutil.disk_usage(str(self._data_dir if self._data_dir.exists() else "/"))
        return {
            "cpu": {
                "count": float(psutil.cpu_count() or 1),
                "percent": psutil.cpu_percent(),
                "load_1m": psutil.getloadavg()[0],
            },
            "memory": {
                "total_bytes": float(memory.total),
                "available_bytes": float(memory.available),
                "percent": memory.percent,
                "sage_rss_bytes": float(self._process.memory_info().rss),
            },
            "disk": {
                "total_bytes": float(disk.total),
                "free_bytes": float(disk.free),
                "percent": disk.percent,
                "low": float(disk.free < _MIN_FREE_BYTES),
            },
        }


def _check_helper(helper: Reranker | Summarizer | None) -> Check:
    """Report how the last call went: asking a paid model only to see would be dear."""
    if helper is None:
        return Check(Status.HEALTHY, 0, "none is configured")
    if helper.last_error:
        return Check(Status.DEGRADED, 0, f"{helper.last_error}; answers do without meanwhile")
    return Check(Status.HEALTHY, 0, helper.name)


async def _timed(look: Callable[[], Awaitable[Check]]) -> Check:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(_CHECK_DEADLINE_S):
            check = await look()
    except TimeoutError:
        check = Check(Status.UNHEALTHY, 0, "did not answer in time")
    except SageError as error:
        check = Check(Status.UNHEALTHY, 0, error.message)
    latency_ms = (time.perf_counter() - start) * 1000
    return Check(check.status, round(latency_ms, 2), check.detail)
