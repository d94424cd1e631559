"""Find the session that a session was forked from, which clients do not tell.

A fork repeats the lines of the other session with their ids in a transcript of its own, beside that
one. It does so late: at its first prompt the file is not there.
"""

from __future__ import annotations

import json
import os

_ENDING = ".jsonl"
_HEAD_BYTES = 65_536
_MAX_SIBLINGS = 50


def forked_from(transcript: str) -> tuple[str, bool]:
    """Return the id of the session that the one of a transcript was forked from.

    Return also whether that is certain: while there is no transcript, it is the latest session
    beside it, the one that clients fork unless another is named. Empty where there is none.
    """
    siblings = _siblings(transcript)
    if not (first := _first_id(transcript)):
        return _session_of(siblings[0]) if siblings else "", False
    origin = next((path for path in siblings if _first_id(path) == first), "")
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


def _first_id(path: str) -> str:
    """Return the id of the first line that has one, empty where none is near the beginning."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    for raw in head.split(b"\n")[:-1]:
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and isinstance(key := line.get("uuid"), str):
            return key
    return ""


def _session_of(path: str) -> str:
    return os.path.basename(path).removesuffix(_ENDING)
