"""What a client tells a hook: one JSON object on standard input, in the client's own words."""

from __future__ import annotations

import json
import os
import select
import signal
import time

from sage.clients.hooks.clients import hook_client
from sage.phrases import phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 4_000_000
"""The largest event that is read."""

LATE = phrase("the client did not send the whole event in time")
_NO_OBJECT = phrase("the client sent no event: its input is not a JSON object")
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
    "edit": "edit",
    "pretooluse": "edit",
    "aftertool": "edit",
    "end": "end",
    "sessionend": "end",
}
_WINDSURF_HEADING = "### Planner Response"
_WINDSURF_RULE = ") Triggered Rule: "


class Payload:
    """One event. Texts are empty and lists too where the client does not tell them.

    `arguments` are those of `sage hook`: EVENT --client NAME --space NAME. Unknown ones are
    ignored, since hooks of other releases may call. `cwd` is the folder in which the hook was
    started, if it is not this one. `space` is that of the hook, empty for the default one. `unread`
    says why nothing was told.
    """

    def __init__(
        self, arguments: list[str], told: dict[str, Any], *, cwd: str = "", unread: str = ""
    ) -> None:
        event = arguments[0] if arguments else ""
        self.unread = unread
        self.event = _EVENTS.get(event.lower().replace("-", "").replace("_", ""), "")
        self.name = str(told.get("hook_event_name") or told.get("hookEventName") or "")
        self.client = _client(told, _option(arguments, "--client"))
        self.space = _option(arguments, "--space")
        if self.client == "windsurf":
            told = _of_windsurf(told, cwd or os.getcwd())
        self.session = _text(told, "session_id", "sessionId", "conversation_id")
        self.transcript = _text(told, "transcript_path", "transcriptPath")
        self.cwd = _cwd(told)
        self.prompt = _text(told, "submitted_prompt", "prompt", "initialPrompt")
        self.answer = _text(told, "last_assistant_message", "prompt_response", "text")
        self.turn = _text(told, "prompt_id", "turn_id", "generation_id")
        self.source = _text(told, "source")
        self.forked_from = _text(told, "forked_from")
        found = told.get("tool_input")
        self.tool_input = found if isinstance(found, dict) else {}
        self.messages = [one for one in told.get("messages") or () if isinstance(one, dict)]
        if self.turn and hook_client(self.client).sends_texts:
            self.messages = self._texts(_text(told, "at"))
        is_delegated = told.get("agent_id") or told.get("parent_session_id")
        self.is_known = bool(self.event and self.client and not is_delegated)

    @property
    def is_captured(self) -> bool:
        """Whether something is to be kept with this event.

        Before a prompt there is nothing new, and none before an edit.
        """
        is_new = bool(self.messages or self.event != "prompt") and self.event != "edit"
        return self.is_known and is_new

    def _texts(self, at: str) -> list[dict[str, str]]:
        """Return the text of this event."""
        said = {"prompt": ("user", self.prompt), "stop": ("assistant", self.answer)}
        role, text = said.get(self.event, ("", ""))
        key = f"{self.turn}:{role}"
        told = {"id": key, "role": role, "text": text, "at": at, "turn": self.turn}
        return [told] if text else []


def read_payload(arguments: list[str]) -> Payload:
    """Read what stands on standard input up to the end of its object.

    Some clients keep the pipe open, so that an end is not waited for.
    """
    try:
        return Payload(arguments, _read_object())
    except ValueError as error:
        return Payload(arguments, {}, unread=error.args[0])


def read_waiting(path: str) -> Payload:
    """Read an event that the launcher alone wrote down, as the client told it. Raises OSError."""
    with open(path, "rb") as file:
        raw = file.read(MAX_BYTES)
    count, _, rest = raw.partition(b"\0")
    *words, text = rest.split(b"\0", int(count) + 1 if count.isdigit() else 0)
    cwd, *arguments = map(os.fsdecode, words or [b""])
    told = _json_of(text)
    if not isinstance(told, dict):
        return Payload(arguments, {}, cwd=cwd, unread=_NO_OBJECT)
    return Payload(arguments, told, cwd=cwd)


def _read_object() -> dict[str, Any]:
    """Read one object. Raises ValueError, which says what came instead."""
    raw, left_s = b"", signal.getitimer(signal.ITIMER_REAL)[0]
    deadline = time.monotonic() + left_s - _HANDLE_S
    while len(raw) < MAX_BYTES:
        ready, _, _ = select.select([0], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise ValueError(LATE)
        block = os.read(0, 65_536)
        raw += block
        if not block or raw.rstrip().endswith(b"}"):
            told = _json_of(raw)
            if isinstance(told, dict):
                return told
            if told is not None or not block:
                raise ValueError(_NO_OBJECT)
    raise ValueError(phrase("the event is larger than {most:,} bytes", most=MAX_BYTES))


def _json_of(raw: bytes) -> object:
    """Return what JSON says, None where there is none, or only its beginning."""
    try:
        return json.loads(raw.decode("utf-8", "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


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


def _option(arguments: list[str], name: str) -> str:
    following = arguments[arguments.index(name) + 1 :] if name in arguments else []
    return following[0] if following else ""


def _of_windsurf(told: dict[str, Any], cwd: str) -> dict[str, Any]:
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
        "text": _answer_of_windsurf(str(info.get("response") or "")),
    }


def _answer_of_windsurf(response: str) -> str:
    """Return an answer without its headings, what was done, and the rules that were followed."""
    return "\n".join(line for line in response.split("\n") if not _is_about_work(line.strip()))


def _is_about_work(line: str) -> bool:
    action = line[:1] == "*" and line[-2:] == "`*" and line[:2] != "**"
    return action or line == _WINDSURF_HEADING or (line[:3] == "- (" and _WINDSURF_RULE in line)
