"""Codex CLI: rollout files, whose first line describes the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sage.clients.transcripts.claude_code import shows, text_of
from sage.clients.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.transcripts.conversation import Conversation

_WORK = {"function_call", "custom_tool_call", "local_shell_call", "web_search_call"}


def read_codex(line: Mapping[str, Any]) -> Turn | None:
    """Return what a line of Codex says; messages of the developer and of tools are left out."""
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
    """Return what a line of Codex says in its conversation."""
    match line:
        case {"type": "event_msg", "payload": {"type": "thread_rolled_back", "num_turns": int(n)}}:
            conversation.go_back_turns(n)
        case {"type": "response_item", "payload": {"type": str(kind)}} if kind in _WORK:
            conversation.work()
    turn = read_codex(line)
    return None if turn is None else conversation.say(turn)


def _key(role: str, text: str, said_at: str) -> str:
    """Return an id for a message of an older Codex, which gave it none; none without a time."""
    said = text.encode(errors="replace").decode()
    return f"{said_at}:{role}:{uuid5(NAMESPACE_URL, said)}" if said_at else ""
