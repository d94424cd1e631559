"""Measure what metrics cost: the same calls on a server that counts and on one that does not."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

from mcp import Client

from benchmarks.calls import saving, searching
from sage.api.http.app import create_app
from sage.api.mcp.operation_metrics import measure_operation
from sage.api.mcp.server import MCP_PATH
from sage.api.middleware.request_metrics import RequestMetrics
from sage.benchmark.server import sage_server, serving
from sage.benchmark.timing import spread_of, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp

    from sage.benchmark.timing import Call, Spread
    from sage.config.settings import Settings

CALLS = {"search": searching, "save": saving}
_WARM_UP = 20
_APART = 1_000_000
"""Keeps the numbers of calls apart, so that no message is saved twice."""


@dataclass(frozen=True, slots=True)
class MetricsCost:
    """How long calls take with metrics and without, and how many times as long with them."""

    counted: Spread
    uncounted: Spread
    p50_ratio: float
    best_ratio: float

    @classmethod
    def of(cls, counted_ms: Sequence[float], uncounted_ms: Sequence[float]) -> MetricsCost:
        """Sum up the milliseconds that calls took."""
        counted, uncounted = spread_of(counted_ms), spread_of(uncounted_ms)
        return cls(
            counted,
            uncounted,
            p50_ratio=round(counted.p50_ms / uncounted.p50_ms, 3),
            best_ratio=round(counted.best_ms / uncounted.best_ms, 3),
        )


async def measure_metrics_cost(
    settings: Settings,
    calls: int,
    progress: Callable[[int], None],
    is_enough: Callable[[MetricsCost], bool] = lambda _: True,
    max_rounds: int = 1,
) -> Mapping[str, MetricsCost]:
    """Time searches and saves in turns on both servers, in rounds of `calls` until it is enough.

    `settings` name an empty database, which both servers use. `progress` is told of the calls of
    the first round, `len(CALLS) * calls` in all. Raises SageError.
    """
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(sage_server(settings)),
            await stack.enter_async_context(
                serving(settings, _build_without_metrics, "/health/readiness")
            ),
        ]
        clients = [
            await stack.enter_async_context(Client(server.url + MCP_PATH)) for server in servers
        ]
        for number in range(_WARM_UP):
            await saving(clients[0])(number)
        costs = {}
        for place, (name, calling) in enumerate(CALLS.items(), start=1):
            pair = [calling(client) for client in clients]
            taken: tuple[list[float], list[float]] = ([], [])
            first = place * _APART
            await _time_in_turns(pair, first, _WARM_UP)
            for done in range(max_rounds):
                start = first + _WARM_UP + done * calls
                counted, uncounted = await _time_in_turns(pair, start, calls)
                taken[0].extend(counted)
                taken[1].extend(uncounted)
                costs[name] = MetricsCost.of(*taken)
                progress(0 if done else calls)
                if is_enough(costs[name]):
                    break
        return costs


async def _time_in_turns(
    pair: Sequence[Call], first: int, calls: int
) -> tuple[list[float], list[float]]:
    """Time both calls in turns, so that they see the same machine; each number is used once."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(first, first + calls):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(await timed(pair[which], 2 * number + which))
    return taken


def _build_without_metrics(settings: Settings) -> ASGIApp:
    """Build Sage as it would be if it counted nothing."""
    with patch("sage.api.http.app.start_metrics"):
        app = create_app(settings)
    app.user_middleware = [
        one for one in app.user_middleware if cast("object", one.cls) is not RequestMetrics
    ]
    app.state.mcp_server.middleware.remove(measure_operation)
    return app
