"""Find sources to import in files and folders, by their content."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from sage.clients.formats.catalog import OF_ANYONE, format_of, memories_here, transcripts_here
from sage.clients.formats.csv_notes import require_dates
from sage.clients.formats.markdown import NOTES
from sage.clients.importing.selection import EVERYTHING, Selection
from sage.clients.importing.source import Source
from sage.clients.reading.files import files_among, files_at, unreadable
from sage.clients.reading.sample import SourceSample
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sage.clients.reading.files import File

_OF_PACKAGES = frozenset({"venv", "site-packages", "dist-packages", "vendor", ".tox", ".cache"})


@dataclass(frozen=True, slots=True)
class FoundSources:
    """The sources to import, files known to be unsupported or invalid, and the other files.

    `documentation` are Markdown and text of programs, which are no notes; `empty` ones may become
    transcripts.
    """

    sources: list[Source]
    refused: list[InvalidInputError]
    unknown: list[File]
    documentation: list[File] = field(default_factory=list)
    empty: list[File] = field(default_factory=list)


def sources_at(paths: Iterable[Path], selection: Selection = EVERYTHING) -> FoundSources:
    """Find sources in files and folders. Raises OSError, InvalidInputError."""
    return sources_among(files_at(paths), selection)


def sources_here(home: Path, selection: Selection = EVERYTHING) -> FoundSources:
    """Find sources in the usual places, or those to which a variable has moved them.

    A file of another kind is refused, unless it is among transcripts: some of these contain no
    messages.
    """
    transcripts = transcripts_here(home)
    files = (
        file
        for path in (*transcripts, *memories_here(home))
        for file in files_among([path], folder=path.parent)
    )
    found = sources_among(files, selection)
    strange = [
        InvalidInputError(str(file.path), "{field} is not recognized", hint="check its content")
        for file in found.unknown
        if file.path not in transcripts
    ]
    return FoundSources(found.sources, found.refused + strange, [])


def require_date_format(sources: Iterable[Source], date_format: str) -> None:
    """Raise InvalidInputError unless there are tables, and the format fits all their dates."""
    files = [file for one in sources if one.format.takes_date_format for file in one.files]
    if not files:
        raise InvalidInputError(
            "--date-format", "{field} only applies to CSV files, and there are none"
        )
    for file in files:
        require_dates(file, date_format)


def sources_among(
    files: Iterable[File | InvalidInputError], selection: Selection = EVERYTHING
) -> FoundSources:
    """Sort files by the programs that wrote them.

    Raises OSError, InvalidInputError for one that was given by itself.
    """
    found: dict[str, Source] = {}
    refused: list[InvalidInputError] = []
    unknown: list[File] = []
    exports: set[Path] = set()
    for file in files:
        if isinstance(file, InvalidInputError):
            refused.append(file)
            continue
        if not file.may_hold_memories:
            unknown.append(file)
            continue
        sample = SourceSample(file)
        try:
            format_, refusals = format_of(sample)
        except (OSError, InvalidInputError) as error:
            if file.folder is None:
                raise
            refused.append(unreadable(file.path, error) if isinstance(error, OSError) else error)
            continue
        if format_ is None:
            refused += refusals
            unknown += [] if refusals else [file]
            continue
        if file.member and format_ not in OF_ANYONE:
            exports.add(file.path)
        found.setdefault(format_.source, Source(format_, [], selection)).files.append(file)
    for one in found.values():
        if one.format in OF_ANYONE:
            # Beside an export in its zip lie files that were sent along in chats.
            one.files = [file for file in one.files if not (file.member and file.path in exports)]
    documentation = _taken_out_of(found.get(NOTES.source))
    sources = [one for one in found.values() if one.files]
    empty = [one for one in unknown if one.may_hold_memories and not SourceSample(one).head.strip()]
    unknown = [one for one in unknown if one not in empty]
    return FoundSources(sources, refused, unknown, documentation, empty)


def _taken_out_of(notes: Source | None) -> list[File]:
    """Remove documentation of programs from notes, and return it."""
    files = notes.files if notes else []
    documentation = [file for file in files if is_documentation(file)]
    files[:] = [file for file in files if not is_documentation(file)]
    return documentation


def is_documentation(file: File) -> bool:
    """Return whether a text found in a folder belongs to a Git checkout or a package.

    The given folder itself never counts as one: its owner wants it.
    """
    if file.folder is None:
        return False
    inner = file.path.relative_to(file.folder).parent
    if not _OF_PACKAGES.isdisjoint(inner.parts):
        return True
    return any(_is_checkout(file.folder / one) for one in (inner, *inner.parents[:-1]) if one.parts)


@lru_cache(maxsize=4_096)
def _is_checkout(folder: Path) -> bool:
    return (folder / ".git").exists()
