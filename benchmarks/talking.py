"""Drive real AI clients that stay open for a session, turn by turn."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_END_S = 30


class _Client:
    """A process that reads and writes JSON lines."""

    command: Sequence[str]

    def __init__(self, process: subprocess.Popen[str], project: Path) -> None:
        self._process, self._project = process, project
        self._calls = 0

    def begin(self) -> None:
        """Begin a session."""

    def ask(self, prompt: str) -> None:
        """Send a prompt, and wait until the turn has ended. Raises SageError."""
        raise NotImplementedError

    def _send(self, message: Mapping[str, object]) -> None:
        _pipe(self._process.stdin).write(json.dumps(message) + "\n")
        _pipe(self._process.stdin).flush()

    def _read(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise SageError(phrase("{command} ended within a session", command=self.command[0]))
        return json.loads(line) if line.startswith("{") else {}

    def _call(self, method: str, params: Mapping[str, object]) -> dict[str, Any]:
        """Call a JSON-RPC method, and return its result."""
        self._calls += 1
        self._send({"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params})
        while True:
            answer = self._read()
            if answer.get("id") == self._calls and "method" not in answer:
                result: dict[str, Any] = answer["result"]
                return result


class _Claude(_Client):
    command = (
        *("claude", "--allowedTools=Bash", "-p", "--verbose"),
        *("--input-format", "stream-json", "--output-format", "stream-json"),
    )

    def ask(self, prompt: str) -> None:
        self._send({"type": "user", "message": {"role": "user", "content": prompt}})
        while self._read().get("type") != "result":
            pass


class _Codex(_Client):
    command = ("codex", "app-server")

    def begin(self) -> None:
        self._call("initialize", {"clientInfo": {"name": "benchmarks", "version": "1"}})
        self._send({"jsonrpc": "2.0", "method": "initialized"})
        self._trust_hooks()
        place = {"cwd": str(self._project), "approvalPolicy": "never"}
        self._thread = self._call("thread/start", place)["thread"]["id"]

    def ask(self, prompt: str) -> None:
        said = [{"type": "text", "text": prompt}]
        self._call("turn/start", {"threadId": self._thread, "input": said})
        while self._read().get("method") != "turn/completed":
            pass

    def _trust_hooks(self) -> None:
        """Trust all hooks, as a user would when asked; otherwise they do not run."""
        (listed,) = self._call("hooks/list", {"cwds": [str(self._project)]})["data"]
        trusted = {one["key"]: {"trusted_hash": one["currentHash"]} for one in listed["hooks"]}
        edit = {"keyPath": "hooks.state", "value": trusted, "mergeStrategy": "upsert"}
        self._call("config/batchWrite", {"edits": [edit], "reloadUserConfig": True})


class _Gemini(_Client):
    command = ("gemini", "--acp", "--approval-mode=yolo")

    def begin(self) -> None:
        self._call("initialize", {"protocolVersion": 1, "clientCapabilities": {}})
        place = {"cwd": str(self._project), "mcpServers": []}
        self._session = self._call("session/new", place)["sessionId"]

    def ask(self, prompt: str) -> None:
        said = [{"type": "text", "text": prompt}]
        self._call("session/prompt", {"sessionId": self._session, "prompt": said})


CLIENTS: dict[str, type[_Client]] = {
    "claude-code": _Claude,
    "codex": _Codex,
    "gemini-cli": _Gemini,
}


@contextmanager
def talking(name: str, project: Path, variables: Mapping[str, str]) -> Iterator[_Client]:
    """Yield a client that runs in a project until the block ends, found in PATH of `variables`."""
    kind = CLIENTS[name]
    with subprocess.Popen(  # noqa: S603 - a client that is named above
        ["/usr/bin/env", *kind.command],
        cwd=project,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            client = kind(process, project)
            client.begin()
            yield client
            _pipe(process.stdin).close()
            process.wait(_END_S)
        finally:
            process.kill()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the process has no pipe")
    return pipe
