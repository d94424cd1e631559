"""What Windsurf tells a hook: names of its own, and an answer together with all that was done."""

from __future__ import annotations

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_HEADING = "### Planner Response"
_RULE = ") Triggered Rule: "


def in_common_words(told: dict[str, Any], cwd: str) -> dict[str, Any]:
    """Return an event under the names that other clients use.

    It does not name the folder of the project; hooks are started there, in `cwd`.
    """
    info = told.get("tool_info")
    info = info if isinstance(info, dict) else {}
    at = told.get("timestamp")
    return {
        "session_id": told.get("trajectory_id"),
        "generation_id": told.get("execution_id") or at,
        "at": at,
        "cwd": cwd,
        "prompt": info.get("user_prompt"),
        "text": _said(str(info.get("response") or "")),
    }


def _said(response: str) -> str:
    """Return an answer without its headings, what was done, and the rules that were followed."""
    return "\n".join(line for line in response.split("\n") if not _is_about_work(line.strip()))


def _is_about_work(line: str) -> bool:
    action = line[:1] == "*" and line[-2:] == "`*" and line[:2] != "**"
    return action or line == _HEADING or (line[:3] == "- (" and _RULE in line)
