"""The record on disk beside an uploaded file: its owner, options and progress."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sage.domain.file_imports import FileImport, FileSample, FileSource, FileState
from sage.transfer.uploads.options import FileOptions
from sage.transfer.uploads.texts import read, written

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMES = ("received_at", "first_at", "last_at")


@dataclass(frozen=True, slots=True)
class Record:
    """A file, its space, the options of its import, and whether all of it was counted."""

    file: FileImport
    space_id: str
    options: FileOptions
    is_counted: bool = False

    def at(self, state: FileState, problem: str | None = None, hint: str | None = None) -> Record:
        """Return a copy in another state."""
        return self.with_file(state=state, problem=problem, hint=hint)

    def with_file(self, **changes: Any) -> Record:  # noqa: ANN401 - as `replace` takes them
        """Return a copy with changes of its file."""
        return replace(self, file=replace(self.file, **changes))

    def to_json(self) -> str:
        """Return it as JSON for `from_json`."""
        one = self.file
        fields = {
            name: getattr(one, name) for name in ("name", "size_bytes", "read_bytes", "total_bytes")
        }
        for name in _TIMES:
            when = getattr(one, name)
            fields[name] = None if when is None else when.isoformat()
        for name in ("problem", "hint"):
            text = getattr(one, name)
            fields[name] = None if text is None else written(text)
        fields |= {
            "import_id": str(one.import_id),
            "state": str(one.state),
            "notes": [*map(written, one.notes)],
            "sources": [
                asdict(source) | {"problems": [*map(written, source.problems)]}
                for source in one.sources
            ],
            "sample": [
                asdict(said) | {"created_at": said.created_at and said.created_at.isoformat()}
                for said in one.sample
            ],
        }
        return json.dumps(
            {
                "file": fields,
                "space_id": self.space_id,
                "options": asdict(self.options),
                "is_counted": self.is_counted,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Parse a record from JSON. Raises ValueError, LookupError, TypeError for anything else."""
        kept = json.loads(text)
        fields = kept["file"]
        for name in _TIMES:
            fields[name] = time_from(fields[name])
        for name in ("problem", "hint"):
            fields[name] = None if fields[name] is None else read(fields[name])
        sources = [source_from(one) for one in fields.pop("sources")]
        fields |= {
            "import_id": UUID(fields["import_id"]),
            "state": FileState(fields["state"]),
            "notes": tuple(map(read, fields["notes"])),
            "sample": tuple(map(sample_from, fields["sample"])),
        }
        file = FileImport(**fields).with_sources(sources)
        return cls(
            file, str(kept["space_id"]), FileOptions(**kept["options"]), bool(kept["is_counted"])
        )


def source_from(fields: Mapping[str, Any]) -> FileSource:
    """Return the outcome of a source from its JSON form."""
    return FileSource(**{**fields, "problems": tuple(map(read, fields["problems"]))})


def sample_from(fields: Mapping[str, Any]) -> FileSample:
    """Return the beginning of a message from its JSON form."""
    return FileSample(**{**fields, "created_at": time_from(fields["created_at"])})


def time_from(text: str | None) -> datetime | None:
    """Return a time from its JSON form, None for null."""
    return None if text is None else datetime.fromisoformat(text)
