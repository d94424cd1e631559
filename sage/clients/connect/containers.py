"""Refuse a configuration file in which something else stands where Sage's entries belong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sage.clients.connect.edits import ConfigEntry, OwnFile, TomlTable
from sage.clients.connect.json_text import parse_json, place_text
from sage.clients.connect.toml_edit import parse_toml
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT = "correct it there; nothing was written, Sage leaves the file as it is"


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
