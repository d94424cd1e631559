"""`sage serve` by fork of a process that has imported it, so that no start pays for that again."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tests.architecture.sources import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VERB_S = 110.0
_PROGRAM = Path(__file__).with_name("imported_sage.py")


class _Parent:
    """The process that forks; one for each process of the tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, _PROGRAM],
                stdin=theirs,
                cwd="/",
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(INSTALLED)},
            )
        atexit.register(self._end)

    def ask(self, question: Mapping[str, object], files: Sequence[int] = ()) -> int:
        """Return the number that answers a request."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(question).encode()], files)
            return int(self._socket.recv(64))

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


_parent = functools.cache(_Parent)


class Forked:
    """A process of Sage, to be used as one of subprocess.Popen; input, output, errors are files."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        streams: Sequence[IO[bytes]],
    ) -> None:
        request = {"arguments": [*arguments], "cwd": str(cwd), "environment": {**env}}
        self.pid = _parent().ask(request, [stream.fileno() for stream in streams])
        self.returncode: int | None = None
        self._end = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit code. Raises subprocess.TimeoutExpired."""
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["sage"], timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9 it."""
        self.send_signal(signal.SIGKILL)

    def _wait(self, timeout: float | None) -> int | None:
        if self.returncode is None and _is_readable(self._end, timeout):
            os.close(self._end)
            self.returncode = _parent().ask({"ended": self.pid})
        return self.returncode


def _is_readable(file: int, within_s: float | None) -> bool:
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    return bool(waiting.poll(None if within_s is None else within_s * 1_000))


Process = Forked | subprocess.Popen[bytes]


def start_sage(  # noqa: PLR0913 - as many as Popen is given
    arguments: Sequence[str],
    *,
    prefix: Sequence[str] = (),
    cwd: Path,
    env: Mapping[str, str],
    output: IO[bytes],
    errors: IO[bytes] | None = None,
) -> Process:
    """Start a command line of Sage whose output and errors go to a file, or to one each.

    It is a fork where the system can wait for one, and where neither another command nor what the
    loader of programs and Python read when they start is to have a part in it.
    """
    at_start = {name: value for name, value in env.items() if name.startswith(("LD_", "PYTHON"))}
    if hasattr(os, "pidfd_open") and not prefix and at_start == {"PYTHONPATH": str(INSTALLED)}:
        with Path(os.devnull).open("rb") as nothing:
            return Forked(arguments, cwd=cwd, env=env, streams=(nothing, output, errors or output))
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "sage", *arguments],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors or output,
    )


class Verb:
    """A command line of Sage that ends by itself, started by fork as `start_sage` does."""

    def __init__(self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self._said = (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115 - until its end
        output, errors = self._said
        self.process = start_sage(arguments, cwd=cwd, env=env, output=output, errors=errors)

    def finish(self, within_s: float) -> tuple[int, str, str]:
        """Wait for its end; return its exit code, its output and its errors.

        Raises subprocess.TimeoutExpired.
        """
        output, errors = self._said
        with output, errors:
            code = self.process.wait(within_s)
            said = []
            for file in (output, errors):
                file.seek(0)
                said.append(file.read().decode())
        return code, said[0], said[1]


def run_verb(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command line of Sage to its end, by fork; return what came of it."""
    return subprocess.CompletedProcess(
        arguments, *Verb(arguments, cwd=cwd, env=env).finish(_VERB_S)
    )
