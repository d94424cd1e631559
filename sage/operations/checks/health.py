"""The health of Sage: liveness, readiness, and each part by itself."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psutil

from sage import __version__
from sage.domain.health import (
    MIN_FREE_BYTES,
    CheckReport,
    CheckResult,
    DetailedHealth,
    Health,
    Readiness,
    ReadinessState,
    Status,
)
from sage.operations.checks.checklist import CHECKS, Check, CheckPhase, run_check
from sage.operations.checks.machine import write_failure
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.operations.checks.context import RunningContext
    from sage.service.schema_gate import SchemaGate

_DEADLINE_S = 2.0
_OF_SPACES = ("database", "schema", "embedding", "reranker", "summary")
_ROOM_BYTES = 65_536
_ROOM_KEPT_S = 5.0
_WITHOUT = frozenset({"database", "schema"})
"""The checks on which every call depends."""


class HealthService:
    """Checks each part with a deadline; never raises and never names a host or a secret."""

    def __init__(self, running: RunningContext) -> None:
        self._running = running
        self._process = psutil.Process()
        self._failure = ""
        self._written_until = -math.inf

    async def wait_until_known(self) -> None:
        """Wait up to 5 s after a start until the readiness is known."""
        await self._running.schema_gate.wait_until_known()

    async def readiness(self) -> Readiness:
        """Report whether the database answers, has the data, is current, and its disk has room.

        No provider is asked.
        """
        gate = self._running.schema_gate
        if not gate.is_open:
            return _why_closed(gate)
        if reason := await self._write_failure():
            return _waiting(phrase("nothing can be saved: {reason}", reason=reason))
        database = (await self._examine("database"))["database"]
        if database.code == "moved":
            return _failed(database.detail, database.hint)
        if database.status is not Status.HEALTHY:
            return _waiting(database.detail)
        return Readiness(ready=True, reason="ready", state=ReadinessState.READY)

    async def summary(self) -> Health:
        """Report the overall status; counts may be 5 s old."""
        return self._sum_up(await self._examine())

    async def detailed(self) -> DetailedHealth:
        """Report every check, the machine and the container."""
        checks = await self._examine()
        container = self._running.container
        return DetailedHealth(
            **asdict(self._sum_up(checks)),
            checks=_reports(checks),
            system=self._system(),
            container={
                "detected": container.detected,
                "runtime": container.runtime,
                "evidence": list(container.evidence),
            },
        )

    async def of_space(self, space_id: str) -> DetailedHealth:
        """Report the checks that concern a space: its queue, and the parts that all calls need."""
        checks = await self._examine(*_OF_SPACES)
        check = Check("queue", "recent_calls:queue", CheckPhase.HEALTH)
        running = replace(self._running, counted_space=space_id)
        queue = await run_check(check, running, deadline_s=_DEADLINE_S, public=True)
        checks |= {} if queue is None else {"queue": queue}
        summed = replace(self._sum_up(checks), memory_count=None)
        return DetailedHealth(**asdict(summed), checks=_reports(checks), system={}, container={})

    async def _examine(self, *names: str) -> dict[str, CheckResult]:
        """Run the checks of a running Sage at once: those named, or all."""
        checks = [
            check
            for check in CHECKS
            if CheckPhase.HEALTH in check.when and (not names or check.name in names)
        ]
        found = await asyncio.gather(*map(self._examine_one, checks))
        return {check.name: result for check, result in zip(checks, found, strict=True) if result}

    async def _examine_one(self, check: Check) -> CheckResult | None:
        return await run_check(check, self._running, deadline_s=_DEADLINE_S, public=True)

    async def _write_failure(self) -> str:
        """Return why the embedded database cannot write; the answer may be 5 s old."""
        settings = self._running.settings
        if settings.database.dsn is None and time.monotonic() >= self._written_until:
            folder = settings.data_dir
            self._failure = await asyncio.to_thread(write_failure, folder, _ROOM_BYTES)
            self._written_until = time.monotonic() + _ROOM_KEPT_S
        return self._failure

    def _sum_up(self, checks: dict[str, CheckResult]) -> Health:
        wrong = {name for name, check in checks.items() if check.status is not Status.HEALTHY}
        status = Status.DEGRADED if wrong else Status.HEALTHY
        return Health(
            status=Status.UNHEALTHY if wrong & _WITHOUT else status,
            version=__version__,
            timestamp=datetime.now(UTC),
            database=checks["database"].status,
            memory_count=self._running.counts.memories,
        )

    def _system(self) -> dict[str, dict[str, float]]:
        memory = psutil.virtual_memory()
        folder = self._running.settings.data_dir
        disk = psutil.disk_usage(str(folder if folder.exists() else "/"))
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
                "low": float(disk.free < MIN_FREE_BYTES),
            },
        }


def _reports(checks: dict[str, CheckResult]) -> dict[str, CheckReport]:
    return {
        name: CheckReport(
            check.status, check.latency_ms, check.detail, check.code, check.figures, check.hint
        )
        for name, check in checks.items()
    }


def _waiting(reason: str) -> Readiness:
    return Readiness(ready=False, reason=reason, state=ReadinessState.WAITING)


def _failed(reason: str, hint: str) -> Readiness:
    return Readiness(ready=False, reason=reason, state=ReadinessState.FAILED, hint=hint)


def _why_closed(gate: SchemaGate) -> Readiness:
    """Report what the database lacks, with a hint if that does not pass by itself."""
    if gate.upgrading:
        return Readiness(ready=False, reason=gate.upgrading, state=ReadinessState.UPGRADING)
    if gate.failure is None:
        return _waiting("the database is being prepared")
    if not gate.failed_for_good:
        return _waiting(gate.failure.message)
    return _failed(gate.failure.message, gate.failure.hint)
