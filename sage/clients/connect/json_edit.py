"""Insert entries into the text of a JSON file and remove them, changing no other byte.

A client may have rewritten the file since.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.connect.edits import ConfigEntry
from sage.clients.connect.json_text import parse_json
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.connect.json_text import JsonNode

_DEFAULT_INDENT = "  "
_INDENTED = re.compile(r"\n([ \t]+)\S")
_EMPTY = re.compile(r"\ufeff?[ \t\r\n]*")

_GAP = re.compile(r"[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_EMPTY_CONTAINERS: tuple[object, ...] = ({}, [])
_SPACE = "\ufeff \t\r\n"


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of a file."""

    indent: str
    newline: str


def has_entry(root: JsonNode, entry: ConfigEntry) -> bool:
    """Return whether the entry exists with its intended value."""
    found = root.find(entry.path)
    if found is None:
        return False
    if entry.in_list:
        return found.items is not None and entry.value in [item.value for item in found.items]
    return found.value == entry.value


def differing_entry(root: JsonNode, entry: ConfigEntry) -> bool:
    """Return whether another value is in the place of the entry."""
    found = root.find(entry.path)
    return found is not None and not entry.in_list and found.value != entry.value


def has_changed_hook(root: JsonNode, entry: ConfigEntry) -> bool:
    """Return whether a list contains the hook of an entry, changed by hand.

    It calls the same program, perhaps with another timeout, or for some sessions only.
    """
    found = root.find(entry.path)
    if not entry.in_list or found is None or has_entry(root, entry):
        return False
    programs = [re.escape(_program_in(command)) for command in _commands(entry.value)]
    called = [command for item in found.items or () for command in _commands(item.value)]
    word = re.compile(rf"(?<![^\s'\"=])(?:{'|'.join(programs)})(?![^\s'\"])")
    return bool(programs) and any(map(word.search, called))


def _program_in(command: str) -> str:
    """Return the program of a command: its last path, which an interpreter may run."""
    words = shlex.split(command)
    return [words[0], *(word for word in words if word.startswith("/"))][-1]


def _commands(hook: object) -> Iterator[str]:
    match hook:
        case {"command": str(command)}:
            yield command
        case {"hooks": [*hooks]}:
            for one in hooks:
                yield from _commands(one)


