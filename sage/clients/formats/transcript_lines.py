"""The lines of a transcript, whichever version of its client wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.reading.json_stream import read_lines
from sage.clients.reading.sample import SourceSample

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sage.clients.reading.files import File

_SPEECH = {"type": "message"}


def transcript_lines(file: File) -> Generator[object, None, None]:
    """Yield the lines of a transcript as clients write them today. Raises OSError, ValueError.

    Gemini CLI and the first Codex wrote one object with all messages in it. The Codex after that
    wrote what it sent to the model, without a heading of its own.
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
    """Yield the messages of a session of Gemini CLI that no line has said: of one it took over."""
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
    """Return what was sent to the model as a line of today; without an id it has its place."""
    said = {**item, "id": item.get("id") or f"{session}:{number}"}
    return {"type": "response_item", "payload": said}
