"""A Sage that can be killed, frozen and started again on the same port."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from tests.architecture.sources import INSTALLED
from tests.support import plain_http
from tests.support.forked import start_sage
from tests.support.polling import wait_for
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.support.forked import Process

_ANSWER_S = 20.0
_START_S = 240.0


class Sage:
    """`sage serve` in a process of its own, by a command that starts with `prefix`."""

    def __init__(
        self, directory: Path, environment: Mapping[str, str], prefix: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        self._log = directory / f"sage-{self.port}.log"
        self._prefix = prefix
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(INSTALLED),
            "SAGE_DATA_DIR": str(directory / "data"),
            "SAGE_LOG_LEVEL": "WARNING",
            **environment,
        }
        self._directory = directory
        self._process: Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        wait_for(self.is_ready, _START_S)

    def launch(self) -> None:
        """Start it without waiting for anything."""
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = start_sage(
                ["serve", "--port", str(self.port)],
                prefix=self._prefix,
                cwd=self._directory,
                env=self._environment,
                output=log,
            )

    def is_ready(self) -> bool:
        """Return whether it takes calls; it must not have ended."""
        return self.status() == httpx.codes.OK

    def is_live(self) -> bool:
        """Return whether its event loop turns; it must not have ended."""
        return self.status("/health/liveness") == httpx.codes.OK

    def status(self, path: str = "/health/readiness") -> int:
        """Return the status a path answers with; 0 when it does not answer. It must be running."""
        assert self.is_running, self.log()
        try:
            return plain_http.get(f"{self.url}{path}", timeout=_ANSWER_S).status_code
        except httpx.TransportError:
            return 0

    def reason(self) -> str:
        """Return why it is not ready."""
        answer = plain_http.get(f"{self.url}/health/readiness", timeout=_ANSWER_S)
        return str(answer.json()["reason"])

    def log(self) -> str:
        """Return what it wrote."""
        return self._log.read_text()

    def kill(self) -> None:
        """Kill -9 it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, within_s: float = 30) -> None:
        """Ask it to end, and wait: it ends without a failure."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(within_s) == 0, self.log()


@contextmanager
def running_sage(
    directory: Path, *, prefix: Sequence[str] = (), **environment: str
) -> Iterator[Sage]:
    """Start Sage, and kill it when the block ends."""
    sage = Sage(directory, environment, prefix)
    try:
        sage.start()
        yield sage
    finally:
        sage.kill()
