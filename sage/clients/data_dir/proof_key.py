"""The key by which hooks recognize the Sage of their data directory: a private file.

Hooks import this at an event: it uses only the standard library, and only fast parts of it.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress

KEY_BYTES = 32

_NAME = "proof.key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_proof_key(data_dir: str) -> bytes | None:
    """Return the key; None without one, or if other users could read it."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(os.path.join(data_dir, _NAME), flags)
    except OSError:
        return None
    try:
        return _key_in(descriptor) if os.fstat(descriptor).st_uid == os.geteuid() else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def ensure_proof_key(data_dir: str) -> bytes | None:
    """Return the key, creating one if missing; None if the directory is not writable."""
    from pathlib import Path  # noqa: PLC0415 - the server's part, not that of hooks

    from sage.clients.data_dir.files import open_file  # noqa: PLC0415
    from sage.errors import StartupError  # noqa: PLC0415

    with suppress(OSError, StartupError):
        descriptor = open_file(Path(data_dir) / _NAME, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # other workers start at the same moment
            return _key_in(descriptor) or _new_key(descriptor)
        finally:
            os.close(descriptor)
    return None


def _key_in(file: int) -> bytes | None:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_mode & _OTHERS:
        return None
    try:
        key = bytes.fromhex(os.pread(file, 2 * KEY_BYTES + 1, 0).decode("ascii"))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _new_key(file: int) -> bytes:
    key = os.urandom(KEY_BYTES)
    os.fchmod(file, stat.S_IRUSR | stat.S_IWUSR)
    os.ftruncate(file, 0)
    os.pwrite(file, key.hex().encode(), 0)
    return key
