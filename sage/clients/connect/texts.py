"""Texts about the files of a client: planned changes, changes made, and connection states."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sage.clients.connect.changes import foreign_edits
from sage.clients.connect.edits import ConfigEntry, OwnFile, TomlTable
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import Edit, FileChange
    from sage.clients.connect.installation import ConnectOptions
    from sage.clients.connect.journal import FileRecord

_CONTEXT_LINES = 1
_PARTS = re.compile(r"[^\s,{}\[\]](?:[^\n,{}\[\]]*[^\s,{}\[\]])?(?:\s*[{\[])?|[,{}\[\]]+")


def difference(change: FileChange) -> list[str]:
    """Return added and removed lines with few unchanged parts, since the file contains secrets.

    If a part of a line changes, that part is returned, not the line. Of a file that was empty, all
    lines are returned.
    """
    before, after = change.file.text or "", change.after or ""
    if "".join(before.split()) in {"", "{}"}:
        before = ""
    lines = _difference(before.splitlines(), after.splitlines(), _CONTEXT_LINES)
    if {"+", "-"} <= {line[:1] for line in lines}:
        parts = _difference(_PARTS.findall(before), _PARTS.findall(after), 0)
        lines = ["@@" if line.startswith("@@") else line for line in parts]
    return [line.replace("\ufeff", "") for line in lines]


def _difference(before: Sequence[str], after: Sequence[str], context: int) -> list[str]:
    return [*difflib.unified_diff(before, after, lineterm="", n=context)][2:]


def left_alone(changes: Sequence[FileChange]) -> Iterator[str]:
    """Yield what was left alone: entries not by Sage, and its hooks that were changed."""
    for path, edit in foreign_edits(changes):
        yield (
            phrase(
                "{path} already contains {name}, which Sage did not write; it was left "
                "unchanged. To replace it, remove it and connect again.",
                path=path,
                name=_name_of(edit),
            )
        )
    for change in changes:
        for edit in change.changed:
            yield (
                phrase(
                    "{path} contains {name} that calls Sage and was edited by hand; it "
                    "was left unchanged. To replace it, remove it and connect again.",
                    path=change.path,
                    name=_name_of(edit),
                )
            )


def not_removed(change: FileChange) -> Iterator[str]:
    """Yield entries that were not removed, since they were changed after Sage had written them."""
    for path, edit in foreign_edits([change]):
        yield (
            phrase(
                "{path} contains {name}, which was edited since Sage wrote it; it was "
                "left unchanged. Remove it by hand.",
                path=path,
                name=_name_of(edit),
            )
        )


def connected_text(client: Client, options: ConnectOptions, changes: Sequence[FileChange]) -> str:
    """Return the message that a client is connected, and in which way."""
    if foreign_edits(changes):
        return phrase("{client} is partly connected", client=client.title)
    return phrase(
        "{client} is connected, with hooks" if options.hooks else "{client} is connected",
        client=client.title,
    )


def disconnected_text(client: Client, changes: Sequence[FileChange]) -> str:
    """Return the message that a client is disconnected, partly if entries of Sage remain."""
    return phrase(
        "{client} is partly disconnected" if foreign_edits(changes) else "{client} is disconnected",
        client=client.title,
    )


def what_was_done(
    client: Client,
    options: ConnectOptions,
    changes: Sequence[FileChange],
    copies: Sequence[Path],
    undo: str,
) -> list[tuple[str, str]]:
    """Return labelled lines: the changes, the next steps, and the command that undoes them.

    `copies` are the backups of the files.
    """
    changed = [from_home(change.file.path) for change in changes if change.changes_file]
    rows: list[tuple[str, str]] = [(phrase("changed"), ", ".join(changed))] if changed else []
    rows += [
        (phrase("copies"), phrase("{directory} (previous versions)", directory=copy.parent))
        for copy in copies[:1]
    ]
    rows += [
        (phrase("next"), step)
        for step in (*own_steps(client, options), *_usual_steps(client, options))
    ]
    return [*rows, (phrase("undo"), undo)]


def own_steps(client: Client, options: ConnectOptions) -> Iterator[str]:
    """Yield the next steps that only some clients need."""
    if not options.tools:
        yield (
            phrase(
                "the token is only valid for hooks and imports: to give {client} the "
                "MCP tools, too, connect it with another token",
                client=client.title,
            )
        )
    elif needs_export(client, options):
        yield (
            phrase(
                "{client} reads the token from its environment: add `{export}` to your "
                "shell profile",
                client=client.title,
                export=options.server.export,
            )
        )
    if client.then:
        yield as_phrase(client.then)
    if options.hooks and client.hooks_then:
        yield as_phrase(client.hooks_then)


def needs_export(client: Client, options: ConnectOptions) -> bool:
    """Return whether a client calls the tools with a token from its environment."""
    needs_token = options.tools and options.server.needs_token and not options.stdio
    return needs_token and client.name != "vscode"


def _usual_steps(client: Client, options: ConnectOptions) -> Iterator[str]:
    if options.hooks:
        start = f"`{client.programs[0]}`" if client.programs else client.title
        yield phrase(
            "start {client} in a project and say something, then start it again and ask about it",
            client=start,
        )
    elif not client.then:
        yield phrase("restart {client} to load the MCP tools", client=client.title)


def from_home(path: Path) -> str:
    """Return the path of a file of the user, relative to the home directory if it is in there."""
    home = Path.home().resolve()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


class ConnectionState(NamedTuple):
    """Whether a client is connected, as text; `is_stale` if that has to be repeated."""

    text: str
    is_connected: bool
    is_stale: bool


def state_of(files: Mapping[str, FileRecord], moved_from: str, url: str) -> ConnectionState:
    """Return the state of a client with entries of Sage in its `files`.

    `moved_from` is what hooks can no longer call, since Sage was moved; otherwise empty. `url` is
    the address of Sage.
    """
    edits = [one.edit for record in files.values() for one in record.insertions]
    if gone := next((path for path in files if not Path(path).exists()), ""):
        text = phrase("{file} no longer exists: connect it again", file=gone)
        return ConnectionState(text, bool(edits), is_stale=True)
    if not edits:
        return ConnectionState(phrase("not connected"), is_connected=False, is_stale=False)
    hooks = any(isinstance(one, OwnFile) or _is_hook(one) for one in edits)
    state = phrase("connected, with hooks") if hooks else phrase("connected")
    if gone := missing_program(edits):
        text = phrase(
            "{state}, but {program} no longer exists: connect it again", state=state, program=gone
        )
    elif hooks and moved_from:
        text = phrase(
            "{state}, but {program} no longer exists: restart Sage", state=state, program=moved_from
        )
    elif old := other_address(edits, url):
        text = phrase(
            "{state}, but to {other}, not {url}: connect it again", state=state, other=old, url=url
        )
    else:
        return ConnectionState(state, is_connected=True, is_stale=False)
    return ConnectionState(text, is_connected=True, is_stale=True)


def as_entry(edits: Sequence[Edit]) -> str:
    """Return entries of JSON as one object for pasting."""
    document: dict[str, object] = {}
    for edit in edits:
        if isinstance(edit, ConfigEntry):
            document[edit.path[0]] = {edit.path[1]: edit.value}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _is_hook(edit: Edit) -> bool:
    return isinstance(edit, ConfigEntry) and edit.path[0] == "hooks"


def _name_of(edit: Edit) -> str:
    match edit:
        case ConfigEntry():
            return phrase("an entry {name}", name=".".join(edit.path))
        case TomlTable():
            return phrase("a table [{name}]", name=edit.name)
        case OwnFile():
            return phrase("other content")


def missing_program(edits: Iterable[ConfigEntry | TomlTable | OwnFile]) -> str:
    """Return the first missing program that entries call, empty if there is none."""
    called = (program for edit in edits for program in _programs(edit))
    return next((program for program in called if not Path(program).exists()), "")


def other_address(edits: Iterable[ConfigEntry | TomlTable | OwnFile], url: str) -> str:
    """Return the first address in entries other than `url`, empty if there is none."""
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
