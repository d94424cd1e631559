"""MemPalace: the drawers in the chroma.sqlite3 of a palace."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.projects import project_metadata
from sage.clients.reading.sqlite_files import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_COLLECTION = "mempalace_drawers"
_TEXT = "chroma:document"


def _recognizes(sample: SourceSample) -> bool:
    return sample.tables.keys() >= {"embedding_metadata", "collections"} and any(
        row["name"] == _COLLECTION for row in read_rows(sample.file.path, "collections", ["id"])
    )


def _read(file: File) -> Iterator[Entry]:
    """Yield the current drawers; the queue of the database also contains deleted ones."""
    collections = {
        row["id"]
        for row in read_rows(file.path, "collections", ["id"])
        if row["name"] == _COLLECTION
    }
    segments = {
        row["id"]
        for row in read_rows(file.path, "segments", ["id"])
        if row["collection"] in collections
    }
    keys = {
        row["id"]: row["embedding_id"]
        for row in read_rows(file.path, "embeddings", ["id"])
        if row["segment_id"] in segments
    }
    properties = read_rows(file.path, "embedding_metadata", ["id"])
    drawers = (
        {"key": keys[number], **{row["key"]: _value(row) for row in rows}}
        for number, rows in groupby(properties, itemgetter("id"))
        if number in keys
    )
    yield from read_each(drawers, _drawer)


def _value(row: dict[str, Any]) -> object:
    values = (row[name] for name in ("string_value", "int_value", "float_value"))
    return next((value for value in values if value is not None), None)


def _drawer(drawer: dict[str, Any]) -> Iterator[Entry]:
    """Yield a drawer as a question and its answer if it contains both."""
    text = str(drawer.get(_TEXT) or "")
    spoken = [("assistant", text)]
    if text.startswith("> "):
        lines = text.split("\n")
        asked = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
        question = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines[:asked])
        spoken = [("user", question), ("assistant", "\n".join(lines[asked:]))]
    for place, (role, said) in enumerate(spoken):
        if said.strip() or not place:
            yield Entry(
                f"{drawer['key']}\0{role}",
                drawer.get("session_id") or drawer.get("source_file") or drawer.get("wing") or "",
                role,
                said,
                drawer.get("authored_at") or drawer.get("filed_at"),
                metadata={
                    **project_metadata("", str(drawer.get("wing") or "")),
                    **{key: drawer.get(key) for key in ("wing", "room")},
                },
                left_out="bookkeeping" if drawer.get("room") == "_registry" else "",
            )


MEMPALACE = ImportFormat("mempalace", _recognizes, _read, in_projects=True)
