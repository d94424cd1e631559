"""Consent to import notes: which of those in a folder are imported only after asking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.formats.markdown import NOTES
from sage.domain.text.wording import counted
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.clients.importing.selection import Selection
    from sage.clients.importing.source import Source
    from sage.clients.reading.files import File


@dataclass(frozen=True, slots=True)
class Prompter:
    """The user who imports: `note` writes a line, `agrees` asks; False if nobody can answer."""

    note: Callable[[str], None]
    agrees: Callable[[str], bool]


def ask_for_notes(
    found: Sequence[Source], selection: Selection, prompter: Prompter, *, dry_run: bool
) -> list[Source]:
    """Return the sources to import; a dry run counts all.

    Notes of a given directory are imported without asking if it contains nothing else and they are
    side by side. Raises InvalidInputError if nothing is left.
    """
    notes = next((one for one in found if one.format is NOTES), None)
    if notes is None or NOTES.source in selection.include:
        return [*found]
    unasked = _unasked(notes, [one for one in found if one is not notes])
    folders = {file.path.parent for file in unasked}
    if not unasked:
        return [*found]
    files = counted(len(unasked), "file of notes", "files of notes")
    directories = counted(len(folders), "directory", "directories")
    what = phrase("{files} in {directories}", files=files, directories=directories)
    if dry_run:
        prompter.note(
            phrase("{notes} would need --include {source}", notes=what, source=NOTES.source)
        )
        return [*found]
    if prompter.agrees(phrase("Also import {notes} (Markdown and text)", notes=what)):
        return [*found]
    named = {file.folder for file in unasked}
    notes.files = [file for file in notes.files if file.folder not in named]
    left = [one for one in found if one.files]
    if not left:
        raise InvalidInputError(
            "PATH",
            phrase("{field} contains {notes}, which are only imported on request", notes=what),
            hint=phrase(
                "add --include {source}, or pass one directory of notes", source=NOTES.source
            ),
        )
    prompter.note(
        phrase("skipped: {notes}; --include {source} imports them", notes=what, source=NOTES.source)
    )
    return left


def _unasked(notes: Source, others: Sequence[Source]) -> list[File]:
    mixed = {file.folder for one in others for file in one.files}
    places = {(file.folder, file.path.parent) for file in notes.files}
    scattered = {folder for folder, count in Counter(one for one, _ in places).items() if count > 1}
    return [file for file in notes.files if file.folder and file.folder in mixed | scattered]
