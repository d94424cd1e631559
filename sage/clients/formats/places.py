"""Where other programs keep conversations and memories on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.formats.transcripts import PLACES
from sage.clients.homes import client_paths, path_named_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIGURATION = (".config", "Library/Application Support", "AppData/Roaming")
_DATA = (".local/share", "Library/Application Support", "AppData/Local")


@dataclass(frozen=True, slots=True)
class _ClientFolders:
    """Folders below the home directory, which files there, and a variable that names another."""

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
    """Return the transcripts of AI clients in the usual places; some hold no speech."""
    return [path for place in _TRANSCRIPTS for path in place.paths(home)]


def memories_here(home: Path) -> list[Path]:
    """Return the files in the usual places in which other programs keep memories."""
    return [path for place in _MEMORIES for path in place.paths(home)]
