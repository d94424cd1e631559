"""mem0: the result of `get_all`, as JSON, or its history.db."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.sqlite_files import is_sqlite, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample


def _recognizes(sample: SourceSample) -> bool:
    results = sample.first.get("results")
    first = results[0] if isinstance(results, list) and results else sample.first
    return (isinstance(first, dict) and first.keys() >= {"id", "memory"}) or (
        sample.tables.get("history", frozenset()) >= {"memory_id", "new_memory"}
    )


def _read(file: File) -> Iterator[Entry]:
    if not file.member and is_sqlite(file.path):
        yield from _history(file)
        return
    with file.open() as stream:
        yield from read_each(read_records(stream, "results"), _fact)


def _fact(fact: dict[str, Any]) -> Iterator[Entry]:
    owner = fact.get("run_id") or fact.get("user_id") or fact.get("agent_id") or "all"
    yield Entry(
        fact["id"],
        owner,
        fact.get("role") or "assistant",
        fact["memory"],
        fact.get("created_at"),
        fact.get("actor_id"),
        {"original": fact.get("metadata"), "user_id": fact.get("user_id")},
    )


def _history(file: File) -> Iterator[Entry]:
    """Yield the last state of each memory."""
    rows = {
        row["memory_id"]: row
        for row in read_rows(file.path, "history", ["updated_at", "created_at"])
    }
    yield from read_each(rows.values(), _last_state)


def _last_state(row: dict[str, Any]) -> Iterator[Entry]:
    deleted = row["event"] == "DELETE"
    yield Entry(
        row["memory_id"],
        "history",
        row.get("role") or "assistant",
        row["old_memory" if deleted else "new_memory"],
        row.get("created_at"),
        row.get("actor_id"),
        left_out="deleted" if deleted else "",
    )


MEM0 = ImportFormat("mem0", _recognizes, _read)
