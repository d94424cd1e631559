"""Measure the cost of a token to a save, in processor time and latency.

One server on loopback receives saves with a token and without, alternately. Nothing is embedded.
"""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.calls import saving_without_sdk
from benchmarks.load import without_provider
from benchmarks.processor_time import nanoseconds_of
from benchmarks.statements import list_backends
from sage.access.accounts.tokens import create_token
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server
from sage.cli.benchmark.timing import spread_of, timed
from sage.domain.caller import SpaceRole
from sage.domain.memories import DEFAULT_SPACE
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sage.cli.benchmark.server import RunningServer
    from sage.cli.benchmark.timing import Call, Spread
    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection

ROUNDS = 5
_AT_ONCE = 10
"""Consecutive saves of one kind."""

_WARM_UP = 3
"""Turns that are not counted, until PostgreSQL has cached its plans."""


@dataclass(frozen=True, slots=True)
class Saves:
    """The latency of a save, and the processor time of Sage and PostgreSQL, in milliseconds."""

    times: Spread
    sage_ms: float
    postgres_ms: float


@dataclass(frozen=True, slots=True)
class TokenCost:
    """Saves with a token and without; the ratios are medians of five rounds.

    `processor_ratio` is of the processor time of Sage and PostgreSQL together.
    """

    shown: Saves
    none: Saves
    processor_ratio: float
    p50_ratio: float


@dataclass(slots=True)
class _Taken:
    """The times and the processor time of saves of one kind."""

    times_ms: list[float] = field(default_factory=list)
    sage_ns: int = 0
    postgres_ns: int = 0


async def measure_token_cost(
    settings: Settings, turns: int, progress: Callable[[int], None]
) -> TokenCost:
    """Save with a token and without alternately, in an empty database.

    Each round has `turns` turns of ten saves of each kind. `progress` is called with the number of
    saves, `saves_of(turns)` in total. Raises SageError, also if the processor time of the processes
    cannot be read.
    """
    async with AsyncExitStack() as stack:
        embedding = stack.enter_context(without_provider())
        place = settings.model_copy(update={"embedding": embedding})
        server = await stack.enter_async_context(sage_server(place))
        database = await open_database(dsn_of(settings))
        stack.push_async_callback(database.close)
        conn = await stack.enter_async_context(database.across_spaces())
        token = await create_token(conn, {DEFAULT_SPACE: SpaceRole.WRITER})
        pair = (
            stack.enter_context(saving_without_sdk(server, token)),
            stack.enter_context(saving_without_sdk(server)),
        )
        numbers = itertools.count()
        rounds = []
        for measured in (_WARM_UP, *[turns] * ROUNDS):
            taken = (_Taken(), _Taken())
            for turn in range(measured):
                for which in (0, 1) if turn % 2 else (1, 0):
                    await _take_turn(conn, server, pair[which], numbers, taken[which])
                    progress(_AT_ONCE)
            rounds.append(taken)
        return _summed_up(rounds[1:])


def saves_of(turns: int) -> int:
    """Return the total number of saves."""
    return 2 * _AT_ONCE * (_WARM_UP + ROUNDS * turns)


async def _take_turn(
    conn: Connection, server: RunningServer, save: Call, numbers: Iterator[int], taken: _Taken
) -> None:
    """Save ten times; add the times to `taken`."""
    backends = await list_backends(conn)
    before = nanoseconds_of(server.pid), sum(map(nanoseconds_of, backends))
    taken.times_ms += [await timed(save, next(numbers)) for _ in range(_AT_ONCE)]
    taken.sage_ns += nanoseconds_of(server.pid) - before[0]
    taken.postgres_ns += sum(map(nanoseconds_of, backends)) - before[1]


def _summed_up(rounds: Sequence[tuple[_Taken, _Taken]]) -> TokenCost:
    shown, none = (_saves(kind) for kind in zip(*rounds, strict=True))
    return TokenCost(
        shown,
        none,
        processor_ratio=_median_ratio(rounds, lambda one: one.sage_ns + one.postgres_ns),
        p50_ratio=_median_ratio(rounds, lambda one: median(one.times_ms)),
    )


def _saves(rounds: Sequence[_Taken]) -> Saves:
    times_ms = [ms for one in rounds for ms in one.times_ms]
    per_save = 1e6 * len(times_ms)
    return Saves(
        spread_of(times_ms),
        sage_ms=round(sum(one.sage_ns for one in rounds) / per_save, 2),
        postgres_ms=round(sum(one.postgres_ns for one in rounds) / per_save, 2),
    )


def _median_ratio(
    rounds: Sequence[tuple[_Taken, _Taken]], figure: Callable[[_Taken], float]
) -> float:
    return round(median(figure(shown) / figure(none) for shown, none in rounds), 3)
