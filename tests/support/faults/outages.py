"""Outages in which saves go on: each is caused again and again, and none may lose a save."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.faults.client import longest_silence_s, writing
from tests.support.faults.link import Link, link_to
from tests.support.faults.sage_process import Sage, running_sage
from tests.support.faults.verdict import Verdict, judge
from tests.support.polling import wait_for
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.support.faults.client import Writer

NO_PROVIDER = {
    "EMBEDDING_PROVIDER": "openai",
    "EMBEDDING_MODEL": "away",
    "EMBEDDING_DIMENSIONS": "384",
    "EMBEDDING_BASE_URL": "http://127.0.0.1:9/v1",
}
"""Where nobody embeds: what is saved waits in the queue, and the processors are free for saves."""
UNREADY = 503
MIN_SAVES_AFTER = 20
HASTY = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
"""Postgres acknowledges before anything is on disk: what the control loses."""


@dataclass(frozen=True, slots=True)
class Lab:
    """What can be broken: Sage, its Postgres, and the network between them."""

    sage: Sage
    postgres: Cluster
    network: Link
    lasts_s: float

    def last(self) -> None:
        """Let an outage last; Sage lives on all the while."""
        ends = time.monotonic() + self.lasts_s
        while time.monotonic() < ends:
            assert self.sage.is_live()
            time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault of the matrix. `cause` makes it and ends it; it returns when it began to end it."""

    fault: str
    what: str
    cause: Callable[[Lab], float]


@dataclass(frozen=True, slots=True)
class Course:
    """How it went: the longest silence after an outage had ended counts as recovery."""

    trials: int
    verdict: Verdict
    recovery_s: float
    starts_of_sage: int


def _kill_sage(lab: Lab) -> float:
    lab.sage.kill()
    ends_at = time.monotonic()
    lab.sage.start()
    return ends_at


def _end_postgres(how: signal.Signals) -> Callable[[Lab], float]:
    def cause(lab: Lab) -> float:
        lab.postgres.stop(how)
        ends_at = time.monotonic()
        lab.postgres.start()
        return ends_at

    return cause


def _kill_a_backend(lab: Lab) -> float:
    ends_at = time.monotonic()
    lab.postgres.crash_one_backend()
    return ends_at


def _start_before_postgres(lab: Lab) -> float:
    lab.sage.stop()
    lab.postgres.stop()
    lab.sage.launch()
    try:
        wait_for(lab.sage.is_live)
        lab.last()
        assert lab.sage.status() == UNREADY
    finally:
        ends_at = time.monotonic()
        lab.postgres.start()
    return ends_at


def _freeze_postgres(lab: Lab) -> float:
    lab.postgres.send_to_all(signal.SIGSTOP)
    try:
        lab.last()
    finally:
        ends_at = time.monotonic()
        lab.postgres.send_to_all(signal.SIGCONT)
    return ends_at


def _cut_the_network(lab: Lab) -> float:
    lab.network.cut()
    return _mend_after_a_while(lab)


def _silence_the_network(lab: Lab) -> float:
    lab.network.silence()
    return _mend_after_a_while(lab)


def _mend_after_a_while(lab: Lab) -> float:
    try:
        lab.last()
    finally:
        ends_at = time.monotonic()
        lab.network.mend()
    return ends_at


SAGE_KILLED = Outage("F1", "`kill -9` of Sage", _kill_sage)
POSTGRES_KILLED = Outage("F2", "`kill -9` of all of PostgreSQL", _end_postgres(signal.SIGKILL))
OUTAGES = (
    SAGE_KILLED,
    POSTGRES_KILLED,
    Outage("F3", "`kill -9` of one backend of PostgreSQL", _kill_a_backend),
    Outage("F4", "`pg_ctl stop -m immediate`", _end_postgres(signal.SIGQUIT)),
    Outage("F4", "`pg_ctl stop -m fast`", _end_postgres(signal.SIGINT)),
    Outage("F5", "PostgreSQL is absent when Sage starts", _start_before_postgres),
    Outage("F6", "PostgreSQL is frozen (`SIGSTOP`)", _freeze_postgres),
    Outage("F24", "the network to PostgreSQL is cut", _cut_the_network),
    Outage("F24", "the network to PostgreSQL falls silent", _silence_the_network),
)


def run_outage(  # noqa: PLR0913 - what, where, how often, how long
    outage: Outage,
    directory: Path,
    *,
    trials: int,
    saves: int,
    lasts_s: float,
    postgres_settings: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda _saves: None,
) -> Course:
    """Cause an outage `trials` times, with `saves` acknowledged saves in all, and judge.

    Sage has a Postgres of its own. AssertionError tells what did not happen in time. `progress` is
    told how many saves were acknowledged.
    """
    with _laboratory(directory, lasts_s, postgres_settings or {}) as (lab, writer):
        recoveries = []
        for _ in range(trials):
            before = writer.count()
            writer.wait_for_more(saves // (trials + 1))
            ends_at = outage.cause(lab)
            writer.wait_for_more(MIN_SAVES_AFTER)
            progress(writer.count() - before)
            recoveries.append((ends_at, time.monotonic()))
        before = writer.count()
        writer.wait_for_more(max(saves - before, MIN_SAVES_AFTER))
        progress(writer.count() - before)
        acknowledged = writer.end()
        times = writer.acknowledged_at()
        lab.sage.kill()
        return Course(
            trials,
            judge(acknowledged, lab.postgres.dsn()),
            max(longest_silence_s(times, *between) for between in recoveries),
            lab.sage.starts,
        )


@contextmanager
def _laboratory(
    directory: Path, lasts_s: float, postgres_settings: Mapping[str, str]
) -> Iterator[tuple[Lab, Writer]]:
    (directory / "server").mkdir(parents=True)
    postgres = Cluster(directory / "server", postgres_settings)
    postgres.create()
    postgres.start()
    try:
        with link_to(postgres.port) as network:
            dsn = postgres.dsn().replace(f":{postgres.port}/", f":{network.port}/")
            with (
                running_sage(directory, **NO_PROVIDER, DATABASE_URL=dsn) as sage,
                writing(sage.url, directory) as writer,
            ):
                yield Lab(sage, postgres, network, lasts_s), writer
    finally:
        postgres.stop()
