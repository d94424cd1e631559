"""Supervises several workers on the same sockets, and stops them so that no request is lost."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from sage.api.server.graceful_server import GracefulServer
from sage.telemetry.metrics.exposition import forget_worker

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    import uvicorn

_START_S = 60.0
"""A worker that is importing does not answer its supervisor, which may take long on a busy
machine."""


class _Worker(Process):
    """A worker that serves and shuts down as a single process does."""

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        drain_s: float,
        announce: Callable[[], object],
    ) -> None:
        self._drain_s = drain_s
        self._announce = announce
        self._starts_until = time.monotonic() + _START_S
        super().__init__(config, sockets)

    def is_alive(self, timeout: float = 5) -> bool:
        """Return whether it answers within `timeout` seconds, or is still starting."""
        if self.process.is_alive() and time.monotonic() < self._starts_until:
            return True
        return super().is_alive(timeout)

    @property
    def server(self) -> uvicorn.Server:
        """The server of this process."""
        if self._server is None:
            self._server = GracefulServer(self.config, self._drain_s, self._announce)
        return self._server


class Supervisor(Multiprocess):
    """Stops its workers on SIGHUP too, on which uvicorn would restart them.

    Each worker calls `announce` once it accepts connections.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        drain_s: float,
        announce: Callable[[], object],
    ) -> None:
        self.stop_requested = False
        self._announce = announce
        self._drain_s = drain_s
        self._ignores_hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().__init__(config, sockets)
        self._known_pids: set[int | None] = set()

    def init_processes(self) -> None:
        """Start the workers."""
        self.processes = [self._started() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Restart workers that died, and remove the gauges of dead ones."""
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:  # the next one would fail, too
                self.should_exit.set()
                return
            self.processes[place] = self._started()
        running = {process.pid for process in self.processes}
        for pid in self._known_pids - running:
            if pid is not None:
                forget_worker(pid)
        self._known_pids = running

    def terminate_all(self) -> None:
        """Ask the workers to stop. From now on only they have the sockets open."""
        super().terminate_all()
        for listener in self.sockets:
            listener.close()

    def handle_term(self) -> None:
        """Stop."""
        self.stop_requested = True
        super().handle_term()

    def handle_int(self) -> None:
        """Stop."""
        self.handle_term()

    def handle_hup(self) -> None:
        """Stop, unless the process was started to ignore it."""
        if not self._ignores_hangup:
            self.handle_term()

    def _started(self) -> _Worker:
        worker = _Worker(self.config, self.sockets, self._drain_s, self._announce)
        worker.start()
        return worker
