"""What the user of a client is shown, in one line, when Sage recalls or keeps nothing."""

from __future__ import annotations

import time

from sage.clients.hooks import backoff, failures, spool
from sage.clients.hooks.places import (
    SERVER,
    WARNED,
    client_words,
    is_elsewhere,
    place,
    read_json,
    write_json,
)
from sage.clients.hooks.status import last_trouble

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from sage.clients.hooks.failures import ServerError
    from sage.clients.hooks.payload import Payload

SHOW_MESSAGES = {"claude-code", "codex"}

_WARN_EVERY_S = 86_400
_WAITS = "What is said waits, and is kept once Sage answers."


def of_failure(data_dir: str, error: ServerError | None, own: int = 0) -> str:
    """Return why nothing is recalled; without an error, since Sage is left alone now.

    `own` events of those that wait are of this session's start.
    """
    server = read_json(place(data_dir, SERVER))
    if "url" in server:
        trouble = "" if error and not error.kind else outage(data_dir)
        trouble = trouble or f"recalls nothing: {error.strerror if error else 'no answer came'}"
        return f"Sage at {host_of(server)} {trouble}{_waiting(data_dir, own)}"
    reason = error.strerror if error else "Sage did not answer in time"
    return f"Sage recalls nothing here: {reason}. {_WAITS}"


def outage(data_dir: str) -> str:
    """Return what is wrong with a Sage elsewhere, and since when; empty where nothing is."""
    known = backoff.silence(data_dir)
    if known is None:
        return ""
    since = _moment(known.since)
    match known.kind:
        case failures.UNREACHABLE:
            return f"is unreachable{since} ({known.why})" if known.why else f"is unreachable{since}"
        case failures.UNPROVEN:
            told = "the token was revoked, or another program answers there"
            return f"has not proved itself{since}: {told}; {_with_token(data_dir)}"
        case failures.REVOKED:
            told = "which was revoked or has expired"
            return f"refuses the token{since}, {told}; {_with_token(data_dir)}"
        case failures.OLDER:
            return "is older than this client; whoever runs it can upgrade it"
    return f"does not answer in time{since}"


def not_kept(data_dir: str, client: str) -> str:
    """Return what is to be said of the last session while Sage answers, empty if it was kept."""
    trouble, unreached_at = last_trouble(data_dir, client)
    if not trouble or not unreached_at:
        return trouble and f"Sage has not kept the last session: {trouble}"
    others = len(spool.waiting(data_dir)) - 1  # what starts now waits, too
    when = time.strftime("%H:%M", time.localtime(unreached_at))
    events = "1 event waits and is" if others == 1 else f"{others} events wait and are"
    return f"Sage was not reachable at {when}; {events} sent now" if others > 0 else ""


def once(data_dir: str, payload: Payload, warning: str) -> str:
    """Return a warning that the client shows, unless it was shown before.

    Of a Sage elsewhere each session is told once, since what is out of reach may be so for days; of
    one on this machine the same is told once a day.
    """
    if not warning or payload.client not in SHOW_MESSAGES:
        return ""
    key = f"session {payload.session}" if is_elsewhere(data_dir) else warning
    path = place(data_dir, WARNED)
    warned, now = read_json(path), time.time()
    shown = {
        one: at
        for one, at in warned.get(payload.client, {}).items()
        if isinstance(at, float) and abs(now - at) < _WARN_EVERY_S
    }
    if key in shown:
        return ""
    write_json(path, warned | {payload.client: {**shown, key: now}})
    return warning


def host_of(server: dict[str, object]) -> str:
    """Return the host of a Sage elsewhere, with its port if that is not the usual one."""
    return str(server.get("url")).partition("//")[2].partition("/")[0]


def _with_token(data_dir: str) -> str:
    import shlex  # noqa: PLC0415 - needed where something is wrong

    command = shlex.join([*client_words(data_dir), "connect", "--token-file", "FILE"])
    return f"with another one: {command}"


def _waiting(data_dir: str, own: int) -> str:
    count, dropped = len(spool.waiting(data_dir)) - own, spool.dropped(data_dir)[0]
    if count <= 0:
        return ""
    waits = "1 event waits" if count == 1 else f"{count} events wait"
    return f"; {waits}, {dropped} too many were dropped" if dropped else f"; {waits}"


def _moment(at: float) -> str:
    """Return since when, empty where the clock has been set back since."""
    now = time.time()
    if at > now:
        return ""
    then = time.localtime(at)
    is_today = then[:3] == time.localtime(now)[:3]
    return time.strftime(" since %H:%M" if is_today else " since %Y-%m-%d %H:%M", then)
