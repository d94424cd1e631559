"""The folder in which a client worked, from files beside its transcripts."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LINES_LOOKED_AT = 50
_MAX_LINE_BYTES = 4_000_000


def folders_of_claude(transcripts: Path) -> Iterator[str]:
    """Yield the folder in which each session began whose Claude Code transcript is here."""
    for path in sorted(transcripts.glob("*.jsonl")):
        try:
            with path.open("rb") as file:
                lines = iter(lambda: file.readline(_MAX_LINE_BYTES), b"")
                found = filter(None, map(_cwd_of, islice(lines, _LINES_LOOKED_AT)))
                yield from islice(found, 1)
        except OSError:
            continue


def folder_of_gemini(project: Path, project_hash: str) -> str:
    """Return the folder whose chats Gemini CLI stores in `project`, or an empty string.

    It is written in there, or in the list of all; the hash is that of its path.
    """
    try:
        return (project / ".project_root").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        pass
    try:
        listed = json.loads((project.parents[1] / "projects.json").read_bytes())["projects"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    for folder, name in listed.items() if isinstance(listed, dict) else ():
        encoded = folder.encode(errors="surrogatepass")
        if name == project.name or hashlib.sha256(encoded).hexdigest() == project_hash:
            return str(folder)
    return ""


def workspaces_of_cursor(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the database of each workspace of Cursor below a folder, and the workspace's folder."""
    for path in sorted(
        [*folder.glob("workspaceStorage/*/workspace.json"), *folder.glob("*/workspace.json")]
    ):
        try:
            address = urlsplit(json.loads(path.read_bytes())["folder"])
        except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
            continue
        if address.scheme == "file":
            yield path.with_name("state.vscdb"), unquote(address.path)


def _cwd_of(line: bytes) -> str:
    try:
        cwd = json.loads(line)["cwd"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""
    return cwd if isinstance(cwd, str) else ""
