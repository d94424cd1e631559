"""Copilot CLI: one event per line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.transcripts.conversation import Conversation

_ROLES = {"user.message": "user", "assistant.message": "assistant"}


def read_copilot(line: Mapping[str, Any]) -> Turn | None:
    """Return the message in an event of Copilot CLI."""
    role, data = _ROLES.get(str(line.get("type"))), line.get("data")
    if role is None or not isinstance(data, dict):
        return None
    key, text = data.get("messageId") or line.get("id"), data.get("content")
    is_said = text or (role == "user" and data.get("attachments"))
    if not isinstance(text, str) or not is_said or not isinstance(key, str):
        return None
    return Turn(key, "", role, text, str(line.get("timestamp") or ""))


def follow_copilot(conversation: Conversation, line: Mapping[str, Any]) -> Turn | None:
    """Return the message in an event of Copilot CLI, placed in its conversation."""
    match line:
        case {"type": "session.snapshot_rewind", "data": {"upToEventId": str(event)}}:
            conversation.go_back_to(event)
        case {"type": "abort"}:
            conversation.interrupt()
        case {"type": "assistant.message"}:
            conversation.work()
    turn = read_copilot(line)
    return None if turn is None else conversation.say(turn, event=str(line.get("id") or ""))
