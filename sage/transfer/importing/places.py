"""Where other programs keep memories on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.formats.transcripts import PLACES as TRANSCRIPTS
from sage.clients.homes import client_paths
from sage.clients.reading.files import files_among
from sage.config.child_environment import variables_set
from sage.errors import InvalidInputError
from sage.transfer.importing.sources import Found, sources_among

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIGURATION = (".config", "Library/Application Support", "AppData/Roaming")
_DATA = (".local/share", "Library/Application Support", "AppData/Local")


@dataclass(frozen=True, slots=True)
class _Place:
    """Folders below the home directory, which files there, and a variable that names another."""

    folders: tuple[str, ...]
    pattern: str
    variable: str = ""

    def paths(self, home: Path) -> Iterator[Path]:
        for name in self.folders:
            for folder in client_paths(home, name):
                yield from sorted(folder.glob(self.pattern))
        yield from map(Path, variables_set(self.variable).values())


_TRANSCRIPTS = tuple(_Place((folder,), pattern) for folder, pattern in TRANSCRIPTS.values())
_MEMORIES = (
    _Place((".claude/projects",), "*/memory/*.md"),
    _Place(tuple(f"{one}/Cursor/User/globalStorage" for one in _CONFIGURATION), "state.vscdb"),
    _Place(
        (".npm/_npx",),
        "*/node_modules/@modelcontextprotocol/server-memory/dist/memory.json*",
        "MEMORY_FILE_PATH",
    ),
    _Place(tuple(f"{one}/mcp-memory" for one in _DATA), "sqlite_vec.db", "MCP_MEMORY_SQLITE_PATH"),
    _Place((".mem0",), "history.db"),
    _Place((".mempalace/palace",), "chroma.sqlite3"),
    _Place((".claude-mem",), "claude-mem.db"),
    _Place(("basic-memory",), "**/*.md"),
)


def sources_here(home: Path) -> Found:
    """Find what can be imported in the usual places, also where a variable names another.

    A file of another kind is refused, unless it lies among transcripts: not all of these hold any
    speech.
    """
    transcripts = [path for place in _TRANSCRIPTS for path in place.paths(home)]
    memories = [path for place in _MEMORIES for path in place.paths(home)]
    found = sources_among(
        file
        for path in (*transcripts, *memories)
        for file in files_among([path], folder=path.parent)
    )
    strange = [
        InvalidInputError(str(file.path), "is not recognized", hint="look at what it holds")
        for file in found.unknown
        if file.path not in transcripts
    ]
    return Found(found.sources, found.refused + strange, [])
