"""Keep a session of a client out of what is captured, before Sage is asked to forget it."""

from __future__ import annotations

import os
import time

from sage.clients.hooks import spool
from sage.clients.hooks.places import LOCK, lock, place
from sage.clients.hooks.sessions import ClientSession, session_id_of, set_forgotten
from sage.errors import StartupError

_CAPTURED_WITHIN_S = 40.0
_POLL_S = 0.05


def keep_out(data_dir: str, session: ClientSession) -> None:
    """Drop what waits of a session, and capture nothing more of it.

    When this returns, nothing of it is on its way. Raises StartupError where a capture that is on
    its way does not end, and OSError.
    """
    set_forgotten(data_dir, session.session_id, forgotten=True)
    for path in (*spool.waiting(data_dir), *spool.aside(data_dir)):
        event = spool.read(path)
        told = session_id_of(str(event.get("client")), str(event.get("session")))
        if told == session.session_id:
            spool.remove(path)
    held = os.open(place(data_dir, LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    deadline = time.monotonic() + _CAPTURED_WITHIN_S
    try:
        while True:
            try:
                lock(held, at_once=True)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StartupError(
                        "messages are being captured, which does not end; nothing more is captured"
                        " of this session, but what was kept is not forgotten yet",
                        hint="run it again",
                    ) from None
                time.sleep(_POLL_S)
            else:
                return
    finally:
        os.close(held)


def take_in_again(data_dir: str, session: ClientSession) -> None:
    """Capture again what is said in a session from its next event on. Raises OSError."""
    set_forgotten(data_dir, session.session_id, forgotten=False)
