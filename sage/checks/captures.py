"""Conversations that hooks of AI clients capture: whether they come to be kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.domain.health import CheckResult
from sage.hooks.liveness import read_captures
from sage.terminal.text import age_text, counted

if TYPE_CHECKING:
    from sage.checks.subject import Subject
    from sage.hooks.liveness import ClientCapture

_HINT = "start Sage where the hooks look for it: `sage up`; then they capture what waits"


async def captures(subject: Subject) -> CheckResult | None:
    """Report for each client what was captured and when; None where no hook was ever called."""
    found = await asyncio.to_thread(read_captures, subject.settings.data_dir)
    if not found.clients:
        return None
    told = [_told(client, capture) for client, capture in found.clients.items()]
    if found.waiting:
        told.append(f"{counted(found.waiting, 'event waits', 'events wait')}")
    detail = "\n".join(told)
    return CheckResult.degraded(detail, _HINT) if found.failing else CheckResult.healthy(detail)


def _told(client: str, capture: ClientCapture) -> str:
    if not capture.captured or capture.last_capture is None:
        kept = "nothing captured yet"
    else:
        age = age_text((datetime.now(UTC) - capture.last_capture).total_seconds())
        kept = f"{counted(capture.captured, 'message', 'messages')} captured, the last {age}"
    failing = f", now failing: {capture.failing_text}" if capture.failing else ""
    return f"{client}: {kept}{failing} ({capture.calls_text})"
