"""The processor time of other processes on this machine."""

from __future__ import annotations

from pathlib import Path

from sage.errors import SageError

_PROCESSES = Path("/proc")


def nanoseconds_of(pid: int) -> int:
    """Return the processor time of the threads of a process, in nanoseconds.

    Raises SageError if the process does not exist, or not on Linux.
    """
    try:
        threads = [*(_PROCESSES / str(pid) / "task").iterdir()]
        return sum(map(_nanoseconds_of_thread, threads))
    except (OSError, ValueError) as error:
        raise SageError(
            "the processor time of the server cannot be read",
            hint="measure on Linux, with a server on this machine",
        ) from error


def _nanoseconds_of_thread(thread: Path) -> int:
    """Return the processor time of a thread, 0 if it has just ended."""
    try:
        return int((thread / "schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
