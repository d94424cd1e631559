"""Where the tests keep what lasts as long as they do."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 6 * 2**30


def keep_temporary_files_in_memory() -> None:
    """Make files in memory where there is room, unless TMPDIR names a place.

    A disk may take ten times as long for a database that is made and dropped: ext4 without a
    journal passes over each inode that was freed in the last minutes, one by one.
    """
    if "TMPDIR" in os.environ or not _is_roomy():
        return
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None  # pytest has asked for it before


def _is_roomy() -> bool:
    try:
        there = os.statvfs(_MEMORY)
        free = Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]
    except (OSError, IndexError):
        return False
    runs = not there.f_flag & os.ST_NOEXEC and os.access(_MEMORY, os.W_OK)
    return runs and min(there.f_bavail * there.f_frsize, int(free) * 1024) >= _ROOM_BYTES
