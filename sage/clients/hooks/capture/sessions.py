"""The sessions of clients in each folder, and those that were forgotten.

Nothing more of a forgotten session is captured: its transcript still contains all of it, and each
event would restore that.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

from sage.clients.hooks.capture import spool
from sage.clients.hooks.clients import source_of
from sage.clients.hooks.project import project_of
from sage.clients.hooks.state_files import LOCK, SESSIONS, lock, read_json, state_path, write_json

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

    from sage.clients.hooks.payload import Payload

_FORGOTTEN = "forgotten.json"
_MAX_FORGOTTEN = 10_000
_MAX_NAME_CHARS = 80
_NAMED_BY = (("CLAUDE_CODE_SESSION_ID", "claude-code"), ("CODEX_THREAD_ID", "codex"))
"""The variables in which clients pass the session to the commands they run."""

_CAPTURED_WITHIN_S = 40.0
_POLL_S = 0.05


class ClientSession:
    """A session of a client, in the space into which it is captured; `at` is its last event."""

    def __init__(self, client: str, session: str, space: str, folder: str, *, at: float) -> None:
        self.client = client
        self.session = session
        self.space = space
        self.folder = folder
        self.at = at

    @property
    def session_id(self) -> str:
        """The id of the session in Sage."""
        return session_id_of(self.client, self.session)


def session_id_of(client: str, session: str) -> str:
    """Return the id in Sage of a client's session."""
    return f"{source_of(client)}:{session}"[:200]


def record_session(data_dir: str, payload: Payload) -> None:
    """Record the event of a session. Raises OSError."""
    if not payload.session:
        return
    path = _file_of(data_dir, payload.client, payload.session)
    try:
        os.utime(path)
    except FileNotFoundError:
        known = {name: getattr(payload, name) for name in ("client", "session", "space", "cwd")}
        write_json(path, known)


def this_session(data_dir: str, folder: str, *, forgotten: bool) -> ClientSession | None:
    """Return the session in which a command of a client runs, else the latest of a project.

    With `forgotten` it is the latest forgotten one.
    """
    from sage.clients.homes import value_of  # noqa: PLC0415 - imports pathlib, and hooks need it not

    sessions = _sessions(data_dir)
    for variable, client in _NAMED_BY:
        if session := value_of(variable):
            known = [one for one in sessions if (one.client, one.session) == (client, session)]
            return known[0] if known else ClientSession(client, session, "", folder, at=time.time())
    project, kept = project_of(folder), _forgotten(data_dir)
    of_project = (one for one in sessions if project_of(one.folder) == project)
    return next((one for one in of_project if not forgotten or one.session_id in kept), None)


def is_forgotten(data_dir: str, client: str, session: str) -> bool:
    """Return whether a session was forgotten."""
    return bool(session) and session_id_of(client, session) in _forgotten(data_dir)


def set_forgotten(data_dir: str, session_id: str, *, forgotten: bool) -> None:
    """Exclude a session from capture from now on, or include it again. Raises OSError."""
    kept = _forgotten(data_dir)
    kept.pop(session_id, None)
    if forgotten:
        kept[session_id] = time.time()
    write_json(state_path(data_dir, _FORGOTTEN), dict([*kept.items()][-_MAX_FORGOTTEN:]))


def _sessions(data_dir: str) -> list[ClientSession]:
    """Return the known sessions, the latest first."""
    found = []
    with suppress(OSError), os.scandir(state_path(data_dir, SESSIONS)) as entries:
        for entry in entries:
            state = read_json(entry.path)
            if entry.name.endswith(".json") and state.get("session"):
                client, session, space, folder = (
                    str(state.get(name) or "") for name in ("client", "session", "space", "cwd")
                )
                at = entry.stat().st_mtime
                found.append(ClientSession(client, session, space, folder, at=at))
    return sorted(found, key=_at, reverse=True)


def _at(session: ClientSession) -> float:
    return session.at


def _forgotten(data_dir: str) -> dict[str, Any]:
    return read_json(state_path(data_dir, _FORGOTTEN))


def _file_of(data_dir: str, client: str, session: str) -> str:
    name = f"{client}-{session}"[:_MAX_NAME_CHARS]
    safe = "".join(char if char.isalnum() or char == "-" else "_" for char in name)
    return state_path(data_dir, SESSIONS, f"{safe}.json")


def stop_capture(data_dir: str, session: ClientSession) -> None:
    """Drop the queued events of a session, and capture nothing more of it.

    After return, none of its messages is being sent. Raises StartupError if a running capture does
    not end, and OSError.
    """
    set_forgotten(data_dir, session.session_id, forgotten=True)
    for path in (*spool.waiting(data_dir), *spool.aside(data_dir)):
        event = spool.read(path)
        event_session = session_id_of(str(event.get("client")), str(event.get("session")))
        if event_session == session.session_id:
            spool.remove(path)
    held = os.open(state_path(data_dir, LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    deadline = time.monotonic() + _CAPTURED_WITHIN_S
    try:
        while True:
            try:
                lock(held, at_once=True)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    from sage.errors import StartupError  # noqa: PLC0415 - slow to import

                    raise StartupError(
                        "a capture is in progress and does not finish; the rest of "
                        "this session is not captured, but its stored messages are not "
                        "forgotten yet",
                        hint="run it again",
                    ) from None
                time.sleep(_POLL_S)
            else:
                return
    finally:
        os.close(held)


def resume_capture(data_dir: str, session: ClientSession) -> None:
    """Resume the capture of a session with its next event. Raises OSError."""
    set_forgotten(data_dir, session.session_id, forgotten=False)
