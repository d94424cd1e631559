"""Apply planned changes: copy each file, write it, then record the change."""

from __future__ import annotations

import glob
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.connect.changes import connected, disconnected
from sage.clients.connect.installation import targets_of
from sage.clients.data_dir.files import make_folder, open_file, remove_file
from sage.clients.hooks.capture.status import record_set_up
from sage.clients.hooks.launcher import record_server, write_launcher
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.clients.connect.catalog import Client
    from sage.clients.connect.changes import FileChange
    from sage.clients.connect.config_file import ConfigFile
    from sage.clients.connect.installation import ConnectOptions
    from sage.clients.connect.journal import ConnectJournal

_FOLDER = "client-backups"
_KEPT = 5


def plan_connection(
    client: Client, options: ConnectOptions, journal: ConnectJournal
) -> list[FileChange]:
    """Return the changes that connect a client. Raises InvalidInputError."""
    records = journal.files(client.name)
    return [
        connected(target, records.get(str(target.path)), journal.folders(str(target.path)))
        for target in targets_of(client, options)
    ]


def plan_removal(
    client: Client, journal: ConnectJournal
) -> tuple[list[FileChange], list[InvalidInputError]]:
    """Return the changes that remove Sage's entries, and the errors of files where that fails."""
    changes, problems = [], []
    for name, record in journal.files(client.name).items():
        try:
            shared = journal.shares(client.name, name)
            changes.append(disconnected(Path(name), record, shared=shared))
        except InvalidInputError as error:
            problems.append(error)
    return changes, problems


def apply_changes(
    data_dir: Path, client: Client, changes: Sequence[FileChange], journal: ConnectJournal
) -> list[Path]:
    """Make the changes; return the backup copies of the files.

    Raises InvalidInputError, StartupError, OSError.
    """
    copies = []
    for change in changes:
        if change.changes_file:
            copies.append(back_up(data_dir, client.name, change.file))
        if change.record is not None:  # first: what is not on record is never taken out
            journal.record(client.name, str(change.path), change.record)
        if change.changes_file:
            change.file.write(change.after)
        for folder in change.folders:
            with suppress(OSError):  # others keep something there
                Path(folder).rmdir()
        if change.record is None:
            journal.record(client.name, str(change.path), None)
    return [copy for copy in copies if copy is not None]


def set_up_hooks(data_dir: Path, client: str, address: Mapping[str, object]) -> None:
    """Write the launcher that hooks call, and the address of Sage. Raises OSError."""
    write_launcher(data_dir)
    record_server(data_dir, address)
    record_set_up(str(data_dir), client)


def back_up(data_dir: Path, client: str, file: ConfigFile) -> Path | None:
    """Copy a file, readable for its owner only; return the copy, None for a missing file.

    The five newest copies of each file of a client remain. Raises StartupError, OSError.
    """
    if file.text is None:
        return None
    folder = data_dir / _FOLDER
    make_folder(folder)
    now = datetime.now(UTC)
    copy = folder / f"{now:%Y%m%dT%H%M%S.%f}-{client}-{file.path.name}"
    descriptor = open_file(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(descriptor, "wb") as out:
        out.write(file.text.encode())
    for old in sorted(folder.glob(f"*-{client}-{glob.escape(file.path.name)}"))[:-_KEPT]:
        remove_file(old)
    return copy
