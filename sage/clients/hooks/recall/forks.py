"""Find the session from which a session was forked, which the events of clients do not name.

Most transcripts name it near their beginning. That of Claude Code may only repeat the lines of the
other session with their ids, and does so late: at the first prompt of the fork it does not exist
yet.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from sage.clients.hooks.clients import hook_client

_ENDING = ".jsonl"
_HEAD_BYTES = 262_144
_MAX_SIBLINGS = 50


class _Head(NamedTuple):
    """The beginning of a transcript: its first id, and the session named as its origin."""

    first_id: str
    origin: str


def named_origin(transcript: str) -> str:
    """Return the session that a transcript names as its origin, empty without one."""
    return _head(transcript).origin


def likely_origin(client: str, transcript: str) -> tuple[str, bool]:
    """Return the id of the session whose lines a transcript repeats, empty without one.

    Return also whether that is certain: while there is no transcript, it is the latest session
    beside it, which clients fork unless another is named.
    """
    if not hook_client(client).repeats_lines:
        return "", False
    siblings = _siblings(transcript)
    if not (first := _head(transcript).first_id):
        return _session_of(siblings[0]) if siblings else "", False
    origin = next((path for path in siblings if _head(path).first_id == first), "")
    return _session_of(origin) if origin else "", True


def _siblings(transcript: str) -> list[str]:
    """Return the other transcripts of a folder, the latest first."""
    try:
        with os.scandir(os.path.dirname(transcript)) as entries:
            found = [
                (entry.stat().st_mtime, entry.path)
                for entry in entries
                if entry.name.endswith(_ENDING) and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return []
    latest = sorted(found, reverse=True)[:_MAX_SIBLINGS]
    return [path for _, path in latest if path != transcript]


def _head(path: str) -> _Head:
    """Return the first value of each field in the lines near the beginning."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return _Head("", "")
    for raw in head.split(b"\n")[:-1]:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        match line:
            case {"type": "session_meta", "payload": {"forked_from_id": str(origin)}}:
                return _Head("", origin)
            case {"uuid": str(key), "forkedFrom": {"sessionId": str(origin)}}:
                return _Head(key, origin)
            case {"uuid": str(key)}:
                return _Head(key, "")
    return _Head("", "")


def _session_of(path: str) -> str:
    return os.path.basename(path).removesuffix(_ENDING)
