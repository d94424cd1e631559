"""Keep what the embedded server says in one file of bounded size."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT_BYTES = 4_000_000
_TAIL_BYTES = 4_000
_TAIL_LINES = 12


class ServerLog:
    """The server's log; what grew too large is kept once more under `.1` and then dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began_at = 0

    def open(self) -> int:
        """Return a descriptor to append to, and remember where this run begins."""
        self.keep_small()
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        owner = self._path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(fd, owner.st_uid, owner.st_gid)
        self._began_at = os.fstat(fd).st_size
        return fd

    def tail(self) -> str:
        """Return the last lines of this run."""
        with suppress(OSError), self._path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._began_at, size - _TAIL_BYTES))
            lines = log.read().decode("utf-8", errors="replace").splitlines()
            return "\n".join(lines[-_TAIL_LINES:])
        return ""

    def keep_small(self) -> None:
        """Move the content aside when there is too much; works while the server writes."""
        with suppress(OSError):
            if self._path.stat().st_size > _LIMIT_BYTES:
                self._path.with_name(f"{self._path.name}.1").write_bytes(self._path.read_bytes())
                os.truncate(self._path, 0)
