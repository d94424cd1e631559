"""Connect and disconnect a client, and report the changes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sage.cli.connecting.report import (
    write_connected,
    write_connected_in_short,
    write_diff,
    write_disconnected,
    write_left_alone,
    write_link,
    write_not_removed,
    write_whether_sage_answers,
)
from sage.cli.views.failures import write_error
from sage.cli.views.program_name import command, data_dir_option
from sage.clients.connect.applying import apply_changes, plan_connection, plan_removal, set_up_hooks
from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.changes import foreign_edits
from sage.clients.connect.installation import is_installed, require_hooks
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.texts import as_entry
from sage.clients.hooks.capture.status import forget_set_up
from sage.errors import InvalidInputError, StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sage.cli.terminal.console import Console
    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.installation import ConnectOptions
    from sage.local.data_dir.instance import Instance


def show_connection(
    console: Console, instance: Instance, client: Client, options: ConnectOptions
) -> None:
    """Show the changes that would connect a client. Raises InvalidInputError."""
    if not client.file:
        _show_entry(console, client, options)
        return
    changes = plan_connection(client, options, ConnectJournal(instance.data_dir))
    _show(console, changes)
    write_left_alone(console, changes)
    if any(change.changes_file for change in changes):
        missing = options.project is None and not is_installed(client, options.home)
        console.note(
            phrase(
                "nothing is written yet: {client} is not on this machine: start it once, then add "
                "--write to make these changes"
                if missing
                else "nothing is written yet: add --write to make these changes",
                client=client.title,
            )
        )
        write_link(console, client, options)
    else:
        console.write(phrase("nothing to change in the files of {client}", client=client.title))


def connect_client(  # noqa: PLR0913 - what to connect, where it is kept, what comes first
    console: Console,
    instance: Instance,
    client: Client,
    options: ConnectOptions,
    address: Mapping[str, object],
    *,
    prepare: Callable[[], None],
    in_short: bool = False,
) -> bool:
    """Connect a client; `address` is where its hooks reach Sage.

    `prepare` is called before anything is written. `in_short` reports only what is specific to this
    client. Return False if other content is in the place of what had to be written. Raises
    InvalidInputError for a client that is not installed and for an invalid file.
    """
    if not client.file:
        _show_entry(console, client, options)
        return True
    if options.project is None and not is_installed(client, options.home):
        raise InvalidInputError(
            client.title, "{field} is not on this machine", hint="start it once, then connect it"
        )
    data_dir, journal = instance.data_dir, ConnectJournal(instance.data_dir)
    changes = plan_connection(client, options, journal)
    with _writing(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        prepare()
        if options.hooks:
            set_up_hooks(data_dir, client.name, address)
        copies = apply_changes(data_dir, client, changes, journal)
    write_left_alone(console, changes)
    if in_short:
        write_connected_in_short(console, client, options, changes)
        return not foreign_edits(changes)
    undo = command("connect", client.name, "--remove") + data_dir_option(instance)
    write_connected(console, client, options, changes, copies, undo=undo)
    if options.hooks:
        write_whether_sage_answers(console, address)
    return not foreign_edits(changes)


def connected_clients(data_dir: Path) -> list[Client]:
    """Return the clients with entries of Sage in their files."""
    journal = ConnectJournal(data_dir)
    return [client for client in CLIENTS if journal.files(client.name)]


def disconnect_client(console: Console, data_dir: Path, client: Client) -> bool:
    """Remove Sage's entries from the files of a client; return False if any remain."""
    journal = ConnectJournal(data_dir)
    changes, problems = plan_removal(client, journal)
    if not changes and not problems:
        console.write(
            phrase("Sage has added nothing to the files of {client}", client=client.title)
        )
    for change in changes:
        _show(console, [change])
        write_not_removed(console, change)
        try:
            with _writing(data_dir):
                _report_copies(console, apply_changes(data_dir, client, [change], journal))
        except InvalidInputError as error:
            problems.append(error)
    if not problems:
        with _writing(data_dir):
            forget_set_up(str(data_dir), client.name)
        if changes:
            write_disconnected(console, client, changes)
    for problem in problems:
        write_error(console, problem.message, "", problem.hint)
    return not problems


@contextmanager
def _writing(data_dir: Path) -> Iterator[None]:
    """Raise StartupError if the journal of changes cannot be written to the data directory."""
    try:
        yield
    except OSError as error:
        raise StartupError(
            phrase(
                "nothing can be written to {directory}: {reason}",
                directory=data_dir,
                reason=error.strerror,
            ),
            hint="run this as the user who starts Sage, or pass another --data-dir",
        ) from error


def _show_entry(console: Console, client: Client, options: ConnectOptions) -> None:
    if options.hooks:
        require_hooks(client, options)
    console.write_text(f"{as_entry(client.mcp(options.server, options.stdio))}\n")
    console.note(phrase("paste this into the MCP configuration of {client}", client=client.title))


def _show(console: Console, changes: Sequence[FileChange]) -> None:
    for change in changes:
        if change.changes_file:
            write_diff(console, change)


def _report_copies(console: Console, copies: Sequence[Path]) -> None:
    for copy in copies:
        console.note(phrase("copy of the previous file: {copy}", copy=copy))
