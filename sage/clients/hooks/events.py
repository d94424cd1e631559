"""Each event and what it does: recall, capture or both."""

import time

from sage.clients.hooks import recall, spool, status, worker
from sage.clients.hooks.payload import Payload, read_payload


def handle(data_dir: str, arguments: list[str]) -> bytes:
    """Handle one event; return what the client is to be told, mostly nothing.

    `arguments` are those of a Payload.
    """
    began = time.monotonic()
    if arguments[:1] == ["drain"]:
        worker.start(data_dir)
        return b""
    payload = read_payload(arguments)
    if not payload.is_known:
        return b""
    try:
        answer, error = _act(data_dir, payload), ""
    except OSError as failure:
        answer, error = b"", failure.strerror or type(failure).__name__
    status.record_hook(data_dir, payload, time.monotonic() - began, error)
    return answer


def _act(data_dir: str, payload: Payload) -> bytes:
    if payload.unread:
        raise OSError(0, payload.unread)
    match payload.event:
        case "start":
            spool.add(data_dir, payload)  # what was said before and not captured is caught up
            answer = recall.open_session(data_dir, payload)
            worker.start(data_dir)
            return answer
        case "prompt":
            if payload.is_captured:
                _capture(data_dir, payload)
            return recall.answer_prompt(data_dir, payload)
        case _:
            _capture(data_dir, payload)
            return b""


def _capture(data_dir: str, payload: Payload) -> None:
    spool.add(data_dir, payload)
    worker.start(data_dir)
