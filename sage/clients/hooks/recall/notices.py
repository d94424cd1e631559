"""One-line notices for users of a client, if recall or capture fails."""

from __future__ import annotations

import time

from sage.clients.hooks.capture import spool
from sage.clients.hooks.capture.status import last_failure
from sage.clients.hooks.clients import hook_client
from sage.clients.hooks.server import backoff, errors
from sage.clients.hooks.state_files import (
    SERVER,
    WARNED,
    client_words,
    is_elsewhere,
    read_json,
    state_path,
    write_json,
)
from sage.phrases import as_phrase, numbered, phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from sage.clients.hooks.payload import Payload
    from sage.clients.hooks.server.errors import ServerError

_WARN_EVERY_S = 86_400


def of_failure(data_dir: str, error: ServerError | None, own: int = 0) -> str:
    """Return why nothing is recalled; without an error, that Sage is not called for now.

    `own` is the number of queued events that belong to the start of this session.
    """
    server = read_json(state_path(data_dir, SERVER))
    if "url" in server:
        failure = "" if error and not error.kind else outage_text(data_dir)
        if not failure:
            why = as_phrase((error and error.strerror) or phrase("no response"))
            failure = phrase("recalls nothing: {reason}", reason=why)
        waiting = _waiting(data_dir, own)
        return phrase(
            "Sage at {host} {trouble}; {waiting}" if waiting else "Sage at {host} {trouble}",
            host=host_of(server),
            trouble=as_phrase(failure),
            waiting=waiting,
        )
    reason = (error and error.strerror) or phrase("Sage did not answer in time")
    return phrase(
        "Sage recalls nothing here: {reason}. Messages are queued, and saved once Sage responds.",
        reason=as_phrase(reason),
    )


def outage_text(data_dir: str) -> str:
    """Return the fault of a remote Sage and its beginning, to follow its name.

    Empty without one.
    """
    known = backoff.outage(data_dir)
    if known is None:
        return ""
    match known.kind:
        case errors.UNREACHABLE:
            away = _since(phrase("is unreachable"), known.since)
            return (
                phrase("{trouble} ({reason})", trouble=away, reason=known.why)
                if known.why
                else away
            )
        case errors.UNPROVEN:
            return phrase(
                "{trouble}: the token was revoked, or another program uses its "
                "address; to set a new token: {command}",
                trouble=_since(phrase("has not proved its identity"), known.since),
                command=_with_token(data_dir),
            )
        case errors.REVOKED:
            return phrase(
                "{trouble}, which was revoked or has expired; to set a new one: {command}",
                trouble=_since(phrase("rejects the token"), known.since),
                command=_with_token(data_dir),
            )
        case errors.OLDER:
            return phrase("is older than this client and should be upgraded")
    return _since(phrase("does not answer in time"), known.since)


def not_kept(data_dir: str, client: str) -> str:
    """Return a notice that the last session was not captured, empty if it was."""
    failure, unreached_at = last_failure(data_dir, client)
    if not failure or not unreached_at:
        return failure and phrase(
            "Sage has not saved the last session: {trouble}", trouble=as_phrase(failure)
        )
    others = len(spool.waiting(data_dir)) - 1  # what starts now waits, too
    if others < 1:
        return ""
    return numbered(
        "Sage was not reachable at {time}; {count} queued event is being sent",
        "Sage was not reachable at {time}; {count} queued events are being sent",
        count=others,
        time=time.strftime("%H:%M", time.localtime(unreached_at)),
    )


def once(data_dir: str, payload: Payload, warning: str) -> str:
    """Return a warning in the form for the client, unless it was shown before.

    For a remote Sage, each session is notified once, since it may be out of reach for days; for a
    local one, the same notice appears once a day.
    """
    if not warning or not hook_client(payload.client).shows_messages:
        return ""
    key = f"session {payload.session}" if is_elsewhere(data_dir) else warning
    path = state_path(data_dir, WARNED)
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
    """Return the host of a remote Sage, with its port if that is not the default."""
    return str(server.get("url")).partition("//")[2].partition("/")[0]


def _with_token(data_dir: str) -> str:
    import shlex  # noqa: PLC0415 - needed where something is wrong

    return shlex.join([*client_words(data_dir), "connect", "--token-file", "FILE"])


def _waiting(data_dir: str, own: int) -> str:
    count, dropped = len(spool.waiting(data_dir)) - own, spool.dropped(data_dir)[0]
    if count <= 0:
        return ""
    waits = numbered("{count} event queued", "{count} events queued", count=count)
    if not dropped:
        return waits
    return phrase("{waiting}, {dropped} dropped", waiting=waits, dropped=dropped)


def _since(failure: str, at: float) -> str:
    """Return since when a fault lasts, unless the clock has been set back since."""
    now = time.time()
    if at > now:
        return failure
    then = time.localtime(at)
    is_today = then[:3] == time.localtime(now)[:3]
    moment = time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)
    return phrase("{trouble} since {time}", trouble=failure, time=moment)
