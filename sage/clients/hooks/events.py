"""The actions of each event: recall, capture or both."""

import time

from sage.clients.hooks import settings
from sage.clients.hooks.capture import sessions, spool, status
from sage.clients.hooks.ignoring import is_ignored
from sage.clients.hooks.pausing import paused_until
from sage.clients.hooks.payload import LATE, Payload, read_payload
from sage.clients.hooks.recall import answers
from sage.clients.hooks.server import backoff
from sage.clients.hooks.server.errors import ServerError


def handle(data_dir: str, arguments: list[str]) -> bytes:
    """Handle one event; return the output for the client, usually empty.

    `arguments` are those of a Payload.
    """
    began = time.monotonic()
    settings.use(data_dir)
    if arguments[:1] == ["drain"]:
        spool.start_worker(data_dir)
        return b""
    payload = read_payload(arguments)
    if not payload.is_known:
        return b""
    try:
        answer, error = _act(data_dir, payload), ""
    except ServerError as failure:
        answer, error = answers.report_failure(data_dir, payload, failure), str(failure.strerror)
    except OSError as failure:
        answer, error = b"", failure.strerror or type(failure).__name__
    status.record_hook(data_dir, payload, time.monotonic() - began, error)
    is_over = not error or payload.unread not in {"", LATE}
    if is_over and (payload.client, payload.event) == ("opencode", "stop"):
        return b"done\n"  # its plugin sends failed messages again, since there is no transcript
    return answer


def _act(data_dir: str, payload: Payload) -> bytes:
    if payload.unread:
        raise OSError(0, payload.unread)
    is_ignored_here = is_ignored(payload.cwd)
    if is_ignored_here or paused_until(data_dir):
        return _pass_over(data_dir, payload, is_ignored_here=is_ignored_here)
    sessions.record_session(data_dir, payload)
    match payload.event:
        case "start":
            spool.add(data_dir, payload)  # what was said before and not captured is caught up
            answer = answers.open_session(data_dir, payload)
            _send(data_dir)
            return answer
        case "prompt":
            if payload.is_captured:
                _capture(data_dir, payload)
            return answers.answer_prompt(data_dir, payload)
        case "edit":
            return answers.answer_edit(data_dir, payload)
        case _:
            _capture(data_dir, payload)
            return b""


def _capture(data_dir: str, payload: Payload) -> None:
    is_forgotten = sessions.is_forgotten(data_dir, payload.client, payload.session)
    spool.add(data_dir, payload, with_text=not is_forgotten)
    _send(data_dir)


def _pass_over(data_dir: str, payload: Payload, *, is_ignored_here: bool) -> bytes:
    """Capture nothing of an event; the current content of its transcript is not read later."""
    if payload.event in {"prompt", "edit"}:
        return b""
    spool.add(data_dir, payload, with_text=False, is_ignored=is_ignored_here)
    is_start = payload.event == "start"
    answer = answers.open_in_silence(data_dir, payload) if is_start else b""
    _send(data_dir)
    return answer


def _send(data_dir: str) -> None:
    """Start sending queued events, unless that has just failed."""
    if not backoff.is_unreachable(data_dir):
        spool.start_worker(data_dir)
