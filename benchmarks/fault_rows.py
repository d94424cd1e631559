"""Faults other than outages: each is injected in its own way, on a separate Postgres."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.faults.backlog import save_beside_backlog
from tests.support.faults.crowds import send_duplicates, write_together
from tests.support.faults.disk import fill_disk, small_disk
from tests.support.faults.held import save_beside_held
from tests.support.faults.replicas import restart_replicas, stop_by_sigkill, stop_by_sigterm
from tests.support.faults.sage_process import running_sage
from tests.support.faults.soak import soak
from tests.support.faults.starts import (
    failures_without_a_lock,
    kill_first_starts,
    start_at_once,
)
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.faults.sage_process import Sage

    Advance = Callable[[int], None]

TRIALS = 10
_STARTERS = 8
_DUPLICATES = 200
_WRITERS = 32
_HELD = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of the tests: acknowledged saves of all outages, duration of the soak, and more.

    `lasts_s` is the duration of an outage, `waiting` the length of the queue.
    """

    saves: int
    soak_s: float
    lasts_s: float
    waiting: int


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one fault. `recovery_s` is the longest recovery of all trials."""

    fault: str
    what: str
    trials: int
    acknowledged: int = 0
    lost: int = 0
    recovery_s: float | None = None
    found: str = ""
    control: str = ""


def backlog_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Save while the queue is long, then drain it."""
    postgres.ask("CREATE DATABASE beside")
    dsns = postgres.dsn(), postgres.dsn("beside")
    one = save_beside_backlog(dsns, place / "sage", waiting=plan.waiting, saves=400)
    advance(one.acknowledged)
    found = (
        f"{one.waiting:,} queued: save p95 {one.ratio:.2f} times that with an empty queue; the"
        f" oldest is reported as {one.oldest_age_s / 3600:.1f} h old; when the"
        f" provider is back, {one.drained_per_s:.0f} per second are embedded"
    )
    return Row("F9", "the provider was unavailable for a day", 1, one.acknowledged, found=found)


def rolling_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Restart replicas alternately by SIGTERM, and by SIGKILL as the control."""
    del plan
    proper, control = (
        restart_replicas(
            postgres.dsn(), place / stop.__name__, NO_PROVIDER, stop, rounds=5, progress=advance
        )
        for stop in (stop_by_sigterm, stop_by_sigkill)
    )
    lost = len(control.failures)
    return Row(
        "F10",
        f"SIGTERM of two replicas alternately, under load, behind {proper.proxy}",
        proper.restarts,
        proper.verdict.acknowledged,
        proper.verdict.lost,
        found=f"{len(proper.failures)} requests failed",
        control=f"`SIGKILL`: {lost} of {lost + control.verdict.acknowledged:,} requests failed",
    )


def duplicates_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Send the same save many times concurrently."""
    del plan
    with _sage(postgres, place) as sage:
        sent = [asyncio.run(send_duplicates(sage.url, _DUPLICATES)) for _ in range(TRIALS)]
    replays = sum(one.replays for one in sent)
    advance(TRIALS)
    found = (
        f"stored {sum(one.kept for one in sent)}, returned the ids of the first save"
        f" {replays:,} times, failed {sum(one.failures for one in sent)}; another body with the"
        " same key:"
        f" {', '.join(sorted({str(one.other_body) for one in sent}))}"
    )
    return Row("F11", f"one save sent {_DUPLICATES} times at once", TRIALS, TRIALS, found=found)


