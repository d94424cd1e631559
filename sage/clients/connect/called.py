"""What the entries of a client call, which may have been moved away: a program, an address."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.connect.edits import ConfigEntry, TomlTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sage.clients.connect.edits import OwnFile


def missing_program(edits: Iterable[ConfigEntry | TomlTable | OwnFile]) -> str:
    """Return the first program that entries call and that is not there, empty if there is none."""
    called = (program for edit in edits for program in _programs(edit))
    return next((program for program in called if not Path(program).exists()), "")


def other_address(edits: Iterable[ConfigEntry | TomlTable | OwnFile], url: str) -> str:
    """Return the first address that entries call and that is not `url`, empty if there is none."""
    called = (address for edit in edits for address in _addresses(edit))
    return next((address for address in called if address != url), "")


def _addresses(edit: ConfigEntry | TomlTable | OwnFile) -> Iterator[str]:
    values: object = None
    if isinstance(edit, TomlTable):
        values = dict(edit.values)
    elif isinstance(edit, ConfigEntry):
        values = edit.value
    if isinstance(values, dict):
        texts = (one for one in values.values() if isinstance(one, str))
        yield from (one for one in texts if one.startswith(("http://", "https://")))


def _programs(edit: ConfigEntry | TomlTable | OwnFile) -> Iterator[str]:
    if isinstance(edit, TomlTable):
        yield from _commands(dict(edit.values))
    elif isinstance(edit, ConfigEntry) and edit.path[0] == "hooks":
        for command in _commands(edit.value):  # as a shell reads it
            yield from (one for one in shlex.split(command) if one.startswith("/"))
    elif isinstance(edit, ConfigEntry):
        yield from _commands(edit.value)


def _commands(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "command":
                yield str(inner[0] if isinstance(inner, list) else inner)
            else:
                yield from _commands(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _commands(inner)
