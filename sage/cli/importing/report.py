"""Report what sources hold, and what became of it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.views.program_name import as_called
from sage.clients.reading.date_format import AMBIGUOUS
from sage.domain.short_ids import short_id
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase
from sage.transfer.importing.sources import sources_here

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.clients.reading.files import File
    from sage.transfer.importing.keeping import Imported
    from sage.transfer.importing.source import Source
    from sage.transfer.importing.sources import Found
    from sage.transfer.importing.undo import PastImport

_MAX_NAMED = 5


def write_found(console: Console, *, as_json: bool) -> None:
    """List what can be imported on this machine, with numbers of messages."""
    found = sources_here(Path.home())
    for one in found.sources:
        sum(1 for _ in one.memories())
    refused = [error.message for error in found.refused]
    if as_json:
        sources = [_to_json(one) | {"at": str(_place_of(one))} for one in found.sources]
        console.write_json({"sources": sources, "refused": refused})
        return
    width = max((len(one.name) for one in found.sources), default=0) + 2
    for one in found.sources:
        files = counted(len(one.files), "file", "files")
        messages = counted(one.counts.read, "message", "messages")
        console.write(
            (f"{one.name:<{width}}", Style.NAME),
            phrase(
                "{messages} in {files}: {place}",
                messages=messages,
                files=files,
                place=_place_of(one),
            ),
        )
    for problem in (*refused, *(one for source in found.sources for one in source.counts.problems)):
        console.note((one_line(problem), Style.BAD))
    if not found.sources:
        console.write("nothing is found where other programs keep memories and transcripts")


def _place_of(one: Source) -> Path:
    """Return the file of a source, or the folder of its files."""
    return Path(os.path.commonpath([file.path for file in one.files]))


def write_passed_over(console: Console, found: Found) -> None:
    """Report which files were not imported, and why; of empty and unknown ones how many."""
    for refusal in found.refused:
        console.note(phrase("passed over: {message}", message=one_line(refusal.message)))
    if found.documentation:
        files = counted(len(found.documentation), "text", "texts")
        console.note(phrase("passed over: {files} of packages and checkouts of Git", files=files))
    if found.empty:
        empty = _named(found.empty, "empty file", "empty files")
        console.note(phrase("passed over: {files}", files=empty))
    if found.unknown:
        unknown = _named(found.unknown, "file of unknown kind", "files of unknown kind")
        console.note(phrase("passed over: {files}", files=unknown))


def _named(files: Sequence[File], one: str, several: str) -> str:
    """Return how many files there are, and the names of the first."""
    names = [one_line(file.relative_name) for file in files[:_MAX_NAMED]]
    if more := len(files) - len(names):
        names.append(phrase("{count:,} more", count=more))
    return phrase("{files}: {names}", files=counted(len(files), one, several), names=names)


def write_imported(
    console: Console,
    outcomes: Sequence[tuple[Source, Imported]],
    import_id: UUID | None,
    *,
    as_json: bool,
) -> None:
    """Report for each source what is new, what was there, and what was left out and why.

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
        counts = one.counts
        messages = counted(counts.read, "message", "messages")
        what = "imported" if import_id else "new"
        copies = "copy" if counts.copies == 1 else "copies"
        parts = {
            "already there": done.there,
            copies: counts.copies,
            "repaired": counts.repaired,
            "split": counts.split,
            "undated": counts.undated,
        }
        listed = "".join(f", {number:,} {which}" for which, number in parts.items() if number)
        console.write((one.name, Style.NAME), f": {messages}, {done.added:,} {what}{listed}")
        if counts.skipped:
            reasons = ", ".join(f"{what} {number:,}" for what, number in counts.skipped.items())
            console.write("  ", phrase("left out: {reasons}", reasons=reasons))
        if AMBIGUOUS in counts.skipped:
            console.note("  a date such as 04/03/2026 is two days: pass --date-format %d/%m/%Y")
        for problem in counts.problems:
            console.note((f"  {one_line(problem)}", Style.BAD))
    if import_id and added:
        console.write(as_called(f"`sage import --undo {short_id(import_id)}` takes this back"))


def write_undone(console: Console, past: PastImport, undone: int, *, as_json: bool) -> None:
    """Report how much was deleted with an import."""
    if as_json:
        console.write_json({"import_id": str(past.import_id), "undone": undone})
    else:
        what = counted(undone, "memory", "memories")
        console.write(
            phrase(
                "undone: {memories} of the import {import_id}",
                memories=what,
                import_id=short_id(past.import_id),
            )
        )


def _to_json(one: Source) -> dict[str, object]:
    return {"source": one.name, "files": len(one.files)} | asdict(one.counts)
