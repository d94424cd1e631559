"""Edits of a client's configuration: entries of JSON, a table of TOML, a whole file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """A value at a path of names; an item of the list there if it is `in_list`."""

    path: tuple[str, ...]
    value: object
    in_list: bool = False


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table of TOML by its dotted name, with strings and lists of strings as values."""

    name: str
    values: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that belongs to Sage alone."""

    text: str
