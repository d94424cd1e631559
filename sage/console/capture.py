"""The page that shows whether conversations in AI clients are captured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sage.access.authorization import current_caller, require_admin
from sage.domain.activity import ActivityGroup, ActivityRequest
from sage.domain.caller import SpaceRole
from sage.domain.listing import SessionsRequest
from sage.domain.recall_log import GivenRequest
from sage.operations.capturing import read_capture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.caller import Caller
    from sage.domain.capturing import CapturedClient, CaptureReport
    from sage.domain.listing import SessionSummary

DAYS = 28
_HEIGHT, _RECENT, _HANDED_OUT = 40, 8, 5


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day: its width in percent, its height in pixels."""

    day: date
    messages: int
    left: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """A client, with its messages day by day in the space that is shown."""

    client: CapturedClient
    bars: Sequence[DayBar]

    @property
    def messages(self) -> int:
        """How many messages the bars represent."""
        return sum(bar.messages for bar in self.bars)


async def capture(context: PageContext) -> Response:
    """Show what hooks captured on the machine of this server. Raises ForbiddenError, StoreError."""
    require_admin()
    services = context.services
    caller = current_caller(SpaceRole.READER, context.space)
    report = await asyncio.to_thread(read_capture, services.settings.data_dir)
    today = context.local(datetime.now(UTC)).date()
    midnight = datetime.combine(today, time(), services.settings.timezone).astimezone(UTC)
    handed_out = await services.given.list_given(
        GivenRequest(_HANDED_OUT, space_id=caller.space_id, since=midnight)
    )
    return context.render(
        "capture.html",
        report=report,
        rows=await _rows(context, caller, report.clients, today),
        recent=await sessions_since_yesterday(context, caller, _RECENT),
        given=handed_out.given,
    )


async def captured(context: PageContext) -> CaptureReport | None:
    """Return what hooks captured, None if the caller may not see the machine of this server."""
    if not context.principal.admin:
        return None
    return await asyncio.to_thread(read_capture, context.services.settings.data_dir)


async def sessions_since_yesterday(
    context: PageContext, caller: Caller, most: int
) -> Sequence[SessionSummary]:
    """Return the conversations with messages of yesterday or today, the newest first.

    Raises StoreError.
    """
    timezone = context.services.settings.timezone
    day = context.local(datetime.now(UTC)).date() - timedelta(days=1)
    since = datetime.combine(day, time(), timezone).astimezone(UTC)
    page = SessionsRequest(most, None, caller.space_id, caller.author, since=since)
    return (await context.services.listing.list_sessions(page)).sessions


async def _rows(
    context: PageContext, caller: Caller, clients: Sequence[CapturedClient], today: date
) -> list[Row]:
    first, end = today - timedelta(days=DAYS - 1), today + timedelta(days=1)
    request = ActivityRequest(
        first, end, context.services.settings.timezone, ActivityGroup.CLIENT, caller.space_id
    )
    activity = await context.services.listing.activity(request)
    counted = {(one.group, one.day): one.memories for one in activity.counts}
    rows = []
    for client in clients:
        counts = [counted.get((client.name, day), 0) for day in request.days]
        most = max(1, *counts)
        bars = [
            DayBar(day, count, place * 100 / DAYS, _HEIGHT * count / most)
            for place, (day, count) in enumerate(zip(request.days, counts, strict=True))
        ]
        rows.append(Row(client, bars))
    return rows
