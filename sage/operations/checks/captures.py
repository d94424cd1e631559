"""Check that conversations that hooks of AI clients capture reach the memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.clients.hooks import settings
from sage.clients.hooks.capture.capture_report import read_captures
from sage.clients.hooks.launcher import moved_from
from sage.clients.hooks.pausing import paused_until, state_text
from sage.clients.hooks.state_files import ASIDE, FOLDER, SPOOL
from sage.domain.health import CheckResult
from sage.domain.text.wording import age_text, counted
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from sage.clients.hooks.capture.capture_report import ClientCapture
    from sage.operations.checks.context import CheckContext

_START = phrase("start Sage with `sage up`; the hooks then send what is queued")
_HINTS = {
    "the transcript": phrase(
        "make sure that the user of the client can read the transcript, and that the "
        "disk is not full; the next event of the session catches up"
    ),
    "a message was refused": phrase(
        "nothing is queued: all other messages are saved; see Sage's log for what was "
        "wrong with this one"
    ),
    "a message was left out": phrase("nothing is queued: all other messages are saved"),
    "an event cannot": phrase(
        "other messages are not affected; report this with the version of Sage"
    ),
    "there is no token": phrase(
        "connect the client again: `sage connect CLIENT --hooks --space NAME --write`; "
        "the hooks then send what is queued"
    ),
    "Sage rejected": phrase(
        "see Sage's log; if a token is wrong, connect the client again with `sage "
        "connect CLIENT --hooks --write`"
    ),
    "the running Sage is older": phrase("restart it: `sage down`, then `sage up`"),
    "Sage does not recognize": phrase(
        "add that address to SAGE_PUBLISHED_ADDRESSES on the server, and restart Sage"
    ),
    "there is no key to verify Sage with": phrase(
        "restart Sage: `sage down`, then `sage up`; for a Sage with another data "
        "directory, set SAGE_TOKEN and connect the client again"
    ),
    "another program responded": phrase(
        "stop the program on the port of Sage, or change the port with "
        "MCP_SERVER_PORT; then start Sage: `sage up`"
    ),
    "the answer is not": phrase(
        "check which program uses the port of Sage, and start Sage: `sage up`"
    ),
}
"""Hints by the beginning of the reason of a failure; for any other it is to start Sage."""
_MOVED = phrase("run `./start-sage-mcp.sh --detach` in its new directory, which restarts it")


async def captures(context: CheckContext) -> CheckResult | None:
    """Report for each client what was captured and when; None if no hooks are set up."""
    found = await asyncio.to_thread(read_captures, context.settings.data_dir)
    if not found.clients:
        return None
    lines = [_client_line(client, capture) for client, capture in found.clients.items()]
    data_dir = str(context.settings.data_dir)
    if end := await asyncio.to_thread(paused_until, data_dir):
        lines.insert(0, phrase("hooks are {state}: `sage resume` ends that", state=state_text(end)))
    wrong = await asyncio.to_thread(settings.problems, data_dir)
    lines += wrong
    if found.waiting:
        lines.append(counted(found.waiting, "event queued", "events queued"))
    if found.dropped_at:
        lines.append(
            phrase(
                "{events} dropped, the last on {day}: the queue was full, or they were too old",
                events=counted(found.dropped, "event was", "events were"),
                day=found.dropped_at.astimezone().date().isoformat(),
            )
        )
    gone = await asyncio.to_thread(moved_from, context.settings.data_dir)
    failing = [one.failing_text for one in found.clients.values() if one.failing]
    hints = dict.fromkeys(map(hint_of, failing))
    if wrong:
        hints[settings.CORRECT] = None
    if gone:
        lines.append(
            phrase("the hooks call {path}, which no longer exists: Sage was moved", path=gone)
        )
        hints[_MOVED] = None
    if found.set_aside:
        hooks = context.settings.data_dir / FOLDER
        events = counted(found.set_aside, "event", "events")
        lines.append(
            phrase(
                "{events} set aside in {directory}: capture failed or timed out",
                events=events,
                directory=hooks / ASIDE,
            )
        )
        again = phrase(
            "to retry events that were set aside, for example after an upgrade, move "
            "them to {directory}",
            directory=hooks / SPOOL,
        )
        hints[again] = None
    detail = joined("\n", lines)
    figures = {
        "clients": len(found.clients),
        "failing": found.failing,
        "waiting": found.waiting,
        "set_aside": found.set_aside,
        "dropped": found.dropped,
    }
    if hints:
        code = "failing" if found.failing else "incomplete"
        return CheckResult.degraded(detail, joined("; ", hints), code=code, figures=figures)
    return CheckResult.healthy(detail, code="working", figures=figures)


async def settings_of_hooks(context: CheckContext) -> CheckResult:
    """Report invalid settings of hooks, which ignore them."""
    wrong = await asyncio.to_thread(settings.problems, str(context.settings.data_dir))
    if wrong:
        return CheckResult.degraded(joined("; ", wrong), settings.CORRECT, code="wrong")
    return CheckResult.healthy(phrase("the hook settings are valid"), code="understood")


def hint_of(reason: str) -> str:
    """Return the hint for a reason why capture fails."""
    return next((hint for start, hint in _HINTS.items() if reason.startswith(start)), _START)


def _client_line(client: str, capture: ClientCapture) -> str:
    if not capture.captured or capture.last_capture is None:
        kept = phrase("nothing captured yet")
    else:
        age = age_text((datetime.now(UTC) - capture.last_capture).total_seconds())
        messages = counted(capture.captured, "message", "messages")
        kept = phrase("{messages} captured, the last {age}", messages=messages, age=age)
    return phrase(
        "{client}: {kept}, now failing: {reason} (hooks called: {calls})"
        if capture.failing
        else "{client}: {kept} (hooks called: {calls})",
        client=client,
        kept=kept,
        reason=capture.failing_text,
        calls=capture.calls_text,
    )
