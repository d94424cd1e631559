"""`sage import`: import data of other programs, count it beforehand, undo an import."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.importing.report import write_imported, write_passed_over, write_undone
from sage.cli.terminal.progress import Progress
from sage.cli.terminal.prompt import can_ask, confirm
from sage.clients.importing.memory_file import may_be_lines
from sage.clients.importing.notes_consent import Prompter, ask_for_notes
from sage.clients.importing.sources import require_date_format, sources_at
from sage.domain.ids import new_memory_id
from sage.errors import InvalidInputError
from sage.local.signals import run_until_ended
from sage.phrases import phrase
from sage.service.configured_database import open_configured_database
from sage.store.migrate import migrate
from sage.transfer.importing.keeping import Imported, count_new, import_memories
from sage.transfer.importing.original_database import is_dsn, opened_original
from sage.transfer.importing.undo import find_import, undo_import

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.cli.terminal.console import Console
    from sage.clients.importing.selection import Selection
    from sage.clients.importing.source import Source
    from sage.config.settings import Settings
    from sage.store.connections.pool import Database


@dataclass(frozen=True, slots=True)
class Manner:
    """The options of an import: `dry_run` counts what is new, and imports nothing."""

    dry_run: bool = False
    as_json: bool = False


@contextmanager
def opened_sources(
    paths: Sequence[str], selection: Selection, console: Console, *, dry_run: bool
) -> Iterator[list[Source]]:
    """Find data of other programs in files, directories and databases.

    Asks before including notes that were not requested, unless it is a `dry_run`. A single file of
    Sage, or standard input, has no such sources. Raises InvalidInputError.
    """
    with ExitStack() as stack:
        files = [Path(path) for path in paths if path != "-" and not is_dsn(path)]
        found = [
            stack.enter_context(opened_original(path, selection)) for path in paths if is_dsn(path)
        ]
        try:
            there = sources_at(files, selection)
        except OSError as error:
            raise InvalidInputError(
                str(error.filename),
                phrase("{field} cannot be read: {reason}", reason=error.strerror),
                hint="check the path",
            ) from error
        found += there.sources
        if there.refused and not found:
            raise there.refused[0]
        if found:
            if selection.date_format:
                require_date_format(found, selection.date_format)
            write_passed_over(console, there)
            prompter = Prompter(
                console.note, lambda text: can_ask(console) and confirm(console, text)
            )
            found = ask_for_notes(found, selection, prompter, dry_run=dry_run)
        elif len(files) > 1 or not all(map(may_be_lines, files)):
            raise InvalidInputError(
                ", ".join(map(str, files)),
                "{field}: nothing that Sage can import was found there",
                hint="`sage import --list` lists what can be imported on this machine; "
                "pass files of `sage export` one by one",
            )
        yield found


def import_sources(
    console: Console, settings: Settings, found: Sequence[Source], manner: Manner
) -> bool:
    """Import sources, and report the outcome; False if a file was not read completely.

    Raises StoreError, StartupError.
    """
    import_id = new_memory_id()

    async def work() -> list[Imported]:
        async with open_configured_database(settings) as database:
            await migrate(database)
            return [await one_source(database, one) for one in found]

    async def one_source(database: Database, one: Source) -> Imported:
        if manner.dry_run:
            return await count_new(database, one.memories())
        with Progress(console, phrase("{name}, bytes", name=one.name), one.size_bytes) as progress:

            def advance(_: int) -> None:
                progress.advance(one.position - progress.done)

            return await import_memories(
                database, one.memories(), advance, import_id, masking=settings.masking
            )

    results = run_until_ended(work())
    write_imported(
        console,
        [*zip(found, results, strict=True)],
        None if manner.dry_run else import_id,
        as_json=manner.as_json,
    )
    return not any(one.counts.problems for one in found)


def undo(console: Console, settings: Settings, text: str, *, as_json: bool) -> None:
    """Undo an import, and report how much was deleted. Raises InvalidInputError, StoreError."""

    async def work() -> None:
        async with open_configured_database(settings) as database:
            await migrate(database)
            past = await find_import(database, text)
            with Progress(console, "undoing", past.memories) as progress:
                undone = await undo_import(database, past.import_id, progress.advance)
            write_undone(console, past, undone, as_json=as_json)

    run_until_ended(work())
