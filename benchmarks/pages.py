"""Measure pages of the console: latency relative to `/health`, processor time, blocks read."""

from __future__ import annotations

from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from statistics import median
from typing import TYPE_CHECKING

import httpx

from benchmarks import corpus
from benchmarks.explaining import explaining
from benchmarks.processor_time import nanoseconds_of
from benchmarks.seeding import Kind, SyntheticEmbedder, fill_and_index
from benchmarks.statements import list_backends
from sage.api.http.app import create_app
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import serving
from sage.cli.benchmark.timing import spread_of, timed
from sage.console.pages import ConsolePages
from sage.errors import SageError
from sage.providers.registry import open_embedder
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI

    from sage.cli.benchmark.server import RunningServer
    from sage.cli.benchmark.timing import Spread
    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection

HEALTH = "/health"
PAGES = {
    "home": "/",
    "search": "/?q=what+did+Anna+say+about+the+bicycle+at+the+harbour",
    "why not": "/?q=what+did+Anna+say+about+the+bicycle+at+the+harbour&other=garden",
    "sessions": "/sessions",
    "a project": "/sessions?project=/srv/3",
    "a day": "/sessions?day={yesterday}",
    "conversation": "/sessions/made%20up%207",
    "capture": "/capture",
    "connect": "/connect",
    "imports": "/connect/imports",
    "system": "/system",
    "access": "/system/access",
    "audit log": "/system/audit",
}
"""Paths by the name in the table; each route of `sage.console.pages` occurs at least once."""
ROUNDS = 3
_WARM_UP = 3
_TIMEOUT_S = 60
_YEAR = timedelta(days=365)
_BETWEEN_TURNS = timedelta(minutes=2)
_PROJECTS = 20


@dataclass(frozen=True, slots=True)
class PageCost:
    """The latency of a page, the processor time of Sage and PostgreSQL, and the blocks it reads.

    The ratios are to `/health`, which is called alternately. `blocks` are those of each query, by
    its name; `whole` are the tables that a query reads by sequential scans.
    """

    memories: int
    page: str
    times: Spread
    ratio: float
    processor_ms: float
    processor_ratio: float
    blocks: Mapping[str, int]
    whole: Sequence[str]

    @property
    def total_blocks(self) -> int:
        """Return the number of blocks read by all queries."""
        return sum(self.blocks.values())


def build_with_pages(settings: Settings) -> FastAPI:
    """Build Sage as `sage serve` does, with the console."""
    return create_app(settings, pages=ConsolePages(settings.server))


async def measure_pages(
    settings: Settings, memories: int, calls: int, progress: Callable[[int], None]
) -> list[PageCost]:
    """Measure each page with generated memories in an empty database (see `sandbox`).

    `progress` is called with the number of memories generated. Raises SageError, also if the
    processor time of the processes cannot be read.
    """
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        await embedder.start()
        database = await open_database(dsn_of(settings))
        stack.push_async_callback(database.close)
        await migrate(database)
        await fill_and_index(
            settings,
            embedder.model,
            await SyntheticEmbedder.of(embedder),
            first=0,
            last=memories,
            progress=progress,
            kind=Kind(time_of=partial(_time_of, memories), about=_about),
        )
        read = await _read(settings)
        server = await stack.enter_async_context(
            serving(settings, build_with_pages, "/health/readiness")
        )
        conn = await stack.enter_async_context(database.across_spaces())
        taken = await _timed(server, conn, calls)
    return [PageCost(memories, page, *taken[page], *read[page]) for page in PAGES]


def _time_of(memories: int, number: int) -> datetime:
    """Return the time of a message: sessions are spread over the last year."""
    session, turn = divmod(number, corpus.SESSION_TURNS)
    began = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - _YEAR
    return began + session * corpus.SESSION_TURNS / memories * _YEAR + turn * _BETWEEN_TURNS


def _about(number: int) -> dict[str, object]:
    return {"project": f"/srv/{number // corpus.SESSION_TURNS % _PROJECTS}"}


def _address(page: str) -> str:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return PAGES[page].format(yesterday=yesterday)


async def _read(settings: Settings) -> dict[str, tuple[dict[str, int], list[str]]]:
    """Return the blocks that the queries of each page read, and their sequential scans."""
    app = build_with_pages(settings)
    read = {}
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        for page in PAGES:
            for _ in range(_WARM_UP):
                (await client.get(_address(page))).raise_for_status()
            with explaining() as found:
                await client.get(_address(page))
            read[page] = dict(found.blocks), sorted(map(" of ".join, found.whole))
    return read


async def _timed(
    server: RunningServer, conn: Connection, calls: int
) -> dict[str, tuple[Spread, float, float, float]]:
    """Return for each page the latency and its ratio, the processor time in ms and its ratio."""
    found = {}
    with closing(HTTPConnection(server.host, server.port, timeout=_TIMEOUT_S)) as http:

        async def call(path: str) -> None:
            http.request("GET", path)
            answer = http.getresponse()
            answer.read()
            if answer.status >= 500:  # noqa: PLR2004 - HTTP's own
                raise SageError(f"{path} answered {answer.status}")

        for page in PAGES:
            taken: dict[str, list[float]] = {_address(page): [], HEALTH: []}
            worked: dict[str, list[float]] = {path: [] for path in taken}
            for path in taken:
                for _ in range(_WARM_UP):
                    await call(path)
            for _ in range(ROUNDS):
                for path, times in taken.items():
                    before = await _worked_ns(server, conn)
                    times += [await timed(lambda _: call(path), n) for n in range(calls)]  # noqa: B023
                    after = await _worked_ns(server, conn)
                    worked[path].append((after - before) / calls / 1e6)
            page_times, health_times = map(spread_of, taken.values())
            page_ms, health_ms = map(median, worked.values())
            found[page] = (
                page_times,
                round(page_times.p50_ms / health_times.p50_ms, 2),
                round(page_ms, 2),
                round(page_ms / health_ms, 2),
            )
    return found


async def _worked_ns(server: RunningServer, conn: Connection) -> int:
    backends = await list_backends(conn)
    return nanoseconds_of(server.pid) + sum(map(nanoseconds_of, backends))
