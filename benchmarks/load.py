"""Time saves while the provider is down, while the queue is long, and without load."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mcp import Client
from pydantic import SecretStr

from benchmarks.calls import saving
from benchmarks.statements import empty_queue, fill_queue
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server
from sage.cli.benchmark.timing import Spread, spread_of, timed
from sage.clients.connect.server import MCP_PATH
from sage.config.choices import EmbeddingProvider
from sage.config.model_settings import EmbeddingSettings
from sage.store.connections.temporary import temporary_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from sage.cli.benchmark.timing import Call
    from sage.config.settings import Settings
    from sage.store.connections.pool import Database

LOADS = ("alone", "provider_down", "queue_waits")
_MAX_ROUNDS = 4
_MIN_A_ROUND = 5
_WARM_UP = 3
_DIMENSIONS = 384


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The latency of saves under load, and its ratios to that without load in the same run."""

    call: Spread
    p50_ratio: float
    p95_ratio: float


async def saves_under_load(  # noqa: PLR0913 - where, what, how often
    settings: Settings,
    database: Database,
    save: Call,
    *,
    calls: int,
    first: int,
    progress: Callable[[int], None],
) -> Mapping[str, LoadResult]:
    """Time saves under each of `LOADS`, alternating between a few calls of each.

    `save` calls a server on `database`. For `queue_waits`, every memory there is queued and the
    worker embeds them; otherwise the queue is empty. For `provider_down`, a second server has a
    separate database, since one with vectors of another model would keep that model. Raises
    SageError.
    """
    taken: Mapping[str, list[float]] = {load: [] for load in LOADS}
    async with _saving_without_provider(settings) as save_without:
        for some in _parts(calls):
            for load in LOADS:
                async with database.across_spaces() as conn:
                    await empty_queue(conn)
                    if load == "queue_waits":
                        await fill_queue(conn)
                call = save_without if load == "provider_down" else save
                for number in range(first, first + _WARM_UP + some):
                    taken[load].append(await timed(call, number))
                del taken[load][-some - _WARM_UP : -some]
                first += _WARM_UP + some
                progress(some)
    async with database.across_spaces() as conn:
        await empty_queue(conn)
    spreads = {load: spread_of(times) for load, times in taken.items()}
    alone = spreads["alone"]
    return {
        load: LoadResult(
            spread,
            p50_ratio=round(spread.p50_ms / alone.p50_ms, 2),
            p95_ratio=round(spread.p95_ms / alone.p95_ms, 2),
        )
        for load, spread in spreads.items()
    }


@asynccontextmanager
async def _saving_without_provider(settings: Settings) -> AsyncIterator[Call]:
    """Yield a call that saves on a server whose provider is down."""
    with without_provider() as embedding:
        async with temporary_database(dsn_of(settings)) as dsn:
            database = settings.database.model_copy(update={"dsn": SecretStr(dsn)})
            place = settings.model_copy(update={"database": database, "embedding": embedding})
            async with sage_server(place) as server, Client(server.url + MCP_PATH) as client:
                yield saving(client)


@contextmanager
def without_provider() -> Iterator[EmbeddingSettings]:
    """Yield settings of a provider whose port is closed until the block ends."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound without listening: connections are refused
        yield EmbeddingSettings(
            provider=EmbeddingProvider.OPENAI,
            model="away",
            dimensions=_DIMENSIONS,
            base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/v1",
        )


def _parts(calls: int) -> list[int]:
    """Divide calls into rounds of about equal length."""
    rounds = max(1, min(_MAX_ROUNDS, calls // _MIN_A_ROUND))
    cuts = [calls * place // rounds for place in range(rounds + 1)]
    return [end - begin for begin, end in pairwise(cuts)]
