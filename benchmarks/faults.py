"""Inject every fault of the matrix many times, and count acknowledged and lost saves."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from benchmarks.fault_rows import (
    TRIALS,
    Plan,
    Row,
    backlog_row,
    conversation_row,
    duplicates_row,
    folder,
    full_disk_row,
    held_row,
    kills_row,
    own_postgres,
    rolling_row,
    soak_row,
    starts_row,
)
from sage import __version__
from tests.support.faults.course import HASTY, run_outage
from tests.support.faults.outages import OUTAGES, POSTGRES_KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.support.faults.outages import Outage
    from tests.support.faults.verdict import Verdict

_CONTROL_SAVES = 1_000
_ON_A_POSTGRES = (
    backlog_row,
    rolling_row,
    duplicates_row,
    conversation_row,
    starts_row,
    kills_row,
    held_row,
    soak_row,
)


def measure_faults(plan: Plan, advance: Callable[[int], None]) -> Iterator[Row]:
    """Inject one fault after the other; yield the results.

    `advance` is called with the number of acknowledged saves. Raises AssertionError, which names
    what did not happen in time.
    """
    for outage in OUTAGES:
        yield _outage_row(outage, plan, advance)
    for measure in _ON_A_POSTGRES:
        with own_postgres() as (postgres, place):
            yield measure(postgres, place, plan, advance)
    if (row := full_disk_row(advance)) is not None:
        yield row


def versions() -> Mapping[str, object]:
    """Return versions, platform, processors and load average, for the report."""
    with own_postgres() as (postgres, _):
        version = postgres.ask("SHOW server_version")
    return {
        "Sage": __version__,
        "Python": platform.python_version(),
        "PostgreSQL": version,
        platform.system(): platform.release(),
        f"{platform.machine()}, processors:": os.cpu_count(),
        "load before:": round(os.getloadavg()[0], 1),
    }


def _outage_row(outage: Outage, plan: Plan, advance: Callable[[int], None]) -> Row:
    with folder() as place:
        course = run_outage(
            outage,
            place,
            trials=TRIALS,
            saves=plan.saves // len(OUTAGES),
            lasts_s=plan.lasts_s,
            progress=advance,
        )
    return Row(
        outage.fault,
        outage.what,
        course.trials,
        course.verdict.acknowledged,
        course.verdict.lost,
        course.recovery_s,
        _flaws(course.verdict) or f"Sage was started {_times(course.starts_of_sage)}",
        _lost_by_hasty(advance) if outage is POSTGRES_KILLED else "",
    )


def _lost_by_hasty(advance: Callable[[int], None]) -> str:
    with folder() as place:
        course = run_outage(
            POSTGRES_KILLED,
            place,
            trials=1,
            saves=_CONTROL_SAVES,
            lasts_s=0,
            postgres_settings=HASTY,
            progress=advance,
        )
    lost, of = course.verdict.lost, course.verdict.acknowledged
    return f"with `synchronous_commit=off`: {lost:,} of {of:,} lost"


def _flaws(verdict: Verdict) -> str:
    if not (verdict.incomplete or verdict.unqueued):
        return ""
    return f"{verdict.incomplete} stored in part, {verdict.unqueued} not queued"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
