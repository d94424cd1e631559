"""The processor time of other processes on this machine."""

from __future__ import annotations

from pathlib import Path

from sage.errors import SageError

_PROCESSES = Path("/proc")


def nanoseconds_of(pid: int) -> int:
    """Return the processor time of a process, in nanoseconds. Raises SageError if not on Linux."""
    try:
        threads = [*(_PROCESSES / str(pid) / "task").iterdir()]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    except (OSError, ValueError) as error:
        raise SageError(
            "the processor time of the server cannot be read",
            hint="measure on Linux, with a server on this machine",
        ) from error
