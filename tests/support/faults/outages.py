"""Outages in which saves go on: each is caused again and again, and none may lose a save."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.faults.client import longest_silence_s, writing
from tests.support.faults.link import Link, link_to
from tests.support.faults.sage_process import Sage, running_sage
from tests.support.faults.surroundings import (
    DESCRIPTORS,
    FAKETIME,
    PROVIDER_FAULTS,
    clock_of_all,
    clock_of_sage,
    faulty_provider,
    few_descriptors,
    ordinary,
)
from tests.support.faults.verdict import Verdict, judge
from tests.support.polling import wait_for
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.faults.client import Writer
    from tests.support.faults.surroundings import Surroundings

UNREADY = 503
MIN_SAVES_AFTER = 20
_DAY_S = 86_400
_DRAINED_S = 300.0
_WAITING = "SELECT count(*) FROM sage.embedding_queue"
_DAYS_AWAY = """
    SELECT count(DISTINCT created_at > now()) FROM sage.memories
    WHERE abs(extract(epoch FROM created_at - now())) > 43200
"""
_NOT_EMBEDDED_ONCE = """
    SELECT count(*) FROM sage.memories FULL JOIN
        (SELECT memory_id, count(*) AS vectors FROM sage.embeddings GROUP BY memory_id) AS embedded
        USING (memory_id)
    WHERE content IS NULL OR vectors IS DISTINCT FROM 1
"""
HASTY = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
"""Postgres acknowledges before anything is on disk: what the control loses."""


@dataclass(frozen=True, slots=True)
class Lab:
    """What can be broken: Sage, its Postgres, the network between them, and what is around them."""

    sage: Sage
    postgres: Cluster
    network: Link
    change: Callable[[str], None]
    lasts_s: float

    def last(self) -> None:
        """Let an outage last; Sage lives on all the while."""
        ends = time.monotonic() + self.lasts_s
        while time.monotonic() < ends:
            assert self.sage.is_live()
            time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault of the matrix. `cause` makes it and ends it; it returns when it began to end it.

    `settle` waits, when saving is over, for what is to come of it. What does not break the network
    goes without it: it costs time.
    """

    fault: str
    what: str
    cause: Callable[[Lab], float]
    around: Callable[[Path], AbstractContextManager[Surroundings]] = ordinary
    settle: Callable[[Lab], None] = lambda _lab: None
    over_network: bool = False


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


def _fail_as_provider(lab: Lab) -> float:
    for fault in PROVIDER_FAULTS:
        lab.change(fault)
        time.sleep(lab.lasts_s / len(PROVIDER_FAULTS))
    ends_at = time.monotonic()
    lab.change("none")
    return ends_at


def _embed_what_waits(lab: Lab) -> None:
    """Wait until nothing waits: each message has its vectors once, and no other has any."""
    wait_for(lambda: lab.postgres.ask(_WAITING) == "0", _DRAINED_S)
    assert lab.postgres.ask(_NOT_EMBEDDED_ONCE) == "0"


def _exhaust_descriptors(lab: Lab) -> float:
    with ExitStack() as held:
        for _ in range(2 * DESCRIPTORS):
            address = ("127.0.0.1", lab.sage.port)
            held.enter_context(socket.create_connection(address, timeout=10))
        lab.last()
        return time.monotonic()


def _turn_the_clock(lab: Lab) -> float:
    for ahead_s in (_DAY_S, -_DAY_S, 0):
        lab.change(str(ahead_s))
        lab.last()
    return time.monotonic()


SAGE_KILLED = Outage("F1", "`kill -9` of Sage", _kill_sage)
POSTGRES_KILLED = Outage("F2", "`kill -9` of all of PostgreSQL", _end_postgres(signal.SIGKILL))


def _see_both_days(lab: Lab) -> None:
    assert lab.postgres.ask(_DAYS_AWAY) == "2"


PROVIDER_FAILS = Outage(
    "F8",
    "every fault of an embedding provider",
    _fail_as_provider,
    faulty_provider,
    _embed_what_waits,
)
CLOCK_OF_SAGE = Outage(
    "F22", "the clock of Sage jumps", _turn_the_clock, clock_of_sage, _see_both_days
)
CLOCK_OF_ALL = Outage(
    "F22", "the clock of both jumps", _turn_the_clock, clock_of_all, _see_both_days
)
OUTAGES = (
    SAGE_KILLED,
    POSTGRES_KILLED,
    Outage("F3", "`kill -9` of one backend of PostgreSQL", _kill_a_backend),
    Outage("F4", "PostgreSQL is stopped with `-m immediate`", _end_postgres(signal.SIGQUIT)),
    Outage("F4", "PostgreSQL is stopped with `-m fast`", _end_postgres(signal.SIGINT)),
    Outage("F5", "PostgreSQL is absent when Sage starts", _start_before_postgres),
    Outage("F6", "PostgreSQL is frozen (`SIGSTOP`)", _freeze_postgres),
    Outage(
        "F8",
        "every fault of an embedding provider",
        _fail_as_provider,
        faulty_provider,
        _embed_what_waits,
    ),
    Outage("F21", "Sage has no descriptors left", _exhaust_descriptors, few_descriptors),
    CLOCK_OF_SAGE,
    *((CLOCK_OF_ALL,) if FAKETIME else ()),
    Outage("F24", "the network to PostgreSQL is cut", _cut_the_network, over_network=True),
    Outage(
        "F24", "the network to PostgreSQL falls silent", _silence_the_network, over_network=True
    ),
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
    with _laboratory(outage, directory, lasts_s, postgres_settings or {}) as (lab, writer):
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
        outage.settle(lab)
        lab.sage.kill()
        return Course(
            trials,
            judge(acknowledged, lab.postgres.dsn()),
            max(longest_silence_s(times, *between) for between in recoveries),
            lab.sage.starts,
        )


@contextmanager
def _laboratory(
    outage: Outage, directory: Path, lasts_s: float, postgres_settings: Mapping[str, str]
) -> Iterator[tuple[Lab, Writer]]:
    (directory / "server").mkdir(parents=True)
    with outage.around(directory) as around:
        postgres = Cluster(directory / "server", postgres_settings, around.postgres_environment)
        postgres.create()
        postgres.start()
        try:
            with link_to(postgres.port) as network:
                port = network.port if outage.over_network else postgres.port
                dsn = postgres.dsn().replace(f":{postgres.port}/", f":{port}/")
                environment = {**around.environment, "DATABASE_URL": dsn}
                with (
                    running_sage(directory, prefix=around.prefix, **environment) as sage,
                    writing(sage.url, directory) as writer,
                ):
                    yield Lab(sage, postgres, network, around.change, lasts_s), writer
        finally:
            postgres.stop()
