"""Show what connecting changes: the lines of each file that come and go, and what comes next."""

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
    """Write the lines of a file that come and go."""
    console.write((str(change.file.path), Style.BOLD))
    for line in difference(change):
        console.write("  ", (line, _STYLES.get(line[:1], "")))


def write_left_alone(console: Console, changes: Sequence[FileChange]) -> None:
    """Report what was left as it is, since Sage did not write it or somebody changed it."""
    for message in left_alone(changes):
        console.note(message)


def write_not_removed(console: Console, change: FileChange) -> None:
    """Report what was not removed, since somebody changed it after Sage had written it."""
    for message in not_removed(change):
        console.note(message)


def write_link(console: Console, client: Client, options: ConnectOptions) -> None:
    """Write the link that does without the file, where there is one; it is never wrapped."""
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
    """Report in a few lines what was changed, what is to be done next, and what undoes it.

    `copies` are those of the files as they were.
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
    """Report that a client is connected, and what only this one needs to be done next."""
    console.write((connected_text(client, options, changes), Style.GOOD))
    for step in own_steps(client, options):
        console.write("  ", (phrase("next"), Style.NAME), "  ", step, hang=8)


def write_disconnected(console: Console, client: Client, changes: Sequence[FileChange]) -> None:
    """Report that a client is disconnected, in part where something of Sage was left."""
    console.write((disconnected_text(client, changes), Style.GOOD))


def write_whether_sage_answers(console: Console, address: Mapping[str, object]) -> None:
    """Report that no Sage answers where hooks look for it, if so."""
    problem = ask(str(address["host"]), str(address["port"]), "/health/liveness")
    if problem is not None:
        console.note(
            phrase(
                "{problem}. Start Sage; until then, hooks queue what they capture.",
                problem=problem,
            )
        )
