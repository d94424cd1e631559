"""Import what clients have written down before they were connected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.bootstrap import open_configured_database
from sage.errors import InvalidInputError
from sage.importing.report import write_imported
from sage.importing.sources import sources_at
from sage.service.transfer import count_new, import_memories
from sage.store.migrate import migrate
from sage.terminal.ending import run_until_ended
from sage.terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sage.config.settings import Settings
    from sage.importing.sources import ImportSource
    from sage.service.transfer import Imported
    from sage.terminal.console import Console


@dataclass(frozen=True, slots=True)
class Manner:
    """How transcripts are imported: `dry_run` counts what is new, and imports nothing."""

    dry_run: bool = False
    as_json: bool = False


def found_transcripts(paths: Sequence[str], since: datetime | None) -> list[ImportSource]:
    """Return what can be imported of files and folders, none for one file of Sage.

    Raises InvalidInputError.
    """
    try:
        found = sources_at(map(Path, paths), since)
    except OSError as error:
        raise InvalidInputError(
            "PATH", f"{error.filename} cannot be read: {error.strerror}", hint="check the path"
        ) from error
    if not found and (len(paths) > 1 or Path(paths[0]).is_dir()):
        raise InvalidInputError(
            "PATH",
            "holds nothing that Sage can import",
            hint="`sage import --list` shows those on this machine; name one file of `sage export`",
        )
    return found


def import_transcripts(
    console: Console, settings: Settings, found: Sequence[ImportSource], manner: Manner
) -> None:
    """Import transcripts, and tell what became of them. Raises StoreError, StartupError."""

    async def work() -> list[Imported]:
        results = []
        async with open_configured_database(settings) as database:
            await migrate(database)
            for one in found:
                if manner.dry_run:
                    results.append(await count_new(database, one.memories()))
                    continue
                with Progress(console, one.source) as progress:
                    results.append(
                        await import_memories(database, one.memories(), progress.advance)
                    )
        return results

    results = [{"added": one.added, "there": one.there} for one in run_until_ended(work())]
    write_imported(console, found, results, dry_run=manner.dry_run, as_json=manner.as_json)
