"""The payload of a hook: one JSON object on standard input, in the client's own format."""

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
"""The part of a hook's second that remains for handling its event."""

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
    """One event. Texts and lists that the client does not send are empty.

    `arguments` are those of `sage hook`: EVENT --client NAME --space NAME. Unknown ones are
    ignored, since hooks of other releases may call. `cwd` is the folder in which the hook was
    started, if it is not this one. `space` is that of the hook, empty for the default one. `unread`
    is why there is no payload.
    """

    def __init__(
        self, arguments: list[str], fields: dict[str, Any], *, cwd: str = "", unread: str = ""
    ) -> None:
        event = arguments[0] if arguments else ""
        self.unread = unread
        self.event = _EVENTS.get(event.lower().replace("-", "").replace("_", ""), "")
        self.name = str(fields.get("hook_event_name") or fields.get("hookEventName") or "")
        self.client = _client(fields, _option(arguments, "--client"))
        self.space = _option(arguments, "--space")
        if self.client == "windsurf":
            fields = _of_windsurf(fields, cwd or os.getcwd())
        self.session = _text(fields, "session_id", "sessionId", "conversation_id")
        self.transcript = _text(fields, "transcript_path", "transcriptPath")
        self.cwd = _cwd(fields)
        self.prompt = _text(fields, "submitted_prompt", "prompt", "initialPrompt")
        self.answer = _text(fields, "last_assistant_message", "prompt_response", "text")
        self.turn = _text(fields, "prompt_id", "turn_id", "generation_id")
        self.source = _text(fields, "source")
        self.forked_from = _text(fields, "forked_from")
        found = fields.get("tool_input")
        self.tool_input = found if isinstance(found, dict) else {}
        self.messages = [one for one in fields.get("messages") or () if isinstance(one, dict)]
        if self.turn and hook_client(self.client).sends_texts:
            self.messages = self._texts(_text(fields, "at"))
        is_delegated = fields.get("agent_id") or fields.get("parent_session_id")
        self.is_known = bool(self.event and self.client and not is_delegated)

    @property
    def is_captured(self) -> bool:
        """Return whether this event captures anything.

        Before a prompt or an edit there is nothing new.
        """
        is_new = bool(self.messages or self.event != "prompt") and self.event != "edit"
        return self.is_known and is_new

    def _texts(self, at: str) -> list[dict[str, str]]:
        """Return the text of this event."""
        said = {"prompt": ("user", self.prompt), "stop": ("assistant", self.answer)}
        role, text = said.get(self.event, ("", ""))
        key = f"{self.turn}:{role}"
        message = {"id": key, "role": role, "text": text, "at": at, "turn": self.turn}
        return [message] if text else []


def read_payload(arguments: list[str]) -> Payload:
    """Read standard input up to the end of its object.

    Some clients keep the pipe open, so the end of input is not awaited.
    """
    try:
        return Payload(arguments, _read_object())
    except ValueError as error:
        return Payload(arguments, {}, unread=error.args[0])


def read_waiting(path: str) -> Payload:
    """Read an event that the launcher queued, as the client sent it. Raises OSError."""
    with open(path, "rb") as file:
        raw = file.read(MAX_BYTES)
    count, _, rest = raw.partition(b"\0")
    *words, text = rest.split(b"\0", int(count) + 1 if count.isdigit() else 0)
    cwd, *arguments = map(os.fsdecode, words or [b""])
    fields = _json_of(text)
    if not isinstance(fields, dict):
        return Payload(arguments, {}, cwd=cwd, unread=_NO_OBJECT)
    return Payload(arguments, fields, cwd=cwd)


def _read_object() -> dict[str, Any]:
    """Read one object. Raises ValueError, which describes other input."""
    raw, left_s = b"", signal.getitimer(signal.ITIMER_REAL)[0]
    deadline = time.monotonic() + left_s - _HANDLE_S
    while len(raw) < MAX_BYTES:
        ready, _, _ = select.select([0], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise ValueError(LATE)
        block = os.read(0, 65_536)
        raw += block
        if not block or raw.rstrip().endswith(b"}"):
            fields = _json_of(raw)
            if isinstance(fields, dict):
                return fields
            if fields is not None or not block:
                raise ValueError(_NO_OBJECT)
    raise ValueError(phrase("the event is larger than {most:,} bytes", most=MAX_BYTES))


def _json_of(raw: bytes) -> object:
    """Return the value of JSON text, None if it is missing or incomplete."""
    try:
        return json.loads(raw.decode("utf-8", "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _text(fields: dict[str, Any], *names: str) -> str:
    return next((v for name in names if isinstance(v := fields.get(name), str) and v), "")


def _cwd(fields: dict[str, Any]) -> str:
    roots = fields.get("workspace_roots") or fields.get("workspaceRoots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        return roots[0]
    return _text(fields, "cwd")


def _client(fields: dict[str, Any], client: str) -> str:
    """Return the calling client: some run the hooks that were set up for another one."""
    if "cursor_version" in fields:
        return "cursor"
    if "agent_action_name" in fields:
        return "windsurf"
    if "hookEventName" in fields and client in {"claude-code", "copilot"}:
        return "vscode"
    if "turn_id" in fields and "model" in fields and client == "claude-code":
        return "codex"
    if fields.get("hook_event_name") in {"BeforeAgent", "AfterAgent"}:
        return "gemini-cli"
    return client


def _option(arguments: list[str], name: str) -> str:
    following = arguments[arguments.index(name) + 1 :] if name in arguments else []
    return following[0] if following else ""


def _of_windsurf(fields: dict[str, Any], cwd: str) -> dict[str, Any]:
    """Return an event under the field names of other clients.

    It does not name the folder of the project; hooks are started there, in `cwd`.
    """
    info = fields.get("tool_info")
    info = info if isinstance(info, dict) else {}
    at = fields.get("timestamp")
    return {
        "session_id": fields.get("trajectory_id"),
        "generation_id": fields.get("execution_id") or at,
        "at": at,
        "cwd": cwd,
        "prompt": info.get("user_prompt"),
        "text": _answer_of_windsurf(str(info.get("response") or "")),
    }


def _answer_of_windsurf(response: str) -> str:
    """Return an answer without its headings, its actions, and the rules that it followed."""
    return "\n".join(line for line in response.split("\n") if not _is_about_work(line.strip()))


def _is_about_work(line: str) -> bool:
    action = line[:1] == "*" and line[-2:] == "`*" and line[:2] != "**"
    return action or line == _WINDSURF_HEADING or (line[:3] == "- (" and _WINDSURF_RULE in line)
