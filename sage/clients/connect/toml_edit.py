"""Append a table to the text of a TOML file, and remove it again."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from sage.clients.connect.json_text import broken_file
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.clients.connect.edits import TomlTable

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_REST = re.compile(r"(?<=\n)(?:[ \t]*(?:#[^\n]*)?\n)*(?:[ \t]*#[^\n]*)?\Z")
"""Comments and blank lines below a table, which belong to what follows."""


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Parse a document. Raises InvalidInputError with line and column."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.fullmatch(str(error))
        problem, line, column = found.groups() if found else (str(error), None, None)
        at = len(text) if line is None else _offset(text, int(line), int(column or 1))
        raise broken_file(name, text, at, problem) from None


def find_table(document: dict[str, Any], table: TomlTable) -> object:
    """Return the table with a dotted name, None if there is none."""
    found: object = document
    for part in table.name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def insert_table(text: str, name: str, table: TomlTable) -> tuple[str, str]:
    """Return the text with a table appended, and the appended text. Raises InvalidInputError."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[{table.name}]", *(f"{key} = {_toml(value)}" for key, value in table.values)]
    gap = "" if not text.strip("\ufeff \t\r\n") else newline
    if text and not text.endswith("\n"):
        gap += newline
    inserted = gap + newline.join(lines) + newline
    after = text + inserted
    try:
        parse_toml(after, name)
    except InvalidInputError:
        parent = table.name.rpartition(".")[0]
        raise InvalidInputError(
            name,
            phrase("cannot add a table [{name}] to {field}", name=table.name),
            hint=phrase("write `{parent}` in it as tables: [{parent}.NAME]", parent=parent),
        ) from None
    return after, inserted


def remove_table(text: str, name: str, table: TomlTable, inserted: str) -> str:
    """Return the text without a table, wherever it is; a changed one stays.

    The `inserted` text is cut if nothing else changes by it. Raises InvalidInputError.
    """
    document = parse_toml(text, name)
    if find_table(document, table) != dict(table.values):
        return text
    wanted = _without(document, table)
    cuts = [text.replace(inserted, "")] if text.count(inserted) == 1 else []
    header = re.compile(rf"^[ \t]*\[{re.escape(table.name)}\][ \t]*(?:#.*)?\r?$", re.MULTILINE)
    for found in header.finditer(text):
        following = _HEADER.search(text, found.end())
        end = following.start() if following else len(text)
        body = text[found.end() : end]
        last = _REST.search(body)
        cuts.append(text[: found.start()] + text[end - len(last[0] if last else "") :])
    return next((cut for cut in cuts if _reads_as(cut, wanted, name, table)), text)


def _reads_as(text: str, wanted: dict[str, Any], name: str, table: TomlTable) -> bool:
    try:
        document = parse_toml(text, name)
    except InvalidInputError:
        return False
    return find_table(document, table) is None and _without(document, table) == wanted


def _without(document: dict[str, Any], table: TomlTable) -> dict[str, Any]:
    """Return a document without a table; the enclosing table remains, empty or not."""
    parent, _, own = table.name.partition(".")
    left = {key: value for key, value in document.get(parent, {}).items() if key != own}
    return document | {parent: left}


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _offset(text: str, line: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + column - 1
