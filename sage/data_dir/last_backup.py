"""When the newest backup was made: one line in a file of the data directory."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from sage.data_dir.files import open_file, read_file
from sage.errors import StartupError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "last-backup"
_MAX_BYTES = 64


def record_backup(data_dir: Path, at: datetime) -> None:
    """Record that a backup was made and verified `at` an aware time.

    Raises StartupError for what Sage never puts there, OSError.
    """
    descriptor = open_file(data_dir / _NAME, os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(descriptor, at.isoformat().ljust(_MAX_BYTES - 1).encode() + b"\n", 0)
    finally:
        os.close(descriptor)


def read_last_backup(data_dir: Path) -> datetime | None:
    """Return when the newest backup was made; None when there is none, or none that can be read."""
    try:
        at = datetime.fromisoformat(read_file(data_dir / _NAME, _MAX_BYTES).strip())
    except (OSError, StartupError, ValueError):
        return None
    return at if at.tzinfo is not None else None
