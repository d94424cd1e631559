"""Codex CLI: rollout files, whose first line describes the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.transcripts.claude_code import text_of
from sage.transcripts.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_codex(line: Mapping[str, Any]) -> Turn | None:
    """Return what a line of Codex says; messages of the developer and of tools are left out."""
    payload = line.get("payload")
    if line.get("type") != "response_item" or not isinstance(payload, dict):
        return None
    if payload.get("type") != "message" or payload.get("role") not in {"user", "assistant"}:
        return None
    key, text = payload.get("id"), text_of(payload.get("content"))
    if not text or not isinstance(key, str):
        return None
    return Turn(key, "", payload["role"], text, str(line.get("timestamp") or ""))
