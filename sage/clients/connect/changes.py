"""Compute the changes of a client's files for connecting and disconnecting it.

A file with other content in the place of Sage's entries is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from sage.clients.connect.config_file import ConfigFile
from sage.clients.connect.edits import ConfigEntry, OwnFile, TomlTable
from sage.clients.connect.journal import FileRecord, Insertion
from sage.clients.connect.json_edit import (
    differing_entry,
    has_changed_hook,
    has_entry,
    insert_entry,
    remove_insertion,
)
from sage.clients.connect.json_text import parse_json, place_text
from sage.clients.connect.toml_edit import find_table, insert_table, parse_toml, remove_table
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Edit: TypeAlias = "ConfigEntry | TomlTable | OwnFile"

_SPACE = "\ufeff \t\r\n"
_BLANK = ("", "{}")

_HINT = "correct it there; nothing was written, Sage leaves the file as it is"


@dataclass(frozen=True, slots=True)
class ConfigTarget:
    """A file and its intended content; `strict` JSON has no comments."""

    path: Path
    edits: tuple[Edit, ...]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class FileChange:
    """The change of a file. `foreign` edits are left unchanged: other content is in their place.

    So are hooks of Sage that were `changed` by hand. `path` is the file as the client names it,
    maybe a link. `folders` were created for it and are removed with it once they are empty.
    """

    path: Path
    file: ConfigFile
    after: str | None
    record: FileRecord | None
    foreign: tuple[Edit, ...] = ()
    folders: tuple[str, ...] = ()
    changed: tuple[Edit, ...] = ()

    @property
    def changes_file(self) -> bool:
        """Whether the file will be written or removed."""
        return self.after != self.file.text


def connected(
    target: ConfigTarget, record: FileRecord | None, folders: tuple[str, ...]
) -> FileChange:
    """Return the change of a file that connects; `folders` were created for it before.

    Raises InvalidInputError if it is invalid or the edits do not fit.
    """
    file = ConfigFile.read(target.path)
    name, text = str(target.path), file.text or ""
    if file.text is None:
        record = None  # what was put in is gone with the file
    for edit in target.edits:
        require_containers(text, name, edit, strict=target.strict)
    made = [*(record.insertions if record else ())]
    missing = [edit for edit in target.edits if not _is_there(text, name, edit, target)]
    for old in [one for one in made if any(_same_place(one.edit, edit) for edit in missing)]:
        text = _without(text, name, old, strict=target.strict)
        if not _was_changed(text, name, old.edit, strict=target.strict):
            made.remove(old)
    foreign = tuple(edit for edit in missing if _is_foreign(text, name, edit, target))
    changed = tuple(edit for edit in missing if _is_changed_hook(text, name, edit))
    for edit in reversed(missing):  # each comes before what is there
        if edit not in (*foreign, *changed):
            text, inserted = _inserted(text, name, edit, strict=target.strict)
            made.append(Insertion(edit, inserted))
    for edit in target.edits:  # what could not be read again is not written
        require_containers(text, name, edit, strict=target.strict)
    made += [
        Insertion(edit, edit.text)
        for edit in target.edits
        if isinstance(edit, OwnFile) and edit not in [one.edit for one in made]
    ]
    created = record.created if record else file.text is None
    after = file.text if file.text is None and not text else text
    folders = folders or file.missing_folders()
    record = FileRecord(created, tuple(made), folders) if made else None
    return FileChange(target.path, file, after, record, foreign, changed=changed)


def disconnected(path: Path, record: FileRecord, *, shared: bool) -> FileChange:
    """Return the change of a file that disconnects; a `shared` one is needed by another client.

    Entries that were changed since they were inserted stay, also in the journal. Raises
    InvalidInputError for an invalid file.
    """
    file = ConfigFile.read(path)
    if file.text is None:
        return FileChange(path, file, None, None, folders=record.folders)
    text, left = file.text, []
    for one in reversed(record.insertions):
        if shared and isinstance(one.edit, OwnFile):
            continue
        text = _without(text, str(path), one, strict=False)
        if _was_changed(text, str(path), one.edit, strict=False):
            left.append(one)
    if left:
        kept = replace(record, insertions=tuple(reversed(left)))
        return FileChange(path, file, text, kept, tuple(one.edit for one in kept.insertions))
    own = any(isinstance(one.edit, OwnFile) for one in record.insertions)
    gone = (own or record.created) and text.strip(_SPACE) in _BLANK
    return FileChange(path, file, None if gone else text, None, folders=record.folders)


def written_alone(edits: Sequence[ConfigEntry | TomlTable], *, strict: bool) -> str:
    """Return the text of a file with only these edits."""
    text = ""
    for edit in reversed(edits):
        text, _ = _inserted(text, "", edit, strict=strict)
    return text


def _is_there(text: str, name: str, edit: Edit, target: ConfigTarget) -> bool:
    match edit:
        case OwnFile():
            return text == edit.text
        case TomlTable():
            return find_table(parse_toml(text, name), edit) == dict(edit.values)
        case ConfigEntry():
            return bool(text.strip(_SPACE)) and has_entry(
                parse_json(text, name, strict=target.strict), edit
            )
    assert_never(edit)


def _is_foreign(text: str, name: str, edit: Edit, target: ConfigTarget) -> bool:
    match edit:
        case OwnFile():
            return bool(text)
        case TomlTable():
            return find_table(parse_toml(text, name), edit) is not None
        case ConfigEntry():
            return bool(text.strip(_SPACE)) and differing_entry(
                parse_json(text, name, strict=target.strict), edit
            )
    assert_never(edit)


def _was_changed(text: str, name: str, edit: Edit, *, strict: bool) -> bool:
    """Return whether something remains in the place of an edit that was removed."""
    match edit:
        case OwnFile():
            return bool(text)
        case TomlTable():
            return find_table(parse_toml(text, name), edit) is not None
        case ConfigEntry():
            if not text.strip(_SPACE):
                return False
            found = parse_json(text, name, strict=strict).find(edit.path)
            return _is_changed_hook(text, name, edit) if edit.in_list else found is not None
    assert_never(edit)


def _is_changed_hook(text: str, name: str, edit: Edit) -> bool:
    """Return whether it contains a hook of Sage that was changed by hand."""
    if not isinstance(edit, ConfigEntry) or not text.strip(_SPACE):
        return False
    return has_changed_hook(parse_json(text, name, strict=False), edit)


def _inserted(text: str, name: str, edit: Edit, *, strict: bool) -> tuple[str, str]:
    match edit:
        case OwnFile():
            return edit.text, edit.text
        case TomlTable():
            return insert_table(text, name, edit)
        case ConfigEntry():
            return insert_entry(text, name, edit, strict=strict)
    assert_never(edit)


def _without(text: str, name: str, made: Insertion, *, strict: bool) -> str:
    """Remove an edit: the exact text that was inserted, or its entry if a client rewrote it.

    A changed entry stays.
    """
    match made.edit:
        case OwnFile():
            return text.replace(made.text, "", 1)
        case TomlTable():
            return remove_table(text, name, made.edit, made.text)
        case ConfigEntry() if not text.strip(_SPACE):
            return text
        case ConfigEntry():
            return remove_insertion(text, name, made.edit, made.text, strict=strict)
    assert_never(made.edit)


def _same_place(made: Edit, wanted: Edit) -> bool:
    match made, wanted:
        case ConfigEntry(), ConfigEntry():
            return made.path == wanted.path
        case TomlTable(), TomlTable():
            return made.name == wanted.name
        case _:
            return isinstance(made, OwnFile) and isinstance(wanted, OwnFile)


def foreign_edits(changes: Sequence[FileChange]) -> list[tuple[Path, Edit]]:
    """Return the edits that were left alone, with their files."""
    return [(change.path, edit) for change in changes for edit in change.foreign]


def require_containers(
    text: str, name: str, edit: ConfigEntry | TomlTable | OwnFile, *, strict: bool
) -> None:
    """Raise InvalidInputError if the objects and lists around an edit are of another type."""
    match edit:
        case ConfigEntry() if text.strip("\ufeff \t\r\n"):
            _require_in_json(text, name, edit, strict=strict)
        case TomlTable():
            _require_in_toml(text, name, edit)


def _require_in_json(text: str, name: str, entry: ConfigEntry, *, strict: bool) -> None:
    root = parse_json(text, name, strict=strict)
    for path, wanted in _containers_of(entry):
        node = root.find(path)
        if node is None:
            return
        if not isinstance(node.value, wanted):
            where = phrase(
                "{path} (at {place})",
                path=".".join(path) or phrase("its top level"),
                place=place_text(text, node.start),
            )
            raise _wrong(name, where, _name_of(wanted), _kind_of(node.value))


def _containers_of(entry: ConfigEntry) -> Iterator[tuple[tuple[str, ...], type]]:
    for depth in range(len(entry.path)):
        yield entry.path[:depth], dict
    if entry.in_list:
        yield entry.path, list


def _require_in_toml(text: str, name: str, table: TomlTable) -> None:
    found: object = parse_toml(text, name)
    parts = table.name.split(".")
    for depth, part in enumerate(parts[:-1], 1):
        found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            return
        if not isinstance(found, dict):
            raise _wrong(name, ".".join(parts[:depth]), phrase("a table"), _kind_of(found))


def _wrong(name: str, where: str, wanted: str, kind: str) -> InvalidInputError:
    return InvalidInputError(
        name,
        phrase(
            "{field} must have {wanted} as {where}, not {kind}",
            wanted=wanted,
            where=where,
            kind=kind,
        ),
        hint=_HINT,
    )


def _name_of(wanted: type) -> str:
    return phrase("an object") if wanted is dict else phrase("a list")


def _kind_of(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    kinds = {
        str: phrase("a string"),
        int: phrase("a number"),
        float: phrase("a number"),
        list: phrase("a list"),
        dict: phrase("an object"),
    }
    return kinds.get(type(value), phrase("a date or time"))
