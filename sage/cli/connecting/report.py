"""Show what connecting changes: the lines of each file that come and go."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.clients.connect.called import missing_program, other_address
from sage.clients.connect.connecting import foreign_edits
from sage.clients.connect.edits import Entry, OwnFile, Table
from sage.clients.connect.server import TOKEN_VARIABLE
from sage.local.http_probe import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sage.cli.terminal.console import Console
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.connecting import Change, Edit
    from sage.clients.connect.installation import Wish
    from sage.clients.connect.journal import FileRecord

_CONTEXT_LINES = 1
_PARTS = re.compile(r"[^\s,{}\[\]](?:[^\n,{}\[\]]*[^\s,{}\[\]])?(?:\s*[{\[])?|[,{}\[\]]+")
_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.FAINT}


def write_diff(console: Console, change: Change) -> None:
    """Write the lines that come and go; lines of the file beside them are few: it has secrets.

    Where a part of a line changes, that part is written, not the line. Of a file that was empty,
    all lines are.
    """
    before, after = change.file.text or "", change.after or ""
    if "".join(before.split()) in {"", "{}"}:
        before = ""
    console.write((str(change.file.path), Style.BOLD))
    lines = _difference(before.splitlines(), after.splitlines(), _CONTEXT_LINES)
    if {"+", "-"} <= {line[:1] for line in lines}:
        parts = _difference(_PARTS.findall(before), _PARTS.findall(after), 0)
        lines = ["@@" if line.startswith("@@") else line for line in parts]
    for line in lines:
        console.write("  ", (line.replace("\ufeff", ""), _STYLES.get(line[:1], "")))


def _difference(before: Sequence[str], after: Sequence[str], context: int) -> list[str]:
    return [*difflib.unified_diff(before, after, lineterm="", n=context)][2:]


def write_foreign(console: Console, foreign: Iterable[tuple[Path, Edit]]) -> None:
    """Report what was left as it is, since Sage did not write it."""
    for path, edit in foreign:
        console.note(
            f"{path} already has {_name_of(edit)}, which Sage did not write: it stays as it is."
            " Remove it, and connect again, to use what Sage would write."
        )


def write_changed_hooks(console: Console, changes: Iterable[Change]) -> None:
    """Report the hooks of Sage that are there, changed by hand: no second one comes beside them."""
    for change in changes:
        for edit in change.changed:
            console.note(
                f"{change.path} has {_name_of(edit)} that calls Sage and was changed by hand: it"
                " stays as it is. Remove it, and connect again, to use what Sage would write."
            )


def write_changed(console: Console, changed: Iterable[tuple[Path, Edit]]) -> None:
    """Report what was not removed, since somebody changed it after Sage had written it."""
    for path, edit in changed:
        console.note(
            f"{path} has {_name_of(edit)}, which was changed since Sage wrote it: it stays as it"
            " is. Remove it by hand."
        )


def write_link(console: Console, client: Client, wish: Wish) -> None:
    """Write the link that does without the file, where there is one; it is never wrapped."""
    if client.link is not None and wish.project is None:
        console.note(f"or open this link, which has {client.title} add it, without hooks:")
        console.write_text(f"{client.link(client.mcp(wish.server, wish.stdio))}\n")


def write_connected(  # noqa: PLR0913 - all that was done
    console: Console,
    client: Client,
    wish: Wish,
    changes: Sequence[Change],
    copies: Sequence[Path],
    *,
    undo: str,
) -> None:
    """Report in a few lines what was changed, what is to be done next, and what undoes it.

    `copies` are those of the files as they were.
    """
    changed = [_from_home(change.file.path, wish) for change in changes if change.changes_file]
    rows = [("changed", ", ".join(changed))] if changed else []
    rows += [("copies", f"{copy.parent} (of what was there before)") for copy in copies[:1]]
    rows += [("next", step) for step in _next_steps(client, wish)]
    parts = " in part" if foreign_edits(changes) else ", with hooks" if wish.hooks else ""
    if changed:
        console.write((f"{client.title} is connected{parts}", Style.GOOD))
    else:
        console.write(f"nothing to change in the files of {client.title}")
    for name, text in [*rows, ("undo", undo)]:
        console.write("  ", (f"{name:<7}", Style.NAME), f"  {text}", hang=11)


def write_disconnected(console: Console, client: Client, changes: Sequence[Change]) -> None:
    """Report that a client is disconnected, in part where something of Sage was left."""
    part = " in part" if foreign_edits(changes) else ""
    console.write((f"{client.title} is disconnected{part}", Style.GOOD))


def _next_steps(client: Client, wish: Wish) -> Iterator[str]:
    if wish.server.needs_token and not wish.stdio and client.name != "vscode":
        yield (
            f"{client.title} reads the token from its environment: export {TOKEN_VARIABLE} in the"
            " profile of your shell"
        )
    if client.then:
        yield client.then
    if wish.hooks:
        if client.hooks_then:
            yield client.hooks_then
        start = f"`{client.programs[0]}`" if client.programs else client.title
        yield f"start {start} in a project, say something, start it again and ask"
    elif not client.then:
        yield f"start {client.title} again, so that it has the tools of Sage"


def _from_home(path: Path, wish: Wish) -> str:
    home = wish.home.resolve()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def write_whether_sage_answers(console: Console, address: Mapping[str, object]) -> None:
    """Report that no Sage answers where hooks look for it, if so."""
    problem = ask(str(address["host"]), str(address["port"]), "/health/liveness")
    if problem is not None:
        console.note(f"{problem}. Start Sage; what hooks capture until then waits for it.")


def write_clients(
    console: Console,
    installed: Sequence[Client],
    files: Mapping[str, Mapping[str, FileRecord]],
    moved_from: str,
    url: str,
) -> bool:
    """List the clients here, and what Sage has put into each; return whether all are connected.

    `moved_from` is what hooks cannot call any more, since Sage was moved; empty otherwise. `url` is
    the address of Sage.
    """
    width, well = max((len(client.name) for client in installed), default=0), True
    for client in installed:
        edits = [one.edit for record in files[client.name].values() for one in record.insertions]
        state, style = "not connected", Style.FAINT
        gone = next((path for path in files[client.name] if not Path(path).exists()), "")
        if gone:
            state, style = f"{gone} is gone: connect it again", Style.WARN
        elif edits:
            hooks = any(isinstance(one, OwnFile) or _is_hook(one) for one in edits)
            state, style = ("connected, with hooks" if hooks else "connected"), Style.GOOD
            if gone := missing_program(edits):
                state, style = f"{state}, but {gone} is gone: connect it again", Style.WARN
            elif hooks and moved_from:
                state, style = f"{state}, but {moved_from} is gone: start Sage again", Style.WARN
            elif old := other_address(edits, url):
                state, style = f"{state}, but to {old}, not {url}: connect it again", Style.WARN
        well = well and style == Style.GOOD
        console.write((f"{client.name:<{width}}", Style.NAME), "  ", (state, style))
    return well


def as_entry(edits: Sequence[Edit]) -> str:
    """Return entries of JSON as one object, to be pasted."""
    document: dict[str, object] = {}
    for edit in edits:
        if isinstance(edit, Entry):
            document[edit.path[0]] = {edit.path[1]: edit.value}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _is_hook(edit: Edit) -> bool:
    return isinstance(edit, Entry) and edit.path[0] == "hooks"


def _name_of(edit: Edit) -> str:
    match edit:
        case Entry():
            return f"an entry {'.'.join(edit.path)}"
        case Table():
            return f"a table [{edit.name}]"
        case OwnFile():
            return "other content"
