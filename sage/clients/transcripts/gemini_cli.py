"""Gemini CLI: one message per line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.transcripts.claude_code import shows, text_of
from sage.clients.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.transcripts.conversation import Conversation

_ROLES = {"user": "user", "gemini": "assistant"}


def read_gemini(line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Gemini CLI.

    Lines that replace all messages (`$set`) repeat messages of other lines.
    """
    role, key = _ROLES.get(str(line.get("type"))), line.get("id")
    text = text_of(line.get("displayContent") or line.get("content"))
    is_said = text or (role == "user" and shows(line.get("content")))
    if role is None or not is_said or not isinstance(key, str):
        return None
    return Turn(key, "", role, text, str(line.get("timestamp") or ""))


def follow_gemini(conversation: Conversation, line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Gemini CLI, placed in its conversation.

    A message missing at the end of a line that replaces all messages was cancelled.
    """
    match line:
        case {"$rewindTo": str(key)}:
            conversation.go_back_to(key)
        case {"$set": {"messages": list(messages)}}:
            conversation.keep_only(
                {str(one.get("id")) for one in messages if isinstance(one, dict)}
            )
        case {"type": "gemini"}:
            conversation.work()
    turn = read_gemini(line)
    return None if turn is None else conversation.say(turn)