def conversation_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Save into one conversation with many concurrent writers."""
    del plan
    with _sage(postgres, place) as sage:
        one = asyncio.run(write_together(sage.url, writers=_WRITERS, saves=50))
    advance(one.acknowledged)
    found = (
        f"{one.failures} failed; read back: {one.missing} missing, {one.twice} twice,"
        f" {one.out_of_order} out of order"
    )
    what = f"{_WRITERS} writers in one session"
    return Row("F12", what, 1, one.acknowledged, one.missing, found=found)


def starts_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Start several servers at once on an empty database, and without the lock as the control."""
    del plan, advance
    ready = applied_twice = failed = 0
    for number in range(TRIALS // 2):
        for name in ("locked", "free"):
            postgres.ask(f"CREATE DATABASE {name}_{number}")
        dsn = postgres.dsn(f"locked_{number}")
        started = start_at_once(dsn, place / str(number), NO_PROVIDER, _STARTERS)
        ready += started.ready
        applied_twice += started.applied_twice
        failed += failures_without_a_lock(postgres.dsn(f"free_{number}"), _STARTERS)
    all_of_them = _STARTERS * (TRIALS // 2)
    return Row(
        "F19",
        f"{_STARTERS} first starts at once",
        TRIALS // 2,
        found=f"{ready} of {all_of_them} ready, {applied_twice} migrations applied twice",
        control=f"`CREATE EXTENSION` without the lock: {failed} of {all_of_them} failed",
    )


def kills_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Kill servers during their first start."""
    del plan, advance
    applied_twice = kill_first_starts(postgres.dsn(), place / "sage", NO_PROVIDER, TRIALS)
    what = "`kill -9` at a random moment of the first start"
    found = f"the next start is ready, {applied_twice} migrations applied twice"
    return Row("F20", what, TRIALS, found=found)


def held_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Save while other clients hold connections open."""
    del plan
    with _sage(postgres, place) as sage:
        one = save_beside_held(sage.url, held=_HELD, saves=100, rounds=4)
    advance(one.acknowledged)
    found = f"{one.failures} failed; p95 is {one.ratio:.2f} times as long as without them"
    what = f"{_HELD} clients send half of their headers and wait"
    return Row("F23", what, 4, one.acknowledged, found=found)


def soak_row(postgres: Cluster, place: Path, plan: Plan, advance: Advance) -> Row:
    """Save and search for a long time, and measure the growth of memory."""
    with _sage(postgres, place) as sage:
        one = soak(
            sage,
            postgres.dsn(),
            place,
            warm_up_s=plan.soak_s / 3,
            seconds=plan.soak_s,
            progress=advance,
        )
    found = (
        f"{len(one.failures)} requests failed; memory growth {one.growth_mib_a_minute:+.1f} MiB"
        f" per minute, at {one.resident_mib:.0f} MiB; open descriptors"
        f" {one.descriptors_before} before, {one.descriptors_after} after"
    )
    what = f"saves and searches for {plan.soak_s / 60:.0f} minutes after a warm-up"
    return Row("F25", what, 1, one.verdict.acknowledged, one.verdict.lost, found=found)


def full_disk_row(advance: Advance) -> Row | None:
    """Fill the disk of the embedded Postgres; return None if a small one cannot be mounted."""
    with folder() as place, small_disk(place / "data") as mounted:
        if not mounted:
            return None
        full = fill_disk(place, trials=TRIALS)
    advance(full.verdict.acknowledged)
    return Row(
        "F21",
        "the disk of the embedded PostgreSQL is full",
        full.trials,
        full.verdict.acknowledged,
        full.verdict.lost,
        full.recovery_s,
        f"readiness: 503, {full.reason}",
    )


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a temporary directory, removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="sage-faults-"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def own_postgres() -> Iterator[tuple[Cluster, Path]]:
    """Yield a durable Postgres, and an empty directory, until the block ends."""
    with folder() as place:
        (place / "server").mkdir()
        postgres = Cluster(place / "server")
        postgres.create()
        postgres.start()
        try:
            yield postgres, place
        finally:
            postgres.stop()


@contextmanager
def _sage(postgres: Cluster, place: Path) -> Iterator[Sage]:
    (place / "sage").mkdir()
    with running_sage(place / "sage", **NO_PROVIDER, DATABASE_URL=postgres.dsn()) as sage:
        yield sage
