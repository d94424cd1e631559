"""Read memories from the transcripts of AI clients, with the ids that their hooks give them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sage.domain.memories import DEFAULT_SPACE
from sage.domain.transfer import LineReader
from sage.errors import InvalidInputError
from sage.hooks.project import project_of
from sage.transcripts.reading import FORMATS, clean
from sage.transcripts.turns import Turn, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sage.domain.transfer import TransferredMemory

_LINES_LOOKED_AT = 20
_MAX_LINE_BYTES = 16_000_000

PLACES = {
    "claude-code": (".claude/projects", "*/*.jsonl"),
    "codex": (".codex", "sessions/*/*/*/rollout-*.jsonl"),
    "gemini-cli": (".gemini/tmp", "*/chats/session-*.jsonl"),
    "qwen-code": (".qwen/projects", "*/chats/*.jsonl"),
    "copilot": (".copilot/session-state", "*/events.jsonl"),
}
"""Where clients keep their transcripts, below the home directory."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first lines of a transcript say of all: the client, the session, the folder."""

    source: str
    session: str = ""
    cwd: str = ""


@dataclass(slots=True)
class Transcripts:
    """The transcripts of one client. What was read of them is counted while it is."""

    source: str
    paths: list[Path]
    since: datetime | None = None
    space_id: str = DEFAULT_SPACE
    read: int = 0
    copies: int = 0
    skipped: int = 0
    repaired: int = 0
    undated: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def size_bytes(self) -> int:
        """Return the length of all files."""
        return sum(path.stat().st_size for path in self.paths)

    def memories(self) -> Iterator[TransferredMemory]:
        """Read them all, each message once; lines that cannot be read are passed over.

        Raises OSError.
        """
        reader = LineReader(space_id=self.space_id)
        for path in self.paths:
            for turn in self._turns(path):
                for record in records_of(self.source, turn, _project(turn.cwd)):
                    try:
                        yield reader.parse_value(str(path), record)
                    except InvalidInputError:
                        self.skipped += 1

    def _turns(self, path: Path) -> Iterator[Turn]:
        heading = read_heading(path)
        if heading is None:
            return
        with path.open("rb") as file:
            while raw := file.readline(_MAX_LINE_BYTES):
                turn = self._turn(raw)
                if turn is None:
                    continue
                if turn.key in self._seen:
                    self.copies += 1
                    continue
                self._seen.add(turn.key)
                self.read += 1
                self.undated += not turn.said_at
                yield Turn(
                    turn.key,
                    turn.session or heading.session or path.stem,
                    turn.role,
                    turn.text,
                    turn.said_at,
                    turn.cwd or heading.cwd,
                )

    def _turn(self, raw: bytes) -> Turn | None:
        form = FORMATS[self.source]
        if not any(mark in raw for mark in form.marks):
            return None
        line = _parsed(raw)
        said = None if line is None else form.read_line(line)
        turn = None if said is None else clean(said)
        if turn is None or said is None or not turn.text:
            self.skipped += 1
            return None
        self.repaired += "\ufffd" in turn.text and "\ufffd" not in said.text
        return None if self._is_too_old(turn) else turn

    def _is_too_old(self, turn: Turn) -> bool:
        if self.since is None or not turn.said_at:
            return False
        try:
            said_at = datetime.fromisoformat(turn.said_at)
        except ValueError:
            return False
        return (said_at if said_at.tzinfo else said_at.replace(tzinfo=UTC)) < self.since


def transcripts_of(home: Path) -> list[Transcripts]:
    """Find the transcripts in the places where clients keep them. Raises OSError."""
    return [
        Transcripts(source, paths)
        for source, (folder, pattern) in PLACES.items()
        if (paths := sorted((home / folder).glob(pattern)))
    ]


def read_heading(path: Path) -> Heading | None:
    """Recognize a transcript by its first lines; None for any other file. Raises OSError."""
    with path.open("rb") as file:
        for _ in range(_LINES_LOOKED_AT):
            line = _parsed(file.readline(_MAX_LINE_BYTES))
            heading = None if line is None else _recognized(line)
            if heading is not None:
                return heading
    return None


def _recognized(line: Mapping[str, Any]) -> Heading | None:
    match line:
        case {"type": "session_meta", "payload": {**payload}}:
            return Heading("codex", str(payload.get("id", "")), str(payload.get("cwd", "")))
        case {"sessionId": str(session), "projectHash": _}:
            return Heading("gemini-cli", session)
        case {"type": "session.start", "data": {"sessionId": str(session)}}:
            return Heading("copilot", session)
        case {"uuid": _, "sessionId": _, "message": {"parts": _}}:
            return Heading("qwen-code")
        case {"uuid": _, "sessionId": _, "message": {"content": _}}:
            return Heading("claude-code")
    return None


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _project(cwd: str) -> dict[str, object]:
    project = project_of(cwd)
    return {"project": project, "project_name": Path(project).name} if project else {}
