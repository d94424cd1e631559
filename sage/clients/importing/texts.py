"""Messages about sources: found, skipped, and read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.reading.tables import AMBIGUOUS
from sage.domain.text.wording import counted, one_line
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.clients.importing.source import Source
    from sage.clients.importing.sources import FoundSources
    from sage.clients.reading.files import File
    from sage.clients.reading.format import ReadCounts

_MAX_NAMED = 5


def source_path(one: Source) -> Path:
    """Return the file of a source, or the folder of its files."""
    return Path(os.path.commonpath([file.path for file in one.files]))


def found_text(one: Source) -> str:
    """Return how much was read of a source, and where it is."""
    return phrase(
        "{messages} in {files}: {place}",
        messages=counted(one.counts.read, "message", "messages"),
        files=counted(len(one.files), "file", "files"),
        place=source_path(one),
    )


def passed_over(found: FoundSources) -> Iterator[str]:
    """Yield which files are not imported, and why; only the number of empty and unknown ones."""
    for refusal in found.refused:
        yield phrase("skipped: {message}", message=one_line(refusal.message))
    if found.documentation:
        files = counted(len(found.documentation), "text", "texts")
        yield phrase("skipped: {files} in packages and Git checkouts", files=files)
    if found.empty:
        empty = counted(len(found.empty), "empty file", "empty files")
        yield phrase("skipped: {files}", files=_named(found.empty, empty))
    if found.unknown:
        unknown = counted(len(found.unknown), "file of unknown type", "files of unknown type")
        yield phrase("skipped: {files}", files=_named(found.unknown, unknown))


def _named(files: Sequence[File], count: str) -> str:
    """Return the number of files, and the names of the first."""
    names = [one_line(file.relative_name) for file in files[:_MAX_NAMED]]
    if more := len(files) - len(names):
        names.append(phrase("{count:,} more", count=more))
    return phrase("{files}: {names}", files=count, names=names)


def outcome(counts: ReadCounts, added: int, there: int, *, counted_only: bool) -> str:
    """Return the outcome of a source; with `counted_only`, what would be new."""
    messages = counted(counts.read, "message", "messages")
    new = phrase("{count:,} new" if counted_only else "{count:,} imported", count=added)
    parts = (
        (there, phrase("{count:,} already stored", count=there)),
        (counts.copies, counted(counts.copies, "copy", "copies")),
        (counts.repaired, phrase("{count:,} repaired", count=counts.repaired)),
        (counts.split, phrase("{count:,} split", count=counts.split)),
        (counts.undated, phrase("{count:,} undated", count=counts.undated)),
    )
    return joined(", ", (messages, new, *(text for number, text in parts if number)))


def left_out(counts: ReadCounts) -> str:
    """Return what was left out and why, empty if nothing was."""
    reasons = ", ".join(f"{what} {number:,}" for what, number in counts.skipped.items())
    return phrase("skipped: {reasons}", reasons=reasons) if reasons else ""


def import_problems(counts: ReadCounts) -> Iterator[tuple[str, bool]]:
    """Yield the problems to report, each with whether it is serious."""
    if AMBIGUOUS in counts.skipped:
        text = phrase("a date such as 04/03/2026 is ambiguous: pass --date-format %d/%m/%Y")
        yield text, False
    for problem in counts.problems:
        yield one_line(problem), True
