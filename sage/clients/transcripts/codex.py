"""Codex CLI: rollout files, whose first line describes the session.

A session may be in several files: if the user goes back, it continues in a new one. Its first line
names the previous file, and up to where that is valid.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sage.clients.transcripts.claude_code import shows, text_of
from sage.clients.transcripts.jsonl import parse_line
from sage.clients.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sage.clients.transcripts.conversation import Conversation

_WORK = {"function_call", "custom_tool_call", "local_shell_call", "web_search_call"}

_MAX_KEPT = 1_000
_DATE_FOLDERS = 3
_DATES = "*/*/*"


def read_codex(line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Codex; None for those of the developer and of tools."""
    payload = line.get("payload")
    if line.get("type") != "response_item" or not isinstance(payload, dict):
        return None
    if payload.get("type") != "message" or payload.get("role") not in {"user", "assistant"}:
        return None
    text, said_at = text_of(payload.get("content")), str(line.get("timestamp") or "")
    key = payload.get("id") or _key(payload["role"], text, said_at)
    is_said = text or (payload["role"] == "user" and shows(payload.get("content")))
    if not is_said or not isinstance(key, str):
        return None
    return Turn(key, "", payload["role"], text, said_at)


def follow_codex(conversation: Conversation, line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Codex, placed in its conversation."""
    match line:
        case {"type": "event_msg", "payload": {"type": "thread_rolled_back", "num_turns": int(n)}}:
            conversation.go_back_turns(n)
        case {"type": "response_item", "payload": {"type": str(kind)}} if kind in _WORK:
            conversation.work()
    turn = read_codex(line)
    return None if turn is None else conversation.say(turn)


def _key(role: str, text: str, said_at: str) -> str:
    """Return an id for a message of an older Codex without ids; empty without a time."""
    said = text.encode(errors="replace").decode()
    return f"{said_at}:{role}:{uuid5(NAMESPACE_URL, said)}" if said_at else ""


def said_and_taken_back(path: Path, heading: Mapping[str, Any]) -> Iterator[Turn]:
    """Yield the messages of a session's earlier files that no longer hold in this transcript."""
    match heading:
        case {
            "type": "session_meta",
            "payload": {"id": str(session), "history_base": dict(history)},
        }:
            base: Mapping[str, Any] = history
        case _:
            return
    if not session.replace("-", "").isalnum():  # it becomes part of a pattern of names
        return
    named = sorted(_files(path, f"rollout-*-{session}*.jsonl"), key=lambda one: one.name)
    earlier = [one for one in named if one.name < path.name]
    holds: dict[Path, int] = {}
    while base and len(holds) < _MAX_KEPT:
        found = [one for one in earlier if one.stem.endswith(str(base.get("thread_id")))]
        end = base.get("end_byte_offset")
        if not found or found[0] in holds or not isinstance(end, int):
            break
        holds[found[0]] = end
        base = _base_of(found[0])
    for one in earlier:
        yield from _turns_after(one, holds.get(one, 0))


def _files(path: Path, pattern: str) -> Iterator[Path]:
    """Yield the files of a name beside a transcript, and in the folders of other days."""
    yield from path.parent.glob(pattern)
    dates = path.parents[:_DATE_FOLDERS]
    if len(path.parents) > _DATE_FOLDERS and all(one.name.isdecimal() for one in dates):
        for found in path.parents[_DATE_FOLDERS].glob(f"{_DATES}/{pattern}"):
            if found.parent != path.parent:
                yield found


def _base_of(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            base = json.loads(file.readline())["payload"].get("history_base")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return base if isinstance(base, dict) else {}


def _turns_after(path: Path, offset: int) -> Iterator[Turn]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for raw in file:
                if b'"message"' in raw and (turn := _turn(raw)):
                    yield turn
    except OSError:
        return


def _turn(raw: bytes) -> Turn | None:
    line = parse_line(raw)
    return read_codex(line) if isinstance(line, dict) else None
