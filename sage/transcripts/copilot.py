"""Copilot CLI: events, one a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROLES = {"user.message": "user", "assistant.message": "assistant"}


def read_copilot(line: Mapping[str, Any]) -> Turn | None:
    """Return what an event of Copilot CLI says."""
    role, data = _ROLES.get(str(line.get("type"))), line.get("data")
    if role is None or not isinstance(data, dict):
        return None
    key, text = data.get("messageId") or line.get("id"), data.get("content")
    if not isinstance(text, str) or not text or not isinstance(key, str):
        return None
    return Turn(key, "", role, text, str(line.get("timestamp") or ""))
