"""Report the contents of sources, and the outcome of importing them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.views.program_name import as_called
from sage.clients.importing.sources import sources_here
from sage.clients.importing.texts import (
    found_text,
    import_problems,
    left_out,
    outcome,
    passed_over,
    source_path,
)
from sage.domain.ids import short_id
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.clients.importing.source import Source
    from sage.clients.importing.sources import FoundSources
    from sage.transfer.importing.keeping import Imported
    from sage.transfer.importing.undo import PastImport


def write_found(console: Console, *, as_json: bool) -> None:
    """List what can be imported on this machine, with numbers of messages."""
    found = sources_here(Path.home())
    for one in found.sources:
        sum(1 for _ in one.memories())
    refused = [error.message for error in found.refused]
    if as_json:
        sources = [_to_json(one) | {"at": str(source_path(one))} for one in found.sources]
        console.write_json({"sources": sources, "refused": refused})
        return
    width = max((len(one.name) for one in found.sources), default=0) + 2
    for one in found.sources:
        console.write((f"{one.name:<{width}}", Style.NAME), found_text(one))
    for problem in (*refused, *(one for source in found.sources for one in source.counts.problems)):
        console.note((one_line(problem), Style.BAD))
    if not found.sources:
        console.write(phrase("no memories or transcripts of other programs were found"))


def write_passed_over(console: Console, found: FoundSources) -> None:
    """Report which files were not imported, and why; only the number of empty and unknown ones."""
    for text in passed_over(found):
        console.note(text)


def write_imported(
    console: Console,
    outcomes: Sequence[tuple[Source, Imported]],
    import_id: UUID | None,
    *,
    as_json: bool,
) -> None:
    """Report for each source how much is new, was known, or was left out and why.

    Without `import_id` nothing was imported, only counted.
    """
    added = sum(done.added for _, done in outcomes)
    if as_json:
        console.write_json(
            {
                "import_id": str(import_id) if import_id and added else None,
                "added": added,
                "sources": [
                    _to_json(one) | {"added": done.added, "there": done.there}
                    for one, done in outcomes
                ],
            }
        )
        return
    for one, done in outcomes:
        line = outcome(one.counts, done.added, done.there, counted_only=import_id is None)
        console.write((one.name, Style.NAME), ": ", line)
        if text := left_out(one.counts):
            console.write("  ", text)
        for problem, is_bad in import_problems(one.counts):
            console.note("  ", (problem, Style.BAD) if is_bad else problem)
    if import_id and added:
        undo = phrase("to undo: `sage import --undo {import_id}`", import_id=short_id(import_id))
        console.write(as_called(undo))


def write_undone(console: Console, past: PastImport, undone: int, *, as_json: bool) -> None:
    """Report how much was deleted by undoing an import."""
    if as_json:
        console.write_json({"import_id": str(past.import_id), "undone": undone})
    else:
        what = counted(undone, "memory", "memories")
        console.write(
            phrase(
                "undone: deleted {memories} of import {import_id}",
                memories=what,
                import_id=short_id(past.import_id),
            )
        )


def _to_json(one: Source) -> dict[str, object]:
    return {"source": one.name, "files": len(one.files)} | asdict(one.counts)
