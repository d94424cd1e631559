"""A client process that saves without end, and what was acknowledged to it."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.architecture.sources import ROOT
from tests.support.faults.writer import FAILED
from tests.support.polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PATIENCE_S = 600.0


class Writer:
    """Saves until it is ended; with `--close`, over a connection for each save."""

    def __init__(self, url: str, directory: Path, *options: str) -> None:
        journal = directory / "journal"
        journal.touch()
        self._journal = journal.open()
        self._rest = ""
        self._acknowledged: list[list[str]] = []
        self._failed: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.faults.writer", url, journal, *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def count(self) -> int:
        """Return how many saves were acknowledged up to now."""
        lines = (self._rest + self._journal.read()).split("\n")
        self._rest = lines.pop()
        for at, session, *rest in map(str.split, lines):
            if session == FAILED:
                self._failed.append(" ".join(rest))
            else:
                self._acknowledged.append([at, session, *rest])
        return len(self._acknowledged)

    def acknowledged_at(self) -> list[float]:
        """Return when each save was acknowledged, by the monotonic clock, in order."""
        self.count()
        return [float(at) for at, *_ in self._acknowledged]

    def failures(self) -> list[str]:
        """Return what came in the place of an acknowledgement, each time."""
        self.count()
        return self._failed

    def wait_for_more(self, count: int) -> None:
        """Wait until at least so many more saves are acknowledged, and a moment longer."""
        goal = self.count() + count + random.randrange(40)
        wait_for(lambda: self.count() >= goal, _PATIENCE_S)

    def end(self) -> dict[str, list[str]]:
        """End it, see that it met only outages, and return the memory ids of each session.

        Only those that were acknowledged, in their order.
        """
        complaints, _ = self._process.communicate(timeout=120)
        assert self._process.returncode == 0
        assert complaints == "", complaints
        self.count()
        return {session: ids for _, session, *ids in self._acknowledged}

    def close(self) -> None:
        """Kill it, if it has not ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        self._journal.close()


@contextmanager
def writing(url: str, directory: Path, *options: str) -> Iterator[Writer]:
    """Save until the block ends or the writer is ended."""
    writer = Writer(url, directory, *options)
    try:
        yield writer
    finally:
        writer.close()


def longest_silence_s(acknowledged_at: Sequence[float], begins: float, ends: float) -> float:
    """Return the longest time without an acknowledgement between two moments, in seconds."""
    times = [begins, *(at for at in sorted(acknowledged_at) if begins < at <= ends)]
    return max((later - earlier for earlier, later in pairwise(times)), default=0.0)