def insert_entry(text: str, name: str, entry: ConfigEntry, *, strict: bool) -> tuple[str, str]:
    """Return the text with an entry inserted, and the insertion. Raises InvalidInputError.

    Missing objects on the path are part of the insertion. It comes first in its object or list, so
    that it is one piece whatever comments are there.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    if _EMPTY.fullmatch(text):
        inserted = _formatted(_nested(entry.path, entry), "", _DEFAULT_INDENT, newline) + newline
        return text + inserted, inserted
    root = parse_json(text, name, strict=strict)
    indented = _INDENTED.search(text)
    indent = indented[1] if indented else _DEFAULT_INDENT
    depth, parent = _deepest(root, entry.path)
    if depth == len(entry.path):
        key, value = "", entry.value
    else:
        key = f"{json.dumps(entry.path[depth], ensure_ascii=False)}: "
        value = _nested(entry.path[depth + 1 :], entry)
    inserted = _piece(text, parent, (key, value), _Layout(indent, newline))
    at = parent.start + 1
    return text[:at] + inserted + text[at:], inserted


def _deepest(root: JsonNode, path: tuple[str, ...]) -> tuple[int, JsonNode]:
    """Return the innermost existing object or list on a path, and its depth."""
    for depth in range(len(path), 0, -1):
        node = root.find(path[:depth])
        if node is not None:
            return depth, node
    return 0, root


def _nested(path: tuple[str, ...], entry: ConfigEntry) -> object:
    value: object = [entry.value] if entry.in_list else entry.value
    for name in reversed(path):
        value = {name: value}
    return value


def _piece(text: str, parent: JsonNode, entry: tuple[str, object], style: _Layout) -> str:
    """Return the text to insert after the opening bracket: on its own lines if others are."""
    key, value = entry
    indent, newline = style.indent, style.newline
    inside = text[parent.start + 1 : parent.end - 1]
    children = parent.children
    own = _indent_of(text, parent.start)
    if children and "\n" not in text[parent.start : children[0][0]]:
        space = text[parent.start + 1 : children[0][0]]
        lead = space if not space.strip() else " "
        return f"{lead}{key}{json.dumps(value, ensure_ascii=False)},"
    inner = own + indent
    if children:
        line_start = text.rfind("\n", 0, children[0][0]) + 1
        before = text[line_start : children[0][0]]
        inner = before if not before.strip() else inner
    written = f"{newline}{inner}{key}{_formatted(value, inner, indent, newline)}"
    if children:
        return f"{written},"
    return written if "\n" in inside else f"{written}{newline}{own}"


def _indent_of(text: str, at: int) -> str:
    """Return the indentation of the line that contains a place."""
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _formatted(value: object, own: str, indent: str, newline: str) -> str:
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    return written.replace("\n", f"{newline}{own}")


def remove_insertion(
    text: str, name: str, entry: ConfigEntry, inserted: str, *, strict: bool
) -> str:
    """Return the text without an entry, and without what was `inserted` around it.

    The exact insertion is cut at its first occurrence if nothing else changes by it. Raises
    InvalidInputError for invalid text.
    """
    taken = _remove_with_containers(text, name, entry, inserted, strict=strict)
    before, _, behind = text.partition(inserted)
    if text.count(inserted) != 1 or before.rstrip(_SPACE)[-1:] not in ("", "{", "["):
        return taken
    cut = before + behind
    wanted = parse_json(taken, name, strict=strict).value
    return cut if _value(cut, name, strict=strict) == wanted else taken


def _value(text: str, name: str, *, strict: bool) -> object:
    """Return the value of a text, {} for an empty one, None for an invalid one."""
    if not text.strip(_SPACE):
        return {}
    try:
        return parse_json(text, name, strict=strict).value
    except InvalidInputError:
        return None


def _remove_with_containers(
    text: str, name: str, entry: ConfigEntry, inserted: str, *, strict: bool
) -> str:
    text = remove_entry(text, name, entry, strict=strict)
    for depth in range(len(entry.path), _depth_of(entry, inserted), -1):
        for empty in _EMPTY_CONTAINERS:
            left = ConfigEntry(entry.path[:depth], empty)
            text = remove_entry(text, name, left, strict=strict)
    return text


def _depth_of(entry: ConfigEntry, inserted: str) -> int:
    """Return how many names of its path existed before an entry was inserted."""
    written = inserted.strip()
    if written.startswith("{"):  # an item of a list, or a whole document
        is_item = json.loads(written.removesuffix(",")) == entry.value
        return len(entry.path) if is_item else 0
    names = [f"{json.dumps(name)}:" for name in entry.path]
    return next(depth for depth, name in enumerate(names) if written.startswith(name))


def remove_entry(text: str, name: str, entry: ConfigEntry, *, strict: bool) -> str:
    """Return the text without an entry, wherever it was moved. Raises InvalidInputError."""
    root = parse_json(text, name, strict=strict)
    found, parent = root.find(entry.path), root.find(entry.path[:-1])
    if found is None or parent is None or not has_entry(root, entry):
        return text
    if entry.in_list:
        parent, number = found, [item.value for item in found.items or ()].index(entry.value)
    else:
        number = parent.children.index((parent.members or {})[entry.path[-1]].place)
    places = parent.children
    start, end = places[number]
    kept = text[:start].rstrip(" \t\r\n")
    if "//" not in kept.rpartition("\n")[2]:  # the end of a line may end a comment
        start = len(kept)
    comma = _comma_after(text, end)
    if comma is not None:
        return text[:start] + text[comma + 1 :]
    if number:
        before = _comma_after(text, places[number - 1][1])
        if before is not None:
            return text[:before] + text[before + 1 : start] + text[end:]
    inside = text[parent.start + 1 : start] + text[end : parent.end - 1]
    return text[: parent.start + 1] + (inside if inside.strip() else "") + text[parent.end - 1 :]


def _comma_after(text: str, at: int) -> int | None:
    """Return the place of the comma that follows a value, None without one."""
    while gap := _GAP.match(text, at):
        at = gap.end()
    return at if text[at : at + 1] == "," else None
