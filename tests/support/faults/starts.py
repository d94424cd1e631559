"""First starts at the same time, and starts that are killed on their way."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from tests.support.faults.sage_process import Sage, running_sage
from tests.support.polling import wait_for
from tests.support.postgres import ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_START_S = 240.0
_APPLIED = "SELECT count(*) - count(DISTINCT version) FROM sage.schema_migrations"


@dataclass(frozen=True, slots=True)
class FirstStarts:
    """How many became ready, and how often a migration was applied once more than it may be."""

    ready: int
    applied_twice: int


def start_at_once(
    dsn: str, directory: Path, environment: Mapping[str, str], starters: int
) -> FirstStarts:
    """Start Sage many times at once on a database that is empty."""
    with ExitStack() as stack:
        started = []
        for number in range(starters):
            folder = directory / str(number)
            folder.mkdir(parents=True)
            sage = Sage(folder, {**environment, "DATABASE_URL": dsn})
            stack.callback(sage.kill)
            started.append(sage)
        for sage in started:
            sage.launch()
        wait_for(lambda: all(sage.is_ready() for sage in started), _START_S)
        return FirstStarts(len(started), int(ask(dsn, _APPLIED)))


def failures_without_a_lock(dsn: str, starters: int) -> int:
    """Create the extension from many connections at once, as starters without a lock would.

    Return how many fail.
    """

    async def create() -> None:
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
        finally:
            await conn.close()

    async def run() -> int:
        results = await asyncio.gather(*(create() for _ in range(starters)), return_exceptions=True)
        return sum(isinstance(result, Exception) for result in results)

    return asyncio.run(run())


def kill_first_starts(dsn: str, directory: Path, environment: Mapping[str, str], kills: int) -> int:
    """Kill Sage at random moments of its first starts, and let one be ready.

    Return how often a migration was applied once more than it may be.
    """
    directory.mkdir(parents=True)
    sage = Sage(directory, {**environment, "DATABASE_URL": dsn})
    for _ in range(kills):
        sage.launch()
        time.sleep(random.uniform(0.5, 2.5))
        sage.kill()
    with running_sage(directory, **environment, DATABASE_URL=dsn):
        return int(ask(dsn, _APPLIED))
