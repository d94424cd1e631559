"""All formats: the order in which they are tried, and their default locations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.formats.chatgpt import CHATGPT
from sage.clients.formats.cherry_studio import CHERRY_STUDIO
from sage.clients.formats.claude_export import CLAUDE
from sage.clients.formats.claude_mem import CLAUDE_MEM
from sage.clients.formats.csv_notes import CSV_NOTES
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
from sage.clients.formats.transcripts import PLACES, TRANSCRIPTS
from sage.clients.homes import client_paths, path_named_by
from sage.clients.reading.unsupported import known_refusals, own_export

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.clients.reading.format import ImportFormat
    from sage.clients.reading.sample import SourceSample
    from sage.errors import InvalidInputError

OF_ANYONE = (CSV_NOTES, NOTES)
"""Formats of no specific program: any table, any text."""

_FORMATS = (
    *TRANSCRIPTS,
    *(DEEPSEEK, CHATGPT, CLAUDE, MCP_MEMORY, SAGE_ORIGINAL, CHERRY_STUDIO),
    *(MCP_MEMORY_SERVICE, MEM0, MEMPALACE, CLAUDE_MEM, OPEN_WEBUI, LIBRECHAT),
    *(GEMINI_TAKEOUT, CURSOR, BASIC_MEMORY, AUTO_MEMORY, MEMORY_TOOL, MEMORY_LIST),
    *OF_ANYONE,
)

_CONFIGURATION = (".config", "Library/Application Support", "AppData/Roaming")
_DATA = (".local/share", "Library/Application Support", "AppData/Local")


def format_of(sample: SourceSample) -> tuple[ImportFormat | None, list[InvalidInputError]]:
    """Return the format of a file, or the known reasons why it cannot be read.

    Raises OSError, InvalidInputError.
    """
    if refusal := own_export(sample):
        return None, [refusal]
    format_ = next((one for one in _FORMATS if one.recognizes(sample)), None)
    return format_, [] if format_ else [*known_refusals(sample)]


@dataclass(frozen=True, slots=True)
class _ClientFolders:
    """Folders below the home directory, their files, and a variable that moves them."""

    folders: tuple[str, ...]
    pattern: str
    variable: str = ""

    def paths(self, home: Path) -> Iterator[Path]:
        for name in self.folders:
            for folder in client_paths(home, name):
                yield from sorted(folder.glob(self.pattern))
        named = path_named_by(self.variable)
        if named is not None:
            yield named


_TRANSCRIPTS = tuple(_ClientFolders((folder,), pattern) for folder, pattern in PLACES.values())
_MEMORIES = (
    _ClientFolders((".claude/projects",), "*/memory/*.md"),
    _ClientFolders(
        tuple(f"{one}/Cursor/User/globalStorage" for one in _CONFIGURATION), "state.vscdb"
    ),
    _ClientFolders(
        (".npm/_npx",),
        "*/node_modules/@modelcontextprotocol/server-memory/dist/memory.json*",
        "MEMORY_FILE_PATH",
    ),
    _ClientFolders(
        tuple(f"{one}/mcp-memory" for one in _DATA), "sqlite_vec.db", "MCP_MEMORY_SQLITE_PATH"
    ),
    _ClientFolders((".mem0",), "history.db"),
    _ClientFolders((".mempalace/palace",), "chroma.sqlite3"),
    _ClientFolders((".claude-mem",), "claude-mem.db"),
    _ClientFolders(("basic-memory",), "**/*.md"),
)


def transcripts_here(home: Path) -> list[Path]:
    """Return the transcripts of AI clients in the usual places; some may contain no messages."""
    return [path for place in _TRANSCRIPTS for path in place.paths(home)]


def memories_here(home: Path) -> list[Path]:
    """Return other programs' files of memories in the usual places."""
    return [path for place in _MEMORIES for path in place.paths(home)]
