"""Records when each AI client was last seen: by the name it sends over MCP, and by its hooks."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.clients.hooks.capture.capture_report import read_captures
from sage.clients.hooks.state_files import is_own, read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from sage.domain.caller import Principal

FILE = "clients-heard.json"
_KEPT_EVERY_S = 3600.0
_MAX_CALLERS = 200
_MARKS = {
    "qwen": "qwen-code",
    "gemini": "gemini-cli",
    "claudecode": "claude-code",
    "claude": "claude-desktop",
    "codex": "codex",
    "cursor": "cursor",
    "copilot": "copilot",
    "visualstudiocode": "vscode",
    "vscode": "vscode",
    "opencode": "opencode",
    "windsurf": "windsurf",
    "cherry": "cherry-studio",
    "trae": "trae",
    "zed": "zed",
}
"""Parts of the names that clients send, the most specific first."""


class SeenClients:
    """Stores the times in a file of the data directory, each at most once an hour.

    They are stored by user or token, so that nobody sees the clients of others.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._kept: dict[tuple[str, str], float] = {}

    def note(self, name: str, principal: Principal) -> None:
        """Record a call of the client with this name. Raises nothing."""
        key, now = (client_of(name), _who(principal)), time.time()
        if now - self._kept.get(key, 0.0) < _KEPT_EVERY_S or not is_own(str(self._data_dir)):
            return
        if len(self._kept) > _MAX_CALLERS * len(_MARKS):
            self._kept.clear()
        self._kept[key] = now
        client, who = key
        with suppress(OSError):
            path = str(self._data_dir / FILE)
            known = read_json(path)
            callers = {**_times(known.get(client)), who: now}
            newest = sorted(callers.items(), key=lambda one: one[1])[-_MAX_CALLERS:]
            write_json(path, {**known, client: dict(newest)})

    def last_seen(self, principal: Principal) -> dict[str, datetime]:
        """Return when each client last called with tokens of the caller; for an admin, with any.

        Reads files.
        """
        seen: dict[str, float] = {}
        for client, callers in read_json(str(self._data_dir / FILE)).items():
            by_caller = _times(callers)
            mine = filter(None, [by_caller.get(_who(principal))])
            times = by_caller.values() if principal.admin else mine
            if latest := max(times, default=0.0):
                seen[client] = latest
        if principal.admin:
            for client, capture in read_captures(self._data_dir).clients.items():
                called = [one.last_at.timestamp() for one in capture.hooks.values() if one.last_at]
                seen[client] = max([seen.get(client, 0.0), *called])
        return {client: datetime.fromtimestamp(at, UTC) for client, at in seen.items() if at}


def client_of(name: str) -> str:
    """Return the name in `sage connect` of the client that sends this name over MCP."""
    plain = "".join(filter(str.isalnum, name.casefold()))
    return next((client for mark, client in _MARKS.items() if mark in plain), "generic")


def _who(principal: Principal) -> str:
    return principal.user or principal.token or ""


def _times(callers: object) -> dict[str, float]:
    if not isinstance(callers, dict):
        return {}
    return {str(who): float(at) for who, at in callers.items() if isinstance(at, int | float)}
