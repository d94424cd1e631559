"""Measure latency and throughput of calls at several sizes, relative to floors.

Calls are sent as a client does, over MCP and HTTP, to a server in a separate process.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mcp import Client

from benchmarks.bare_server import bare_server
from benchmarks.calls import gathering, getting, saving, saving_without_sdk, searching
from benchmarks.floors import save_floor, search_floor
from benchmarks.load import LOADS, saves_under_load
from benchmarks.seeding import SyntheticEmbedder, fill_and_index
from benchmarks.timing import calls_per_s, compare
from sage.cli.benchmark.migrated import open_migrated_services
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server
from sage.clients.connect.server import MCP_PATH
from sage.domain.memories import DEFAULT_SPACE
from sage.providers.registry import open_embedder
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.load import LoadResult
    from benchmarks.timing import Compared
    from sage.cli.benchmark.server import RunningServer
    from sage.cli.benchmark.timing import Call
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder

_CALLS = ("search", "context", "health", "save", "save_without_sdk")
_WARM_UP = 5
_FILL_TIMEOUT_S = 900.0
_APART = 1_000_000
"""Distance between the first numbers of calls, so that no question or message is repeated."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes to measure, the number of single calls, and the number and seconds of clients."""

    sizes: Sequence[int]
    calls: int
    clients: int
    seconds: float

    @property
    def steps(self) -> int:
        """Return the number of memories to generate and of single calls."""
        return max(self.sizes) + len(self.sizes) * (len(_CALLS) + len(LOADS)) * self.calls


@dataclass(frozen=True, slots=True)
class SizeLatency:
    """The results at one size: single calls by name, saves under load, and throughput.

    `filled_per_s` is the number of memories generated and stored per second.
    """

    memories: int
    compared: Mapping[str, Compared]
    saves_under_load: Mapping[str, LoadResult]
    searches_per_s: float
    saves_per_s: float
    resident_bytes: int
    filled_per_s: float = 0.0


async def measure_latency(
    settings: Settings, plan: Plan, progress: Callable[[int], None]
) -> list[SizeLatency]:
    """Measure each size of the plan, from the smallest to the largest, in one database.

    `settings` must name that database (see `sandbox`). `progress` is called with the number of
    memories generated and calls timed, about `plan.steps` in total. Raises SageError.
    """
    embedder = open_embedder(settings)
    await embedder.start()
    measured = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(embedder.close)
        synthetic = await SyntheticEmbedder.of(embedder)
        bare = await stack.enter_async_context(bare_server(settings))
        for place, size in enumerate(sorted(set(plan.sizes))):
            filled_per_s = await _fill(settings, embedder, synthetic, size, progress)
            try:
                latency = await _measure(
                    settings,
                    plan,
                    embedder,
                    bare,
                    size=size,
                    first=_APART * (place + 1),
                    progress=progress,
                )
            except BaseExceptionGroup as group:  # raised by the tasks of the clients
                raise _reason(group) from group
            measured.append(replace(latency, filled_per_s=filled_per_s))
    return measured


def _reason(failure: BaseException) -> BaseException:
    """Return the first single failure in nested exception groups."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


async def _fill(
    settings: Settings,
    embedder: Embedder,
    synthetic: SyntheticEmbedder,
    size: int,
    progress: Callable[[int], None],
) -> float:
    """Add memories until there are `size`; return the number stored per second."""
    async with open_migrated_services(settings) as services:
        there = (await services.memory.stats(DEFAULT_SPACE)).memories
    return await fill_and_index(
        settings, embedder.model, synthetic, first=there, last=size, progress=progress
    )


async def _measure(  # noqa: PLR0913 - where, what, how far
    settings: Settings,
    plan: Plan,
    embedder: Embedder,
    bare: RunningServer,
    *,
    size: int,
    first: int,
    progress: Callable[[int], None],
) -> SizeLatency:
    async with AsyncExitStack() as stack:
        database = await open_database(dsn_of(settings), command_timeout_s=_FILL_TIMEOUT_S)
        stack.push_async_callback(database.close)
        server = await stack.enter_async_context(sage_server(settings))
        clients = [
            await stack.enter_async_context(Client(server.url + MCP_PATH))
            for _ in range(plan.clients)
        ]
        least_search = await search_floor(database, embedder)
        least_save = await save_floor(database)
        pairs: tuple[tuple[Call, Call], ...] = (
            (searching(clients[0]), least_search),
            (gathering(clients[0]), least_search),
            (
                stack.enter_context(getting(server, "/health")),
                stack.enter_context(getting(bare, "/")),
            ),
            (saving(clients[0]), least_save),
            (stack.enter_context(saving_without_sdk(server)), least_save),
        )
        compared = {}
        for name, (call, least) in zip(_CALLS, pairs, strict=True):
            await compare(call, least, _WARM_UP, first)
            first += _WARM_UP
            compared[name] = await compare(call, least, plan.calls, first)
            first += plan.calls
            progress(plan.calls)
        under_load = await saves_under_load(
            settings,
            database,
            saving(clients[0]),
            calls=plan.calls,
            first=first,
            progress=progress,
        )
        first += _APART // 2
        searches_per_s = await calls_per_s(list(map(searching, clients)), plan.seconds, first)
        saves_per_s = await calls_per_s(list(map(saving, clients)), plan.seconds, first)
        return SizeLatency(
            memories=size,
            compared=compared,
            saves_under_load=under_load,
            searches_per_s=searches_per_s,
            saves_per_s=saves_per_s,
            resident_bytes=server.resident_bytes(),
        )
