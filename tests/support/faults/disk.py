"""A disk that gets full under the embedded Postgres of a Sage, and has room again."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.local.postgres import EmbeddedPostgres
from tests.support.faults.client import writing
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.faults.verdict import Verdict, judge
from tests.support.polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAVES = 40
_BLOCK = bytes(65_536)


@dataclass(frozen=True, slots=True)
class FullDisk:
    """What Sage said of the full disk, and how long it took to save again when there was room."""

    trials: int
    reason: str
    recovery_s: float
    verdict: Verdict


@contextmanager
def small_disk(directory: Path, mebibytes: int = 300) -> Iterator[bool]:
    """Mount a small file system on a folder; say whether this user may."""
    directory.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(directory)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        _unmount(directory)


def _unmount(directory: Path) -> None:
    """Unmount once no file is open there: what a hook has started may still be ending."""
    unmount = ["umount", str(directory)]
    wait_for(lambda: subprocess.run(unmount, check=False, capture_output=True).returncode == 0)


def fill_disk(directory: Path, *, trials: int) -> FullDisk:
    """Fill the file system of Sage's data directory while a client saves, and make room again.

    `directory` holds the folder `data`, on a small file system.
    """
    data, filler = directory / "data", directory / "data" / "filler"
    recovery_s, reason = 0.0, ""
    with (
        running_sage(directory, **NO_PROVIDER) as sage,
        writing(sage.url, directory) as writer,
    ):
        for _ in range(trials):
            writer.wait_for_more(_SAVES)
            fill(filler)
            wait_for(lambda: not sage.is_ready())
            reason = sage.reason()
            filler.unlink()
            began = time.monotonic()
            writer.wait_for_more(1)
            wait_for(sage.is_ready)
            recovery_s = max(recovery_s, time.monotonic() - began)
        acknowledged = writer.end()
        sage.stop()
    server = EmbeddedPostgres(data)
    try:
        return FullDisk(trials, reason, recovery_s, judge(acknowledged, server.start()))
    finally:
        server.stop()


def fill(file: Path) -> None:
    """Write to a file until there is no room."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(descriptor, _BLOCK):
            pass
    os.close(descriptor)
