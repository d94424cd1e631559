"""Transcripts of AI clients: their messages get the ids and the text that hooks give them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sage.hooks.project import project_of
from sage.importing.entries import UNREADABLE, Entry, each
from sage.importing.json_stream import read_lines
from sage.importing.source import Format
from sage.transcripts.claude_code import SYNTHETIC
from sage.transcripts.reading import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sage.importing.files import File
    from sage.importing.sample import Sample

_LINES_LOOKED_AT = 20

PLACES = {
    "claude-code": (".claude/projects", "*/*.jsonl"),
    "codex": (".codex", "sessions/*/*/*/rollout-*.jsonl"),
    "gemini-cli": (".gemini/tmp", "*/chats/session-*.jsonl"),
    "qwen-code": (".qwen/projects", "*/chats/*.jsonl"),
    "copilot": (".copilot/session-state", "*/events.jsonl"),
}
"""Where clients keep their transcripts, below the home directory."""

_REASONS = {
    "isSidechain": "sidechains",
    "isMeta": "client's own",
    "isCompactSummary": "summaries",
    "isApiErrorMessage": "errors",
}


@dataclass(frozen=True, slots=True)
class _Heading:
    """What the first lines of a transcript say of all: the client, the session, the folder."""

    source: str
    session: str = ""
    cwd: str = ""


def _heading_of(file: File) -> _Heading | None:
    with file.open() as stream:
        for _, line in zip(range(_LINES_LOOKED_AT), read_lines(stream), strict=False):
            heading = _recognized(line) if isinstance(line, dict) else None
            if heading is not None:
                return heading
    return None


def _recognized(line: Mapping[str, Any]) -> _Heading | None:
    match line:
        case {"type": "session_meta", "payload": {**payload}}:
            return _Heading("codex", str(payload.get("id", "")), str(payload.get("cwd", "")))
        case {"sessionId": str(session), "projectHash": _}:
            return _Heading("gemini-cli", session)
        case {"type": "session.start", "data": {"sessionId": str(session)}}:
            return _Heading("copilot", session)
        case {"uuid": _, "sessionId": _, "message": {"parts": _}}:
            return _Heading("qwen-code")
        case {"uuid": _, "sessionId": _, "message": {"content": _}}:
            return _Heading("claude-code")
    return None


def _read(source: str, file: File) -> Iterator[Entry]:
    heading = _heading_of(file) or _Heading(source)
    default = heading.session or Path(file.member or file.path.name).stem
    with file.open() as stream:
        yield from each(read_lines(stream), lambda line: _entries(source, line, heading, default))


def _entries(source: str, line: dict[str, Any], heading: _Heading, default: str) -> Iterator[Entry]:
    """Yield the message of a line, if it is one; other lines hold no speech and are not counted."""
    left_out = next((reason for key, reason in _REASONS.items() if line.get(key)), "")
    if left_out:
        line = {**line, **dict.fromkeys(_REASONS)}
    turn = FORMATS[source].read_line(line)
    if turn is not None:
        yield Entry(
            turn.key,
            turn.session or default,
            turn.role,
            turn.text,
            turn.said_at,
            metadata=_project(turn.cwd or heading.cwd),
            left_out=left_out,
        )
    elif line.get("type") in {"user", "assistant"}:
        yield Entry(left_out=left_out or _reason(line.get("message")))


def _reason(message: object) -> str:
    """Return why a line of a user or an assistant says nothing."""
    if not isinstance(message, dict):
        return UNREADABLE
    return "errors" if message.get("model") == SYNTHETIC else "tools"


@functools.lru_cache(maxsize=1_024)
def _project(cwd: str) -> Mapping[str, object]:
    project = project_of(cwd)
    return {"project": project, "project_name": Path(project).name} if project else {}


def _format(source: str) -> Format:
    def recognizes(sample: Sample) -> bool:
        if sample.head.lstrip()[:1] != b"{" or sample.file.suffix not in {".jsonl", ".json"}:
            return False
        heading = _heading_of(sample.file)
        return heading is not None and heading.source == source

    return Format(source, recognizes, functools.partial(_read, source))


TRANSCRIPTS = tuple(map(_format, PLACES))
