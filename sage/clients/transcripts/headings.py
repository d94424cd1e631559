"""Information in the first lines of a transcript: the client, the session, the folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDECHAINS = "sidechains"
"""The reason for which work delegated to another agent is left out."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Properties of all messages; `began` is the time of those without one.

    `project` is the client's name of the project, if that is not its folder.
    """

    source: str
    session: str = ""
    cwd: str = ""
    project: str = ""
    began: object = None
    left_out: str = ""


def heading_in(line: Mapping[str, Any]) -> Heading | None:
    """Return the heading in a line; None if another program may have written it."""
    match line:
        case {"type": "session_meta", "payload": {**payload}}:
            origin = payload.get("source")
            delegated = payload.get("thread_source") == "subagent" or (
                isinstance(origin, dict) and "subagent" in origin
            )
            return Heading(
                "codex",
                str(payload.get("id", "")),
                str(payload.get("cwd", "")),
                began=payload.get("timestamp"),
                left_out=SIDECHAINS if delegated else "",
            )
        case {"sessionId": str(session), "projectHash": project}:
            left_out = SIDECHAINS if line.get("kind") == "subagent" else ""
            return Heading("gemini-cli", session, project=str(project), left_out=left_out)
        case {"type": "session.start", "data": {"sessionId": str(session), **data}}:
            context = data.get("context")
            cwd = context.get("cwd") if isinstance(context, dict) else ""
            return Heading("copilot", session, str(cwd or ""))
        case {"uuid": _, "sessionId": _, "message": {"parts": _}}:
            return Heading("qwen-code")
        case {"uuid": _, "sessionId": _, "message": {"content": _}}:
            return Heading("claude-code")
    return None
