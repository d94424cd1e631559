"""Claude Code, and Qwen Code, whose lines are nearly the same: one JSON object per line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.transcripts.conversation import Conversation

_HIDDEN = ("isSidechain", "isMeta", "isCompactSummary", "isApiErrorMessage")
_SHOWN = {"image", "document", "input_image", "input_file"}
_AT_WORK = "mid_turn_user_message"
_OF_THE_USER = {None, "human"}
_MISSING = object()
SYNTHETIC = "<synthetic>"
"""The model name of messages that Claude Code itself wrote."""


def read_claude(line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Claude Code; None for tools, summaries and delegated work."""
    message = line.get("message")
    if line.get("type") == "attachment" and not any(line.get(name) for name in _HIDDEN):
        return _written_at_work(line)
    if not isinstance(message, dict) or line.get("type") not in {"user", "assistant"}:
        return None
    if any(line.get(name) for name in _HIDDEN) or message.get("model") == SYNTHETIC:
        return None
    return _turn(line, line["type"], message.get("content"))


def read_qwen(line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Qwen Code; None for notes written on behalf of the user."""
    message = line.get("message")
    if line.get("subtype") not in {None, _AT_WORK}:
        return None
    if not isinstance(message, dict) or line.get("type") not in {"user", "assistant"}:
        return None
    return _turn(line, line["type"], message.get("parts"))


def follow_claude(conversation: Conversation, line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Claude Code, placed in its conversation."""
    return _follow(conversation, line, read_claude(line))


def follow_qwen(conversation: Conversation, line: Mapping[str, Any]) -> Turn | None:
    """Return the message in a line of Qwen Code, placed in its conversation.

    After going back it writes special lines before the next prompt.
    """
    return _follow(conversation, line, read_qwen(line))


def text_of(content: object) -> str:
    """Return the text in the content of a message: a string, or blocks of which some are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n\n".join(
        block["text"]
        for block in content
        if isinstance(block, dict)
        and block.get("type") in {None, "text", "input_text", "output_text"}
        and not block.get("thought")
        and isinstance(block.get("text"), str)
    )


def shows(content: object) -> bool:
    """Return whether a message contains an image or a document, and is not a tool result."""
    blocks = [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    return any(
        one.get("type") in _SHOWN or "inlineData" in one or "fileData" in one for one in blocks
    ) and not any(one.get("type") == "tool_result" or "functionResponse" in one for one in blocks)


def _follow(conversation: Conversation, line: Mapping[str, Any], turn: Turn | None) -> Turn | None:
    key, follows = line.get("uuid"), line.get("parentUuid", _MISSING)
    if line.get("isSidechain") or not isinstance(key, str):
        return None
    kind = line.get("type")
    follows = None if follows is _MISSING else str(follows or "")
    is_passed = kind == "system" and (
        line.get("subtype") == "rewind" or conversation.is_passed(follows)
    )
    parent = conversation.follow(key, follows, is_passed=is_passed)
    if turn is not None:
        at_work = kind == "attachment" or line.get("subtype") == _AT_WORK
        said = conversation.say(turn, parent, at_work=at_work)
        if _calls_a_tool(line):
            conversation.work()
        return said
    if kind == "assistant" and not any(line.get(name) for name in _HIDDEN):
        conversation.work()
    return None


def _calls_a_tool(line: Mapping[str, Any]) -> bool:
    content = line["message"].get("content") if isinstance(line.get("message"), dict) else None
    blocks = content if isinstance(content, list) else []
    return any(isinstance(one, dict) and one.get("type") == "tool_use" for one in blocks)


def _written_at_work(line: Mapping[str, Any]) -> Turn | None:
    """Return a prompt that the user wrote while the agent was working.

    Agents and the client itself also write such lines, which name their origin.
    """
    match line.get("attachment"):
        case {"type": "queued_command", "prompt": prompt, **fields}:
            origin = fields.get("origin")
            kind = origin.get("kind") if isinstance(origin, dict) else None
            is_prompt = fields.get("commandMode", "prompt") == "prompt" and not fields.get("isMeta")
            if is_prompt and kind in _OF_THE_USER:
                return _turn(line, "user", prompt)
    return None


def _turn(line: Mapping[str, Any], role: str, content: object) -> Turn | None:
    key, session = line.get("uuid"), line.get("sessionId")
    text = text_of(content)
    if (
        not (text or (role == "user" and shows(content)))
        or not isinstance(key, str)
        or not isinstance(session, str)
    ):
        return None
    said_at, cwd = line.get("timestamp"), line.get("cwd")
    return Turn(key, session, role, text, str(said_at or ""), str(cwd or ""))
