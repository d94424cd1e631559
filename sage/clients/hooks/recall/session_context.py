"""The context of a session: recalled memories, and the session that it was forked from."""

from __future__ import annotations

import os
from typing import NamedTuple

from sage.clients.hooks.state_files import RECALLED, read_json, state_path, write_json

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from sage.clients.hooks.payload import Payload

_FORK = "fork"
_IN_CONTEXT = {"resume", _FORK}
_MAX_IDS = 500
_MAX_SESSIONS = 10
_MAX_NAME_CHARS = 60


class ContextIds(NamedTuple):
    """Ids of memories in the context, and of sessions of the client, the nearest first.

    `is_guess`: the client has not yet recorded the session of which this is a fork. `things` are
    the files and commands already asked about.
    """

    memory_ids: list[str]
    sessions: list[str]
    is_guess: bool = False
    things: tuple[str, ...] = ()


def begin(data_dir: str, payload: Payload) -> bool:
    """Begin the list of a session; return whether its context is new and empty. Raises OSError.

    A resumed session keeps its list, and a fork inherits that of the other session, also if the
    client reports it as resumed.
    """
    is_new = payload.source not in _IN_CONTEXT
    own = ContextIds([], [], is_guess=payload.source == _FORK)
    if is_new:
        _write(data_dir, payload, own)
    elif own.is_guess or not has_begun(data_dir, payload):
        _write(data_dir, payload, _inherited(data_dir, payload, own))
    return is_new


def begin_at_first_prompt(data_dir: str, payload: Payload) -> None:
    """Remove the list of a session with a new context: a prompt will begin it. Raises OSError."""
    if begin(data_dir, payload):
        os.unlink(_list_of(data_dir, payload.client, payload.session))


def has_begun(data_dir: str, payload: Payload) -> bool:
    """Return whether a session has a list."""
    return os.path.exists(_list_of(data_dir, payload.client, payload.session))


def context_of(data_dir: str, payload: Payload) -> ContextIds:
    """Return the recorded context of a session. Raises OSError."""
    found = _read(data_dir, payload.client, payload.session)
    if found.is_guess:
        found = _inherited(data_dir, payload, found)
        _write(data_dir, payload, found)
    return found


def add(
    data_dir: str, payload: Payload, memory_ids: list[str], things: tuple[str, ...] = ()
) -> None:
    """Record the memories recalled for a session, and their subjects. Raises OSError."""
    found = _read(data_dir, payload.client, payload.session)
    memory_ids = [*found.memory_ids, *memory_ids]
    things = tuple(dict.fromkeys((*found.things, *things)))
    _write(data_dir, payload, found._replace(memory_ids=memory_ids, things=things))


def _inherited(data_dir: str, payload: Payload, own: ContextIds) -> ContextIds:
    """Return the context of a fork with that of the session from which it was forked."""
    from sage.clients.hooks.recall.forks import likely_origin, named_origin  # noqa: PLC0415 - few are forks

    session, is_known = payload.forked_from or named_origin(payload.transcript), True
    if not session and own.is_guess:
        session, is_known = likely_origin(payload.client, payload.transcript)
    if not session:
        return own
    before = _read(data_dir, payload.client, session)
    ids = dict.fromkeys([*before.memory_ids, *own.memory_ids])
    return ContextIds([*ids], [session, *before.sessions][:_MAX_SESSIONS], is_guess=not is_known)


def _read(data_dir: str, client: str, session: str) -> ContextIds:
    found = read_json(_list_of(data_dir, client, session))
    ids, sessions = found.get("memory_ids") or (), found.get("sessions") or ()
    things = tuple(map(str, found.get("things") or ()))
    return ContextIds([*map(str, ids)], [*map(str, sessions)], bool(found.get("is_guess")), things)


def _write(data_dir: str, payload: Payload, found: ContextIds) -> None:
    ids, things = found.memory_ids[-_MAX_IDS:], found.things[-_MAX_IDS:]
    kept = found._replace(memory_ids=ids, things=things)
    write_json(_list_of(data_dir, payload.client, payload.session), kept._asdict())


def _list_of(data_dir: str, client: str, session: str) -> str:
    name = f"{client}-{session}"[:_MAX_NAME_CHARS]
    safe = "".join(char if char.isalnum() or char == "-" else "_" for char in name)
    return state_path(data_dir, RECALLED, f"{safe}.json")
