"""Transcripts of AI clients, whose messages get the same ids and text as from hooks."""

from __future__ import annotations

import functools
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sage.clients.hooks.ignoring import LEFT_OUT, is_ignored
from sage.clients.reading.format import UNREADABLE, Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_lines
from sage.clients.reading.projects import project_metadata
from sage.clients.reading.sample import SourceSample
from sage.clients.transcripts.claude_code import SYNTHETIC
from sage.clients.transcripts.codex import said_and_taken_back
from sage.clients.transcripts.conversation import Conversation
from sage.clients.transcripts.headings import SIDECHAINS, Heading, heading_in
from sage.clients.transcripts.projects import folder_of_gemini
from sage.clients.transcripts.reading import FORMATS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sage.clients.reading.files import File
    from sage.clients.transcripts.turns import Turn

_LINES_LOOKED_AT = 20

PLACES = {
    "claude-code": (".claude/projects", "*/*.jsonl"),
    "codex": (".codex", "*sessions/**/rollout-*.json*"),
    "gemini-cli": (".gemini/tmp", "*/chats/session-*.json*"),
    "qwen-code": (".qwen/projects", "*/chats/*.jsonl"),
    "copilot": (".copilot/session-state", "*/events.jsonl"),
}
"""The locations of transcripts, below the home directory."""

_MARKS = {"type", "sessionId", "session", "uuid"}
"""The first object of a transcript has at least one of these keys."""

_REASONS = {
    "isSidechain": SIDECHAINS,
    "isMeta": "client's own",
    "isCompactSummary": "summaries",
    "isApiErrorMessage": "errors",
}

_SPEECH = {"type": "message"}


def _heading_of(file: File) -> Heading | None:
    with closing(transcript_lines(file)) as lines:
        for _, line in zip(range(_LINES_LOOKED_AT), lines, strict=False):
            heading = heading_in(line) if isinstance(line, dict) else None
            if heading is not None:
                return heading
    return None


def _read(source: str, file: File) -> Iterator[Entry]:
    heading = _heading_of(file) or Heading(source)
    if not heading.session:
        heading = replace(heading, session=Path(file.member or file.path.name).stem)
    if source == "gemini-cli" and not file.member:
        cwd = folder_of_gemini(file.path.absolute().parent.parent, heading.project)
        heading = replace(heading, cwd=cwd)
    conversation = Conversation()
    if not file.member:
        for turn in _taken_back_before(source, file):
            conversation.withdraw(turn)
    yield from read_each(
        transcript_lines(file), lambda line: _entries(source, line, heading, conversation)
    )


def _taken_back_before(source: str, file: File) -> Iterator[Turn]:
    if source == "codex":
        with closing(transcript_lines(file)) as lines:
            first = next(lines, None)
        if isinstance(first, dict):
            yield from said_and_taken_back(file.path, first)


def _entries(
    source: str, line: dict[str, Any], heading: Heading, conversation: Conversation
) -> Iterator[Entry]:
    """Yield the message of a line, if it is one; other lines contain none and are not counted."""
    left_out = next((reason for key, reason in _REASONS.items() if line.get(key)), "")
    left_out = left_out or heading.left_out
    if left_out:
        line = {**line, **dict.fromkeys(_REASONS)}
    form = FORMATS[source]
    turn = None if left_out else form.follow(conversation, line)
    turn = turn or form.read_line(line)
    if turn is not None:
        folder = turn.cwd or heading.cwd
        about = project_metadata(folder, heading.project)
        yield Entry(
            turn.key,
            turn.session or heading.session,
            turn.role,
            turn.text,
            turn.said_at or heading.began,
            metadata={"turn": turn.turn, **about} if turn.turn else about,
            left_out=left_out or (LEFT_OUT if is_ignored(folder) else ""),
            replaces=turn.replaces,
        )
    elif line.get("type") in {"user", "assistant"}:
        yield Entry(left_out=left_out or _reason(source, line.get("message")))


def _reason(source: str, message: object) -> str:
    """Return why a line of a user or an assistant has no text."""
    if source == "gemini-cli":
        return "tools"
    if not isinstance(message, dict):
        return UNREADABLE
    return "errors" if message.get("model") == SYNTHETIC else "tools"


def _format(source: str) -> ImportFormat:
    def recognizes(sample: SourceSample) -> bool:
        if sample.head.lstrip()[:1] != b"{" or sample.file.suffix not in {".jsonl", ".json"}:
            return False
        if sample.file.suffix == ".json" and _MARKS.isdisjoint(sample.first):
            return False  # no transcript, and perhaps long
        heading = _heading_of(sample.file)
        return heading is not None and heading.source == source

    read = functools.partial(_read, source)
    return ImportFormat(source, recognizes, read, in_projects=True, of_client=True)


TRANSCRIPTS = tuple(map(_format, PLACES))


def transcript_lines(file: File) -> Generator[object, None, None]:
    """Yield the lines of a transcript in the current format of clients. Raises OSError, ValueError.

    Gemini CLI and the first Codex wrote one object with all messages. The next Codex wrote what it
    sent to the model, without its own heading.
    """
    whole = SourceSample(file).first if file.suffix == ".json" else {}
    if "messages" in whole or "items" in whole:
        yield from _unpacked(whole)
        return
    with file.open() as stream:
        session, number = "", 0
        said: set[object] = set()
        for line in read_lines(stream):
            match line:
                case {"$set": {"messages": list(messages)}}:
                    yield line
                    yield from _unsaid(messages, said)
                    continue
                case {"id": str(key)}:
                    said.add(key)
            if isinstance(line, dict) and "type" not in line and _is_heading(line):
                session = str(line["id"])
                yield {"type": "session_meta", "payload": line}
            elif session and isinstance(line, dict) and line.items() >= _SPEECH.items():
                number += 1
                yield _wrapped(line, session, number)
            else:
                yield line


def _unsaid(messages: list[Any], said: set[object]) -> Iterator[object]:
    """Yield the messages of a Gemini CLI session without own lines, of a session it continued."""
    for message in messages:
        key = message.get("id") if isinstance(message, dict) else None
        if key not in said:
            said.add(key)
            yield message


def _is_heading(line: dict[str, Any]) -> bool:
    return line.keys() >= {"id", "timestamp"}


def _unpacked(whole: dict[str, Any]) -> Iterator[object]:
    match whole:
        case {"sessionId": _, "messages": list(messages)}:
            yield {key: value for key, value in whole.items() if key != "messages"}
            yield from messages
        case {"session": {"id": str(session), **heading}, "items": list(items)}:
            yield {"type": "session_meta", "payload": {"id": session, **heading}}
            for number, item in enumerate(items, 1):
                yield _wrapped(item, session, number) if isinstance(item, dict) else item


def _wrapped(item: dict[str, Any], session: str, number: int) -> dict[str, Any]:
    """Return an item sent to the model as a current line; without an id it gets its place."""
    said = {**item, "id": item.get("id") or f"{session}:{number}"}
    return {"type": "response_item", "payload": said}
