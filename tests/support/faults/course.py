"""Cause an outage again and again while a client saves, and judge what became of the saves."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.faults.client import longest_silence_s, writing
from tests.support.faults.link import link_to
from tests.support.faults.outages import Lab
from tests.support.faults.sage_process import running_sage
from tests.support.faults.verdict import Verdict, judge
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.support.faults.client import Writer
    from tests.support.faults.outages import Outage

MIN_SAVES_AFTER = 20
HASTY = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
"""Postgres acknowledges before anything is on disk: what the control loses."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it went: the longest silence after an outage had ended counts as recovery."""

    trials: int
    verdict: Verdict
    recovery_s: float
    starts_of_sage: int


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
                    postgres.ask("CHECKPOINT")  # also the hasty one is to keep the schema
                    yield Lab(sage, postgres, network, around.change, lasts_s), writer
        finally:
            postgres.stop()
