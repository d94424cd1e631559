"""How far each transcript was read, and its session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sage.clients.hooks.capture.spool import add_entry
from sage.clients.hooks.state_files import POSITIONS, read_json, state_path, write_json
from sage.clients.transcripts.reading import Position

if TYPE_CHECKING:
    from collections.abc import Collection

LATE = "late"
"""The event of a session whose transcript has grown without an event."""

_MAX_POSITIONS = 2_000
_FIELDS = ("turn", "line", "undecided", "unanswered")
_OF_SESSION = ("client", "space", "session", "cwd")


def position_in(data_dir: str, transcript: str, space: str = "") -> Position:
    """Return how far a transcript was read for a space, its beginning if unknown."""
    known = read_json(state_path(data_dir, POSITIONS)).get(_key(transcript, space)) or {}
    fields = {name: known[name] for name in _FIELDS if name in known}
    by_earlier = bool(known) and not fields
    return Position(known.get("inode", 0), known.get("offset", 0), **fields, by_earlier=by_earlier)


def open_turn_left_out(data_dir: str, transcript: str, space: str) -> str:
    """Return the key of the prompt of the open turn, if it was excluded; else an empty string."""
    known = read_json(state_path(data_dir, POSITIONS)).get(_key(transcript, space)) or {}
    return str(known.get("turn") or "") if known.get("left_out") else ""


def record_position(
    data_dir: str, event: dict[str, Any], end: Position, left_out: Collection[str]
) -> None:
    """Record how far an event was captured; `left_out` are excluded prompts.

    Raises OSError.
    """
    positions = read_json(state_path(data_dir, POSITIONS))
    transcript = event["transcript"]
    key = _key(transcript, event.get("space") or "")
    positions.pop(key, None)
    positions[key] = {
        **{name: event.get(name) for name in _OF_SESSION},
        "transcript": transcript,
        "inode": end.inode,
        "offset": end.offset,
        **{name: getattr(end, name) for name in _FIELDS},
        "left_out": end.turn in left_out,
        "open": event.get("event") not in {"end", LATE},
    }
    write_json(state_path(data_dir, POSITIONS), dict([*positions.items()][-_MAX_POSITIONS:]))


def add_grown(data_dir: str, client: str, begun: str) -> None:
    """Queue an event for each transcript of a client that has grown since its latest event.

    This happens only once after each event, and not after the end of a session: messages said while
    hooks are off are not captured. The transcript of the session that has just `begun` is growing,
    and is read at its next event. Raises OSError.
    """
    positions = read_json(state_path(data_dir, POSITIONS))
    grown = {
        key: known
        for key, known in positions.items()
        if known.get("transcript", key) != begun and _has_grown(key, known, client)
    }
    for key, known in grown.items():
        of_session = {name: known.get(name) for name in _OF_SESSION}
        add_entry(
            data_dir, {**of_session, "event": LATE, "transcript": known.get("transcript", key)}
        )
        known["open"] = False
    if grown:
        write_json(state_path(data_dir, POSITIONS), positions)


def _has_grown(key: str, known: dict[str, Any], client: str) -> bool:
    if not known["open"] or known["client"] != client:
        return False
    try:
        found = os.stat(known.get("transcript", key))
    except OSError:
        return False
    return (found.st_ino, found.st_size) != (known["inode"], known["offset"])


def _key(transcript: str, space: str) -> str:
    """Return the key of a transcript for a space: hooks may capture it into several."""
    return f"{transcript}\0{space}" if space else transcript
