"""The harness of the crash tests: a Sage that can be killed, a writer, and a judge."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.adversity.crash_writer import MESSAGES
from tests.adversity.embedded_lab import ROOT, ask, wait_for
from tests.architecture.sources import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRITER = Path(__file__).with_name("crash_writer.py")
_KEPT = "SELECT session_id, string_agg(memory_id::text, ' ') FROM sage.memories GROUP BY session_id"
_UNQUEUED = """
    SELECT count(*) FROM sage.memories
    WHERE NOT EXISTS (SELECT FROM sage.embedding_queue q WHERE q.memory_id = memories.memory_id)
      AND NOT EXISTS (SELECT FROM sage.embeddings e WHERE e.memory_id = memories.memory_id)
"""


class Sage:
    """`sage serve` in a process of its own, on a port that stays the same when it is restarted."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = directory / "sage.log"
        self._command = [sys.executable, "-m", "sage", "serve", "--port", str(port)]
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(INSTALLED),
            "SAGE_DATA_DIR": str(directory / "data"),
            "SAGE_LOG_LEVEL": "WARNING",
            **environment,
        }
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        assert self.is_running, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/health/readiness", timeout=5).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill -9 it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(30) == 0, self._log.read_text()


class Writer:
    """A client process that saves without end; what was acknowledged to it must be kept."""

    def __init__(self, sage: Sage, directory: Path) -> None:
        self._journal = directory / "acknowledged"
        self._process = subprocess.Popen(
            [sys.executable, _WRITER, sage.url, self._journal],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def acknowledged(self) -> dict[str, list[str]]:
        """Give the memory ids of each session that was acknowledged, in their order."""
        if not self._journal.exists():
            return {}
        lines = self._journal.read_text().splitlines()
        return {session: ids for session, *ids in map(str.split, lines)}

    def wait_for_more(self, count: int) -> None:
        """Wait until at least so many more conversations are acknowledged, and a moment longer."""
        goal = len(self.acknowledged()) + count + random.randrange(40)
        wait_for(lambda: len(self.acknowledged()) >= goal)

    def end(self) -> dict[str, list[str]]:
        """End it, see that it met only outages, and give what was acknowledged."""
        complaints, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0
        assert complaints == "", complaints
        return self.acknowledged()


@dataclass(frozen=True)
class Verdict:
    """What became of the conversations."""

    acknowledged: int
    lost: int
    incomplete: int
    unqueued: int


def judge(acknowledged: Mapping[str, list[str]], dsn: str) -> Verdict:
    """Compare what was acknowledged with what the database holds."""
    rows = (line.partition("|") for line in ask(dsn, _KEPT).splitlines())
    kept = {session: set(ids.split()) for session, _, ids in rows}
    return Verdict(
        acknowledged=len(acknowledged),
        lost=sum(kept.get(session) != set(ids) for session, ids in acknowledged.items()),
        incomplete=sum(len(ids) != MESSAGES for ids in kept.values()),
        unqueued=int(ask(dsn, _UNQUEUED)),
    )
