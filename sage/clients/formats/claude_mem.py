"""claude-mem: its SQLite database, or its export."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each, read_one
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.projects import project_metadata
from sage.clients.reading.sqlite_files import columns_of, is_sqlite, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_TABLES = {
    "sessions": "sdk_sessions",
    "prompts": "user_prompts",
    "observations": "observations",
    "summaries": "session_summaries",
}
_RENAMED = {
    "claude_session_id": "content_session_id",
    "sdk_session_id": "memory_session_id",
}
"""The names of columns until version 9."""
_SUMMARY = ("request", "investigated", "learned", "completed", "next_steps", "notes")


def _recognizes(sample: SourceSample) -> bool:
    return sample.tables.keys() >= {"sdk_sessions", "observations"} or sample.has(
        "observations", "summaries", "prompts"
    )


def _read(file: File) -> Iterator[Entry]:
    if not file.member and is_sqlite(file.path):
        there = columns_of(file.path)
        stored = {
            kind: [*read_rows(file.path, table, ["id"])]
            for kind, table in _TABLES.items()
            if table in there
        }
        yield from read_one(_all, stored)
        return
    with file.open() as stream:
        yield from read_each(read_records(stream), _all)


def _all(stored: dict[str, Any]) -> Iterator[Entry]:
    stored = {
        kind: [*map(_renamed, rows or ())] for kind, rows in stored.items() if kind in _TABLES
    }
    sessions = {
        one.get("memory_session_id"): one["content_session_id"]
        for one in stored.get("sessions", ())
        if one.get("content_session_id")
    }
    projects = {
        one.get("content_session_id"): one.get("project") for one in stored.get("sessions", ())
    }
    readers = {
        "prompts": lambda row: _prompt(row, projects.get(row["content_session_id"])),
        "observations": _observation,
        "summaries": _summary,
    }
    for kind, read in readers.items():
        for entry in read_each(stored.get(kind, ()), read):
            yield entry if kind == "prompts" else _in_session(entry, sessions)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in row.items()}


def _in_session(entry: Entry, sessions: dict[str, str]) -> Entry:
    return replace(entry, session=sessions.get(entry.session, entry.session))


def _prompt(row: dict[str, Any], project: str | None) -> Iterator[Entry]:
    yield Entry(
        f"prompt:{row['id']}",
        row["content_session_id"],
        "user",
        row["prompt_text"],
        _time(row),
        metadata=project_metadata("", project),
    )


def _observation(row: dict[str, Any]) -> Iterator[Entry]:
    facts = [f"- {fact}" for fact in _list(row.get("facts"))]
    text = [row.get("title"), row.get("narrative") or row.get("text"), "\n".join(facts)]
    yield Entry(
        f"observation:{row.get('content_hash') or row['id']}",
        row["memory_session_id"],
        text="\n\n".join(filter(None, text)),
        said_at=_time(row),
        metadata={
            **project_metadata("", row.get("merged_into_project") or row.get("project")),
            "type": row.get("type"),
            "concepts": _list(row.get("concepts")),
        },
    )


def _summary(row: dict[str, Any]) -> Iterator[Entry]:
    parts = [f"{name.replace('_', ' ')}: {row[name]}" for name in _SUMMARY if row.get(name)]
    yield Entry(
        f"summary:{row['id']}",
        row["memory_session_id"],
        text="\n".join(parts),
        said_at=_time(row),
        metadata={**project_metadata("", row.get("project")), "type": "summary"},
    )


def _time(row: dict[str, Any]) -> object:
    return row.get("created_at_epoch") or row.get("created_at")


def _list(value: object) -> list[object]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return found if isinstance(found, list) else []


CLAUDE_MEM = ImportFormat("claude-mem", _recognizes, _read, in_projects=True)
