"""Measure the cost of a part of Sage: the latency of calls with it, relative to without."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from unittest.mock import patch

from mcp import Client

from benchmarks.calls import saving, searching
from sage.api.http.app import create_app
from sage.api.middleware.observer import RequestObserver
from sage.cli.benchmark.server import sage_server, serving
from sage.cli.benchmark.timing import spread_of, timed
from sage.clients.connect.server import MCP_PATH
from sage.domain.memories import DEFAULT_SPACE
from sage.store.connections.application_login import ApplicationConnector
from sage.store.connections.connector import Connector
from sage.store.connections.pool import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp

    from sage.cli.benchmark.timing import Call, Spread
    from sage.config.settings import Settings

Build: TypeAlias = "Callable[[Settings], ASGIApp]"

CALLS = {"search": searching, "save": saving}
_WARM_UP = 20
_APART = 1_000_000
"""Distance between the first numbers of calls, so that no message is saved twice."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The latency of a call with and without a part of Sage, and the ratios of the two."""

    on: Spread
    off: Spread
    p50_ratio: float
    best_ratio: float

    @classmethod
    def of(cls, on_ms: Sequence[float], off_ms: Sequence[float]) -> Cost:
        """Return the cost for the durations of calls with and without the part, in milliseconds."""
        on, off = spread_of(on_ms), spread_of(off_ms)
        return cls(
            on,
            off,
            p50_ratio=round(on.p50_ms / off.p50_ms, 3),
            best_ratio=round(on.best_ms / off.best_ms, 3),
        )


async def measure_cost(
    settings: Settings, without: Build, calls: int, progress: Callable[[int], None]
) -> Mapping[str, Cost]:
    """Time searches and saves alternately on Sage as it is, and on what `without` builds.

    `settings` must name an empty database, which both servers use. `progress` is called with the
    number of calls, `len(CALLS) * calls` in total. Raises SageError.
    """
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(sage_server(settings)),
            await stack.enter_async_context(serving(settings, without, "/health/readiness")),
        ]
        clients = [
            await stack.enter_async_context(Client(server.url + MCP_PATH)) for server in servers
        ]
        for number in range(_WARM_UP):
            await saving(clients[0])(number)
        costs = {}
        for place, (name, calling) in enumerate(CALLS.items(), start=1):
            pair = [calling(client) for client in clients]
            first = place * _APART
            await _time_alternately(pair, first, _WARM_UP)
            costs[name] = Cost.of(*await _time_alternately(pair, first + _WARM_UP, calls))
            progress(calls)
        return costs


async def _time_alternately(
    pair: Sequence[Call], first: int, calls: int
) -> tuple[list[float], list[float]]:
    """Time both calls alternately, so that load affects both; each number is used once."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(first, first + calls):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(await timed(pair[which], 2 * number + which))
    return taken


def build_without_metrics(settings: Settings) -> ASGIApp:
    """Build Sage without metrics."""
    # Never undone: the process is used for nothing else.
    patch.object(RequestObserver, "_measure", lambda *_: None).start()
    with patch("sage.api.http.app.start_metrics"):
        return create_app(settings)


def build_without_row_security(settings: Settings) -> ASGIApp:
    """Build Sage without row-level security: statements run as the owner of the tables."""
    connector = Connector.__init__

    def init(self: Connector, dsn: str, command_timeout_s: float, kind: str) -> None:
        connector(self, dsn, command_timeout_s, kind)
        # Without it, the view in which words are looked up is empty.
        self.settings = {**self.settings, "sage.space": DEFAULT_SPACE}

    async def open_as_owner(self: ApplicationConnector, *_: object, **options: object) -> object:
        return await self.owner.open(**options)

    # Never undone: the process is used for nothing else.
    patch.object(Connector, "__init__", init).start()
    patch.object(ApplicationConnector, "open", open_as_owner).start()
    in_space = lambda database, *_: database.transaction_across_spaces()  # noqa: E731 - patched in
    patch.object(Database, "in_space", in_space).start()
    patch.object(Database, "application_role", None).start()
    return create_app(settings)
