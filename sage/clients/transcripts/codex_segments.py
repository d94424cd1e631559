"""A session of Codex in several files: where the user goes back, it goes on in a new one.

Its first line names the file of before, and up to where that holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sage.clients.transcripts.codex import read_codex
from sage.clients.transcripts.json_lines import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sage.clients.transcripts.turns import Turn

_MOST = 1_000
_DATE_FOLDERS = 3
_DATES = "*/*/*"


def said_and_taken_back(path: Path, heading: Mapping[str, Any]) -> Iterator[Turn]:
    """Yield what earlier files of the session of a transcript say that does not hold in it."""
    match heading:
        case {"type": "session_meta", "payload": {"id": str(session), "history_base": dict(told)}}:
            base: Mapping[str, Any] = told
        case _:
            return
    if not session.replace("-", "").isalnum():  # it becomes part of a pattern of names
        return
    named = sorted(_files(path, f"rollout-*-{session}*.jsonl"), key=lambda one: one.name)
    earlier = [one for one in named if one.name < path.name]
    holds: dict[Path, int] = {}
    while base and len(holds) < _MOST:
        found = [one for one in earlier if one.stem.endswith(str(base.get("thread_id")))]
        end = base.get("end_byte_offset")
        if not found or found[0] in holds or not isinstance(end, int):
            break
        holds[found[0]] = end
        base = _base_of(found[0])
    for one in earlier:
        yield from _turns_after(one, holds.get(one, 0))


def _files(path: Path, pattern: str) -> Iterator[Path]:
    """Yield the files of a name beside a transcript, and where those of other days are."""
    yield from path.parent.glob(pattern)
    dates = path.parents[:_DATE_FOLDERS]
    if len(path.parents) > _DATE_FOLDERS and all(one.name.isdecimal() for one in dates):
        for found in path.parents[_DATE_FOLDERS].glob(f"{_DATES}/{pattern}"):
            if found.parent != path.parent:
                yield found


def _base_of(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            base = json.loads(file.readline())["payload"].get("history_base")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return base if isinstance(base, dict) else {}


def _turns_after(path: Path, offset: int) -> Iterator[Turn]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for raw in file:
                if b'"message"' in raw and (turn := _turn(raw)):
                    yield turn
    except OSError:
        return


def _turn(raw: bytes) -> Turn | None:
    line = value_of(raw)
    return read_codex(line) if isinstance(line, dict) else None
