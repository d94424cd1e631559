"""Take entries out of the text of a JSON file again, whoever has written it anew since."""

from __future__ import annotations

import json
import re

from sage.clients.connect.edits import ConfigEntry
from sage.clients.connect.json_edit import has_entry
from sage.clients.connect.json_text import parse_json
from sage.errors import InvalidInputError

_GAP = re.compile(r"[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_EMPTY: tuple[object, ...] = ({}, [])
_SPACE = "\ufeff \t\r\n"


def remove_insertion(
    text: str, name: str, entry: ConfigEntry, inserted: str, *, strict: bool
) -> str:
    """Return the text without an entry, and without what was `inserted` around it.

    That very text is cut where it stands first as it did, and nothing else changes by it.
    Raises InvalidInputError for a text that is broken.
    """
    taken = _remove_with_containers(text, name, entry, inserted, strict=strict)
    before, _, behind = text.partition(inserted)
    if text.count(inserted) != 1 or before.rstrip(_SPACE)[-1:] not in ("", "{", "["):
        return taken
    cut = before + behind
    wanted = parse_json(taken, name, strict=strict).value
    return cut if _value(cut, name, strict=strict) == wanted else taken


def _value(text: str, name: str, *, strict: bool) -> object:
    """Return the value of a text, {} for an empty one, None for one that is broken."""
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
        for empty in _EMPTY:
            left = ConfigEntry(entry.path[:depth], empty)
            text = remove_entry(text, name, left, strict=strict)
    return text


def _depth_of(entry: ConfigEntry, inserted: str) -> int:
    """Return how many names of its path were there before an entry was inserted."""
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
    """Return the place of the comma that follows a value, None where none does."""
    while gap := _GAP.match(text, at):
        at = gap.end()
    return at if text[at : at + 1] == "," else None
