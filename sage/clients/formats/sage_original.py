"""The first Sage: its tables `memories` and `conversations`, as CSV, a dump, or from a database."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_lines
from sage.clients.reading.tables import read_copied, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_TABLE = re.compile(
    r"(?:CREATE TABLE|COPY) (?:\w+\.)?(?:memories|conversations) \([^;]*?"
    r"(?:user_input|user_query|turn_id)\b"
)
_SPEAKERS = {
    "user": ("user_input", "user_query"),
    "assistant": ("assistant_response",),
}


def _recognizes(sample: SourceSample) -> bool:
    match sample.file.suffix:
        case ".csv":
            header = {
                name.strip(' "') for name in sample.text.partition("\n")[0].strip().split(",")
            }
            return _is_original(header)
        case ".sql":
            return bool(_TABLE.search(sample.text))
    return _is_original(sample.first)


def _is_original(columns: Any) -> bool:  # noqa: ANN401 - a set or a dict
    names = set(columns)
    return {"session_id", "assistant_response"} <= names or {"session_id", "turn_id"} <= names


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        match file.suffix:
            case ".csv":
                rows: Iterator[object] = iter(read_csv(stream))
            case ".sql":
                rows = (row for table, row in read_copied(stream) if table != "sessions")
            case _:
                rows = read_lines(stream)
        yield from read_each(rows, _row)


def _row(row: dict[str, Any]) -> Iterator[Entry]:
    """Yield the two messages of a row of `memories`, or the one of a row of `conversations`."""
    table = "conversations" if "turn_id" in row else "memories"
    session = row.get("session_id") or "default"
    metadata = {
        "original": _parsed(row.get("metadata")),
        "agent": _parsed(row.get("agent_metadata")),
        "is_agent_report": row.get("is_agent_report") in {True, "t", "true"} or None,
    }
    if "content" in row:
        spoken = {row["role"]: row["content"]}
    else:
        spoken = {
            role: next((row[name] for name in names if row.get(name)), "")
            for role, names in _SPEAKERS.items()
        }
    for role, text in spoken.items():
        key = f"{table}:{row['id']}" + ("" if "content" in row else f":{role}")
        yield Entry(key, session, role, text or "", row.get("created_at"), metadata=metadata)


def _parsed(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value else value


SAGE_ORIGINAL = ImportFormat("sage-original", _recognizes, _read, keeps_sessions=True)
