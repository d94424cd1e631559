"""What a client tells a hook: one JSON object on standard input, in the client's own words."""

from __future__ import annotations

import json
import os
import select
import signal
import time

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_MAX_BYTES = 4_000_000
_HANDLE_S = 0.15
"""How much of a hook's second is left for what it does with its event."""

_EVENTS = {
    "start": "start",
    "sessionstart": "start",
    "prompt": "prompt",
    "userpromptsubmit": "prompt",
    "userpromptsubmitted": "prompt",
    "beforeagent": "prompt",
    "beforesubmitprompt": "prompt",
    "stop": "stop",
    "agentstop": "stop",
    "afteragent": "stop",
    "compact": "compact",
    "precompact": "compact",
    "precompress": "compact",
    "end": "end",
    "sessionend": "end",
}
_TELL_ALL = {"cursor", "windsurf"}
"""Clients that write no transcript: each text comes with its event."""


class Payload:
    """One event. Texts are empty and lists too where the client does not tell them.

    `space` is that of the hook, empty for the default one. `unread` says why nothing was told.
    """

    def __init__(self, event: str, client: str, told: dict[str, Any], unread: str = "") -> None:
        self.unread = unread
        self.event = _EVENTS.get(event.lower().replace("-", "").replace("_", ""), "")
        self.name = str(told.get("hook_event_name") or told.get("hookEventName") or "")
        self.client = _client(told, client)
        self.space = ""
        if self.client == "windsurf":
            from sage.hooks.windsurf import in_common_words  # noqa: PLC0415 - others need it not

            told = in_common_words(told)
        self.session = _text(told, "session_id", "sessionId", "conversation_id")
        self.transcript = _text(told, "transcript_path", "transcriptPath")
        self.cwd = _cwd(told)
        self.prompt = _text(told, "submitted_prompt", "prompt", "initialPrompt")
        self.answer = _text(told, "last_assistant_message", "prompt_response", "text")
        self.turn = _text(told, "prompt_id", "turn_id", "generation_id")
        self.source = _text(told, "source")
        self.messages = [one for one in told.get("messages") or () if isinstance(one, dict)]
        if self.client in _TELL_ALL and self.turn:
            self.messages = self._texts(_text(told, "at"))
        self.is_delegated = bool(told.get("agent_id") or told.get("parent_session_id"))

    def _texts(self, at: str) -> list[dict[str, str]]:
        """Return the text of this event."""
        said = {"prompt": ("user", self.prompt), "stop": ("assistant", self.answer)}
        role, text = said.get(self.event, ("", ""))
        key = f"{self.turn}:{role}"
        return [{"id": key, "role": role, "text": text, "at": at}] if text else []


def read_payload(event: str, client: str) -> Payload:
    """Read what stands on standard input up to the end of its object.

    Some clients keep the pipe open, so that an end is not waited for.
    """
    try:
        return Payload(event, client, _read_object())
    except ValueError as error:
        return Payload(event, client, {}, unread=str(error))


def _read_object() -> dict[str, Any]:
    """Read one object. Raises ValueError, which says what came instead."""
    raw, left_s = b"", signal.getitimer(signal.ITIMER_REAL)[0]
    deadline = time.monotonic() + left_s - _HANDLE_S
    while len(raw) < _MAX_BYTES:
        ready, _, _ = select.select([0], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise ValueError("the client did not tell the whole event in time")
        block = os.read(0, 65_536)
        raw += block
        if not block or raw.rstrip().endswith(b"}"):
            try:
                told = json.loads(raw.decode("utf-8", "replace").lstrip("\ufeff"))
            except ValueError:
                told = None
            if isinstance(told, dict):
                return told
            if told is not None or not block:
                raise ValueError("the client told no event: its input is no JSON object")
    raise ValueError(f"the event is larger than {_MAX_BYTES:,} bytes")


def _text(told: dict[str, Any], *names: str) -> str:
    return next((v for name in names if isinstance(v := told.get(name), str) and v), "")


def _cwd(told: dict[str, Any]) -> str:
    roots = told.get("workspace_roots") or told.get("workspaceRoots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        return roots[0]
    return _text(told, "cwd")


def _client(told: dict[str, Any], client: str) -> str:
    """Return who calls: some clients run the hooks that were set up for another one."""
    if "cursor_version" in told:
        return "cursor"
    if "agent_action_name" in told:
        return "windsurf"
    if "hookEventName" in told and client in {"claude-code", "copilot"}:
        return "vscode"
    if "turn_id" in told and "model" in told and client == "claude-code":
        return "codex"
    if told.get("hook_event_name") in {"BeforeAgent", "AfterAgent"}:
        return "gemini-cli"
    return client
