"""The page of the server's state: its parts, durations of calls, backups, the model."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.access.authorization import current_caller
from sage.api.arguments import SpaceArguments
from sage.api.tools import STATS
from sage.console.connect import program
from sage.domain.caller import SpaceRole
from sage.domain.health import Status
from sage.errors import StoreError
from sage.operations.backup.inventory import read_backups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.health import CheckReport, DetailedHealth
    from sage.domain.latency import LatencyBin, OperationLatency
    from sage.domain.memories import MemoryStats

HOURS = (1, 24, 168)
_SEARCH = "search_memory"
_WORST_FIRST = (Status.UNHEALTHY, Status.DEGRADED, Status.HEALTHY)
_MIN_STEPS = 8
_HEIGHT = 78


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """A column of the histogram: its width in percent, its height in pixels."""

    up_to_ms: float | None
    count: int
    left: float
    width: float
    height: float


async def system(context: PageContext) -> Response:
    """Show the state of the server, or only that of a space to its owner.

    Raises ForbiddenError, InvalidInputError.
    """
    is_whole = context.principal.admin
    if is_whole:
        health = await context.services.health.detailed()
    else:
        owner = current_caller(SpaceRole.OWNER, context.space)
        health = await context.services.health.of_space(owner.space_id)
    checks = sorted(health.checks.items(), key=lambda one: _WORST_FIRST.index(one[1].status))
    return context.render(
        "system.html",
        status=503 if health.status is Status.UNHEALTHY else 200,
        health=health,
        checks=checks,
        wrong=_wrong(health),
        stats=await _stats(context),
        is_whole=is_whole,
        **(await _of_the_server(context) if is_whole else {}),
    )


async def _of_the_server(context: PageContext) -> dict[str, object]:
    """Return the state of the whole server; None for values that need the database."""
    asked, services = context.request.query_params, context.services
    hours = next((one for one in HOURS if str(one) == asked.get("hours")), 24)
    latency = services.latencies.report(hours)
    named = {one.operation: one for one in latency.operations}
    wanted = named.get(asked.get("operation", _SEARCH))
    shown = wanted or next(iter(named.values()), None)
    backups = reembedding = None
    with suppress(StoreError):
        backups = await read_backups(services.database, services.settings)
        reembedding = await services.embedding_progress.report()
    return {
        "program": shlex.quote(program(context)),
        "latency": latency,
        "hours_known": HOURS,
        "shown": shown,
        "steps": steps_of(shown) if shown else [],
        "backups": backups,
        "reembedding": reembedding,
    }


def steps_of(operation: OperationLatency) -> list[HistogramBar]:
    """Return the columns from the shortest call to the longest, with one empty on either side."""
    bins: Sequence[LatencyBin] = operation.histogram
    used = [place for place, one in enumerate(bins) if one.count]
    first, end = max(0, used[0] - 1), min(len(bins), used[-1] + 2)
    end = min(len(bins), max(end, first + _MIN_STEPS))
    kept = bins[max(0, min(first, end - _MIN_STEPS)) : end]
    width, most = 100 / len(kept), max(one.count for one in kept)
    return [
        HistogramBar(one.up_to_ms, one.count, place * width, width, _HEIGHT * one.count / most)
        for place, one in enumerate(kept)
    ]


async def _stats(context: PageContext) -> MemoryStats | None:
    try:
        return await STATS.call(context.services, SpaceArguments(space=context.space))
    except StoreError:
        return None


def _wrong(health: DetailedHealth) -> list[CheckReport]:
    return [one for one in health.checks.values() if one.status is not Status.HEALTHY]
