"""The state of capture by hooks on this machine: each client, and what is queued."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.clients.connect.catalog import BY_NAME
from sage.clients.hooks.capture.capture_report import read_captures
from sage.clients.hooks.pausing import paused_until
from sage.clients.hooks.state_files import DEFAULT
from sage.domain.capturing import (
    CalledHook,
    CapturedClient,
    CapturedSpace,
    CaptureReport,
    CaptureState,
    CaptureTrouble,
)
from sage.operations.checks.captures import hint_of

if TYPE_CHECKING:
    from pathlib import Path

    from sage.clients.hooks.capture.capture_report import ClientCapture, HookFailure

_ORDER = (CaptureState.FAILING, CaptureState.WORKING, CaptureState.NEVER_CALLED)
_NEVER = datetime.min.replace(tzinfo=UTC)


def read_capture(data_dir: Path) -> CaptureReport:
    """Read the records of the hooks of a data directory. Raises nothing; reads files."""
    found, end = read_captures(data_dir), paused_until(str(data_dir))
    clients = [_client(name, one) for name, one in found.clients.items()]
    clients.sort(key=lambda one: one.last_at or _NEVER, reverse=True)
    clients.sort(key=lambda one: _ORDER.index(one.state))
    return CaptureReport(
        clients=tuple(clients),
        waiting=found.waiting,
        set_aside=found.set_aside,
        dropped=found.dropped,
        dropped_at=found.dropped_at,
        is_paused=bool(end),
        paused_until=datetime.fromtimestamp(end, UTC) if end and math.isfinite(end) else None,
    )


def _client(name: str, capture: ClientCapture) -> CapturedClient:
    known = BY_NAME.get(name)
    spaces = {"": capture.within(""), **{one: capture.within(one) for one in capture.by_space}}
    return CapturedClient(
        name=name,
        title=known.title if known else name,
        state=_state(capture),
        captured=capture.captured,
        last_at=capture.last_capture,
        set_up_at=capture.set_up_at,
        hooks=tuple(
            CalledHook(event, one.count, one.last_at, one.ms, _failure(one.last_error))
            for event, one in capture.hooks.items()
        ),
        by_space=tuple(
            CapturedSpace(space or DEFAULT, one.captured, one.last_capture)
            for space, one in spaces.items()
            if one.captured
        ),
        failing=_failure(capture.last_error) if capture.failing else None,
    )


def _state(capture: ClientCapture) -> CaptureState:
    if capture.failing:
        return CaptureState.FAILING
    return CaptureState.WORKING if capture.hooks else CaptureState.NEVER_CALLED


def _failure(failure: HookFailure | None) -> CaptureTrouble | None:
    if failure is None:
        return None
    return CaptureTrouble(failure.message, failure.at, hint_of(failure.message))
