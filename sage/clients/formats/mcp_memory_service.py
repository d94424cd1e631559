"""mcp-memory-service: its SQLite database, or its export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.sqlite_files import is_sqlite, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_NO_TAGS = {"", "untagged"}


def _recognizes(sample: SourceSample) -> bool:
    return "content_hash" in sample.tables.get("memories", ()) or sample.has(
        "export_metadata", "memories"
    )


def _read(file: File) -> Iterator[Entry]:
    if not file.member and is_sqlite(file.path):
        yield from read_each(read_rows(file.path, "memories", ["id"]), _memory)
        return
    with file.open() as stream:
        yield from read_each(read_records(stream, "memories"), _memory)


def _memory(row: dict[str, Any]) -> Iterator[Entry]:
    own = row.get("metadata") or {}
    own = json.loads(own) if isinstance(own, str) else own
    tags = row.get("tags") or []
    tags = tags.split(",") if isinstance(tags, str) else tags
    gone = row.get("deleted_at") or row.get("superseded_by") or own.get("superseded_by")
    yield Entry(
        row["content_hash"],
        row.get("store") or "default",
        text=row["content"],
        said_at=row.get("created_at_iso") or row.get("created_at"),
        metadata={
            "original": own,
            "tags": [tag for tag in tags if tag not in _NO_TAGS],
            "memory_type": row.get("memory_type"),
        },
        left_out="deleted" if gone else "",
    )


MCP_MEMORY_SERVICE = ImportFormat("mcp-memory-service", _recognizes, _read)
