"""Gemini CLI: a message a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.transcripts.claude_code import text_of
from sage.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROLES = {"user": "user", "gemini": "assistant"}


def read_gemini(line: Mapping[str, Any]) -> Turn | None:
    """Return what a line of Gemini CLI says.

    Lines that replace all messages (`$set`) repeat what lines of their own have said.
    """
    role, key = _ROLES.get(str(line.get("type"))), line.get("id")
    text = text_of(line.get("displayContent") or line.get("content"))
    if role is None or not text or not isinstance(key, str):
        return None
    return Turn(key, "", role, text, str(line.get("timestamp") or ""))
