"""A record of what Sage has added to which file, so that it can remove exactly that."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sage.clients.connect.edits import ConfigEntry, OwnFile, TomlTable
from sage.clients.data_dir.files import open_file, read_file
from sage.clients.hooks.state_files import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = "clients.json"
_MAX_BYTES = 4_000_000
_LAUNCHER = "sage-hook"
_KINDS = {ConfigEntry: "Entry", TomlTable: "Table", OwnFile: "OwnFile"}
"""The names of edits in the file: every later release must find the insertions again."""
_NAMES_A_SPACE = re.compile(r'--space |SPACE = "[^"]')


@dataclass(frozen=True, slots=True)
class Insertion:
    """One edit, with the text that was inserted for it."""

    edit: ConfigEntry | TomlTable | OwnFile
    text: str

    def to_json(self) -> dict[str, object]:
        """Return the insertion as it is stored."""
        return {"kind": _KINDS[type(self.edit)], "text": self.text, **asdict(self.edit)}

    @classmethod
    def of(cls, kept: dict[str, object]) -> Insertion:
        """Return a stored insertion."""
        fields = dict(kept)
        kind, text = fields.pop("kind"), str(fields["text"])
        if kind == _KINDS[OwnFile]:
            return cls(OwnFile(text), text)
        del fields["text"]
        if kind == _KINDS[TomlTable]:
            values = tuple((str(key), value) for key, value in fields["values"])  # type: ignore[attr-defined]
            return cls(TomlTable(str(fields["name"]), values), text)
        path = tuple(map(str, fields["path"]))  # type: ignore[call-overload]
        return cls(ConfigEntry(path, fields["value"], bool(fields["in_list"])), text)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The edits of a file, in order, and whether the file was created for them.

    `folders` were created for it, the innermost first.
    """

    created: bool
    insertions: tuple[Insertion, ...]
    folders: tuple[str, ...] = ()


class ConnectJournal:
    """The record of all clients, in a file of the data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _NAME
        try:
            kept = json.loads(read_file(self._path, _MAX_BYTES))
        except (OSError, ValueError):
            kept = {}
        self._clients: dict[str, dict[str, FileRecord]] = {
            client: {
                path: FileRecord(
                    bool(record["created"]),
                    tuple(map(Insertion.of, record["insertions"])),
                    tuple(record.get("folders", ())),
                )
                for path, record in files.items()
            }
            for client, files in kept.items()
        }

    def files(self, client: str) -> dict[str, FileRecord]:
        """Return the record of each file of a client."""
        return dict(self._clients.get(client, {}))

    def shares(self, client: str, path: str) -> bool:
        """Return whether another client needs the file as well."""
        return any(path in files for name, files in self._clients.items() if name != client)

    def calls_for(self, space: str) -> bool:
        """Return whether a hook of any client is for a space; the default one is not named."""
        if space == DEFAULT:
            return any(
                _LAUNCHER in made and not _NAMES_A_SPACE.search(made) for made in self._texts()
            )
        # a plugin writes its name as JSON does; what escapes quotes and letters is left out
        names = {re.escape(one.replace("\\", "")) for one in (space, json.dumps(space)[1:-1])}
        named = re.compile(rf"(?:--space|SPACE =) ['\"]*(?:{'|'.join(names)})(?![\w.-])")
        return any(map(named.search, self._texts()))

    def _texts(self) -> Iterator[str]:
        """Yield all inserted texts, without escapes of quotes and letters."""
        for files in self._clients.values():
            for record in files.values():
                for made in record.insertions:
                    yield str(made.edit).replace("\\", "")

    def folders(self, path: str) -> tuple[str, ...]:
        """Return the folders that were created for a file, for any client."""
        records = (files[path] for files in self._clients.values() if path in files)
        return next((record.folders for record in records if record.folders), ())

    def record(self, client: str, path: str, record: FileRecord | None) -> None:
        """Replace the record of a file, and write it to disk. Raises StartupError, OSError."""
        files = self._clients.setdefault(client, {})
        if record is None:
            files.pop(path, None)
        else:
            files[path] = record
        self._clients = {name: files for name, files in self._clients.items() if files}
        self._write()

    def _write(self) -> None:
        kept = {
            client: {
                path: {
                    "created": record.created,
                    "folders": record.folders,
                    "insertions": [one.to_json() for one in record.insertions],
                }
                for path, record in files.items()
            }
            for client, files in self._clients.items()
        }
        descriptor = open_file(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False, indent=1)
