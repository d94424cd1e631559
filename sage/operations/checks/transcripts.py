"""Check for transcripts that AI clients delete soon, and that Sage has not stored."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.importing.retention import (
    expiring_here,
    expiring_text,
    keeping_text,
    last_messages,
    only_of,
)
from sage.domain.health import CheckResult
from sage.phrases import joined
from sage.store.transfer import known_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.clients.importing.retention import ExpiringTranscript
    from sage.operations.checks.context import CheckContext
    from sage.store.connections.pool import Database


async def expiring(context: CheckContext) -> CheckResult | None:
    """Report how many transcripts clients delete soon; None if Sage has stored all of them."""
    now, home = datetime.now(UTC), Path.home()
    found = await asyncio.to_thread(expiring_here, home, now)
    new = await new_among(context.opened(), [each for one in found for each in one.soon])
    found = only_of(found, new)
    if not found:
        return None
    detail = joined("\n", (expiring_text(one, now) for one in found))
    return CheckResult.degraded(detail, keeping_text(found, home))


async def new_among(
    database: Database,
    transcripts: Sequence[ExpiringTranscript],
    pauses: Sequence[tuple[float, float]] = (),
) -> set[ExpiringTranscript]:
    """Return the transcripts whose last message is in no space; none from paused periods.

    Raises StoreError.
    """
    messages = await asyncio.to_thread(last_messages, transcripts, pauses)
    async with database.across_spaces() as conn:
        known = await known_ids(conn, [*messages.values()])
    return {one for one, message in messages.items() if message not in known}
