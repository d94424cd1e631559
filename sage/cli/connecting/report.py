"""Show the changes of connecting: added and removed lines of each file, and the next steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.clients.connect.texts import (
    connected_text,
    difference,
    disconnected_text,
    left_alone,
    not_removed,
    own_steps,
    what_was_done,
)
from sage.domain.text.columns import padded
from sage.local.http_probe import ask
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sage.cli.terminal.console import Console
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.installation import ConnectOptions

_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.FAINT}


def write_diff(console: Console, change: FileChange) -> None:
    """Write the added and removed lines of a file."""
    console.write((str(change.file.path), Style.BOLD))
    for line in difference(change):
        console.write("  ", (line, _STYLES.get(line[:1], "")))


def write_left_alone(console: Console, changes: Sequence[FileChange]) -> None:
    """Report entries that were left alone, since Sage did not write them or they were changed."""
    for message in left_alone(changes):
        console.note(message)


def write_not_removed(console: Console, change: FileChange) -> None:
    """Report an entry that was not removed, since it was changed after Sage had written it."""
    for message in not_removed(change):
        console.note(message)


def write_link(console: Console, client: Client, options: ConnectOptions) -> None:
    """Write the link that replaces the file, if there is one; it is never wrapped."""
    if client.link is not None and options.project is None:
        console.note(
            phrase("or open this link to add it to {client}, without hooks:", client=client.title)
        )
        console.write_text(f"{client.link(client.mcp(options.server, options.stdio))}\n")


def write_connected(  # noqa: PLR0913 - all that was done
    console: Console,
    client: Client,
    options: ConnectOptions,
    changes: Sequence[FileChange],
    copies: Sequence[Path],
    *,
    undo: str,
) -> None:
    """Report in a few lines the changes, the next steps, and the command that undoes them.

    `copies` are the backups of the files.
    """
    if any(change.changes_file for change in changes):
        console.write((connected_text(client, options, changes), Style.GOOD))
    else:
        console.write(phrase("nothing to change in the files of {client}", client=client.title))
    for name, text in what_was_done(client, options, changes, copies, undo):
        console.write("  ", (padded(said(name), 7), Style.NAME), "  ", text, hang=11)


def write_connected_in_short(
    console: Console, client: Client, options: ConnectOptions, changes: Sequence[FileChange]
) -> None:
    """Report that a client is connected, and only the next steps specific to it."""
    console.write((connected_text(client, options, changes), Style.GOOD))
    for step in own_steps(client, options):
        console.write("  ", (phrase("next"), Style.NAME), "  ", step, hang=8)


def write_disconnected(console: Console, client: Client, changes: Sequence[FileChange]) -> None:
    """Report that a client is disconnected, partly if entries of Sage remain."""
    console.write((disconnected_text(client, changes), Style.GOOD))


def write_whether_sage_answers(console: Console, address: Mapping[str, object]) -> None:
    """Report if no Sage answers at the address of the hooks."""
    problem = ask(str(address["host"]), str(address["port"]), "/health/liveness")
    if problem is not None:
        console.note(
            phrase(
                "{problem}. Start Sage; until then, hooks queue what they capture.",
                problem=problem,
            )
        )
