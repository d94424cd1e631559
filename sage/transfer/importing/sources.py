"""What can be imported, found in files and folders by what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.clients.formats.chatgpt import CHATGPT
from sage.clients.formats.cherry_studio import CHERRY_STUDIO
from sage.clients.formats.claude_export import CLAUDE
from sage.clients.formats.claude_mem import CLAUDE_MEM
from sage.clients.formats.csv_notes import CSV_NOTES, require_dates
from sage.clients.formats.cursor import CURSOR
from sage.clients.formats.deepseek import DEEPSEEK
from sage.clients.formats.gemini_takeout import GEMINI_TAKEOUT
from sage.clients.formats.librechat import LIBRECHAT
from sage.clients.formats.markdown import (
    AUTO_MEMORY,
    BASIC_MEMORY,
    MEMORY_LIST,
    MEMORY_TOOL,
    NOTES,
)
from sage.clients.formats.mcp_memory import MCP_MEMORY
from sage.clients.formats.mcp_memory_service import MCP_MEMORY_SERVICE
from sage.clients.formats.mem0 import MEM0
from sage.clients.formats.mempalace import MEMPALACE
from sage.clients.formats.open_webui import OPEN_WEBUI
from sage.clients.formats.sage_original import SAGE_ORIGINAL
from sage.clients.formats.transcripts import TRANSCRIPTS
from sage.clients.reading.documentation import is_documentation
from sage.clients.reading.files import files_at, unreadable
from sage.clients.reading.sample import Sample
from sage.clients.reading.unsupported import known_refusals, own_export
from sage.errors import InvalidInputError
from sage.transfer.importing.source import EVERYTHING, Selection, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sage.clients.reading.files import File
    from sage.clients.reading.format import Format

_FORMATS = (
    *TRANSCRIPTS,
    *(DEEPSEEK, CHATGPT, CLAUDE, MCP_MEMORY, SAGE_ORIGINAL, CHERRY_STUDIO),
    *(MCP_MEMORY_SERVICE, MEM0, MEMPALACE, CLAUDE_MEM, OPEN_WEBUI, LIBRECHAT),
    *(GEMINI_TAKEOUT, CURSOR, BASIC_MEMORY, AUTO_MEMORY, MEMORY_TOOL, MEMORY_LIST),
)
_OF_ANYONE = (CSV_NOTES, NOTES)
_ALL = (*_FORMATS, *_OF_ANYONE)


@dataclass(frozen=True, slots=True)
class Found:
    """What can be imported, what is known to be something else or broken, and the other files.

    `documentation` are Markdown and text of programs, which are nobody's notes.
    """

    sources: list[Source]
    refused: list[InvalidInputError]
    unknown: list[File]
    documentation: list[File] = field(default_factory=list)


def sources_at(paths: Iterable[Path], selection: Selection = EVERYTHING) -> Found:
    """Find what can be imported in files and folders. Raises OSError, InvalidInputError."""
    return sources_among(files_at(paths), selection)


def require_date_format(sources: Iterable[Source], date_format: str) -> None:
    """Raise InvalidInputError unless there are tables, and a format fits all dates in them."""
    files = [file for one in sources if one.format.takes_date_format for file in one.files]
    if not files:
        raise InvalidInputError("--date-format", "is for CSV files, and none is there")
    for file in files:
        require_dates(file, date_format)


def sources_among(
    files: Iterable[File | InvalidInputError], selection: Selection = EVERYTHING
) -> Found:
    """Sort files by the programs that wrote them.

    Raises OSError, InvalidInputError for one that was named by itself.
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
        sample = Sample(file)
        try:
            format_, refusals = _format_of(sample)
        except (OSError, InvalidInputError) as error:
            if file.folder is None:
                raise
            refused.append(unreadable(file.path, error) if isinstance(error, OSError) else error)
            continue
        if format_ is None:
            refused += refusals
            unknown += [] if refusals else [file]
            continue
        if file.member and format_ not in _OF_ANYONE:
            exports.add(file.path)
        found.setdefault(format_.source, Source(format_, [], selection)).files.append(file)
    for one in found.values():
        if one.format in _OF_ANYONE:
            # Beside an export in its zip lie files that were sent along in chats.
            one.files = [file for file in one.files if not (file.member and file.path in exports)]
    documentation = _taken_out_of(found.get(NOTES.source))
    return Found([one for one in found.values() if one.files], refused, unknown, documentation)


def _taken_out_of(notes: Source | None) -> list[File]:
    """Remove what is documentation of programs from notes, and return it."""
    files = notes.files if notes else []
    documentation = [file for file in files if is_documentation(file)]
    files[:] = [file for file in files if not is_documentation(file)]
    return documentation


def _format_of(sample: Sample) -> tuple[Format | None, list[InvalidInputError]]:
    """Return the format of a file, or why it is known that it cannot be imported."""
    if refusal := own_export(sample):
        return None, [refusal]
    format_ = next((one for one in _ALL if one.recognizes(sample)), None)
    return format_, [] if format_ else [*known_refusals(sample)]
