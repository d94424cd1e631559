"""Outages in which saves go on: each is caused again and again, and none may lose a save."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from tests.support.polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.faults.link import Link
    from tests.support.faults.sage_process import Sage
    from tests.support.faults.surroundings import Surroundings
    from tests.support.postgres import Cluster

UNREADY = 503
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
        LEFT JOIN sage.memory_classes USING (memory_id)
    WHERE content IS NULL
        OR vectors IS DISTINCT FROM
            CASE WHEN sage.is_embedded(class, extent) IS NOT FALSE THEN 1 END
"""


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
    Outage("F24", "packets to PostgreSQL are dropped", _silence_the_network, over_network=True),
)
