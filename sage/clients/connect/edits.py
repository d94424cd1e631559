"""What Sage puts into the configuration of a client: entries of JSON, a table of TOML, a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """A value under the names of a path; one item of the list there if it is `in_list`."""

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
    """A file that is Sage's alone."""

    text: str
