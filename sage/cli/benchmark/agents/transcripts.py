"""Write transcripts in the formats of Claude Code, Codex and Gemini CLI."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from sage.cli.benchmark.agents.story import Begins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sage.cli.benchmark.agents.story import StorySession, StoryTurn

CLIENTS = ("claude-code", "codex", "gemini-cli")
_BETWEEN_LINES = timedelta(seconds=9)


class StoryTranscript:
    """The transcript file of a session, written turn by turn.

    `origin` is the transcript of the session that this one continues: a resumed session appends to
    its file, a fork begins with a copy of its lines.
    """

    def __init__(self, folder: Path, session: StorySession, origin: StoryTranscript | None) -> None:
        resumes = session.begins is Begins.RESUMED
        self.session_id: str = origin.session_id if origin and resumes else session.session_id
        self.path = folder / f"{self.session_id}.jsonl"
        self._client = session.client
        self._at = session.began_at
        self._leaf = origin.leaf if origin else None
        self._cwd = ""
        if origin is None:
            self._write(self._heading())
        elif not resumes:
            text = origin.path.read_text("utf-8")
            self.path.write_text(text.replace(origin.session_id, self.session_id), "utf-8")

    @property
    def leaf(self) -> str | None:
        """Return the id of the last line."""
        return self._leaf

    def add_turn(self, session: StorySession, number: int, cwd: str) -> None:
        """Append a turn of the session, or of one that resumes it."""
        turn, self._cwd = session.turns[number], cwd
        before = self._leaf
        keys = [session.key(number, line) for line, _ in enumerate(turn.lines())]
        for line in self._lines(turn, keys):
            self._write(line)
        if turn.taken_back:
            self._leaf = before

    def _lines(self, turn: StoryTurn, keys: list[str]) -> Iterator[dict[str, object]]:
        texts = [line.text for line in turn.lines()]
        yield self._user(keys[0], texts[0])
        for place, (key, text) in enumerate(zip(keys[1:], texts[1:], strict=True)):
            yield self._assistant(key, text)
            if place < len(turn.remarks):
                yield from self._tool(key)

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _time(self) -> str:
        self._at += _BETWEEN_LINES
        return _iso(self._at)

    def _heading(self) -> dict[str, object]:
        match self._client:
            case "codex":
                meta = {"id": self.session_id}
                return {"timestamp": self._time(), "type": "session_meta", "payload": meta}
            case "gemini-cli":
                return {"sessionId": self.session_id, "startTime": self._time(), "kind": "main"}
            case _:
                self._leaf = f"{self.session_id}-0"
                return {
                    "parentUuid": None,
                    "isSidechain": False,
                    "type": "attachment",
                    "attachment": {"type": "date", "date": f"{self._at:%Y-%m-%d}"},
                    "uuid": self._leaf,
                    "timestamp": self._time(),
                    "sessionId": self.session_id,
                }

    def _user(self, key: str, text: str) -> dict[str, object]:
        match self._client:
            case "codex":
                return self._codex(key, "user", "input_text", text)
            case "gemini-cli":
                content = [{"text": text}]
                return {"id": key, "timestamp": self._time(), "type": "user", "content": content}
            case _:
                return self._claude(key, "user", text)

    def _assistant(self, key: str, text: str) -> dict[str, object]:
        match self._client:
            case "codex":
                return self._codex(key, "assistant", "output_text", text)
            case "gemini-cli":
                return {"id": key, "timestamp": self._time(), "type": "gemini", "content": text}
            case _:
                return self._claude(key, "assistant", [{"type": "text", "text": text}])

    def _tool(self, key: str) -> Iterator[dict[str, object]]:
        """Yield a tool call after a remark, and its result."""
        match self._client:
            case "codex":
                call = {"type": "function_call", "id": f"{key}-c", "name": "shell"}
                output = {"type": "function_call_output", "id": f"{key}-o", "output": "done"}
                for payload in (call, output):
                    yield {
                        "timestamp": self._time(),
                        "type": "response_item",
                        "payload": payload,
                    }
            case "gemini-cli":
                done = [{"functionResponse": {"id": key, "response": {"output": "done"}}}]
                yield {
                    "id": f"{key}-o",
                    "timestamp": self._time(),
                    "type": "user",
                    "content": done,
                }
            case _:
                use = {"type": "tool_use", "id": f"{key}-t", "name": "Bash", "input": {}}
                result = {"type": "tool_result", "tool_use_id": f"{key}-t", "content": "done"}
                yield self._claude(f"{key}-c", "assistant", [use])
                yield self._claude(f"{key}-o", "user", [result])

    def _codex(self, key: str, role: str, kind: str, text: str) -> dict[str, object]:
        message = {
            "type": "message",
            "id": f"msg_{key}",
            "role": role,
            "content": [{"type": kind, "text": text}],
        }
        return {"timestamp": self._time(), "type": "response_item", "payload": message}

    def _claude(self, key: str, role: str, content: object) -> dict[str, object]:
        parent, self._leaf = self._leaf, key
        return {
            "parentUuid": parent,
            "isSidechain": False,
            "type": role,
            "message": {"role": role, "content": content},
            "uuid": key,
            "timestamp": self._time(),
            "cwd": self._cwd,
            "sessionId": self.session_id,
            "version": "2.1.332",
        }


def source_key(client: str, key: str) -> str:
    """Return the id of a message in the transcript of a client."""
    return f"msg_{key}" if client == "codex" else key


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
