"""What the tests of the embedded Postgres share: its processes, and other owners."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from sage.local.postgres.binaries import clean_environment
from sage.local.postgres.postmaster import read_postmaster
from tests.architecture.sources import ROOT
from tests.support.polling import DEADLINE_S, wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWNER = Path(__file__).with_name("embedded_owner.py")
PYTHONPATH = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def pid_of(data_dir: Path) -> int:
    """Give the process number of the server."""
    postmaster = read_postmaster(data_dir / "postgres")
    assert postmaster is not None
    return postmaster.pid


def is_running(data_dir: Path) -> bool:
    postmaster = read_postmaster(data_dir / "postgres")
    return postmaster is not None and postmaster.is_alive


def is_over(process: psutil.Process) -> bool:
    """Say whether a process has ended, reaped or not."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def kill_server(data_dir: Path, *, with_children: bool) -> None:
    """Kill -9 the server and wait until it is dead."""
    server = psutil.Process(pid_of(data_dir))
    doomed = [server, *(server.children() if with_children else [])]
    for process in doomed:
        with suppress(psutil.NoSuchProcess):  # a child that followed its server by itself
            process.kill()
    wait_for(lambda: not is_running(data_dir))


class Owner:
    """Another process that uses the embedded Postgres of a data directory."""

    def __init__(
        self,
        data_dir: Path,
        *,
        python: Sequence[str] = (sys.executable,),
        environment: Mapping[str, str] | None = None,
        uid: int | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [*python, OWNER, data_dir],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**clean_environment(), "PYTHONPATH": PYTHONPATH, **(environment or {})},
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )

    def send(self, verb: str) -> None:
        """Tell it what to do, without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{verb}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """Wait for what it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def do(self, verb: str) -> str:
        """Tell it what to do and wait for what it says."""
        self.send(verb)
        return self.answer()

    def kill(self) -> None:
        """Kill -9 it."""
        self._process.kill()
        self.leave()

    def leave(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=DEADLINE_S)
