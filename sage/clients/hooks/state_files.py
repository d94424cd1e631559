"""The state of hooks: a private folder in the data directory."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import sys
from contextlib import suppress

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP}

NEAR = ("127.", "::1")
"""The prefix of addresses of this machine."""

FOLDER = "hooks"
SERVER = "server.json"
SPACE_TOKENS = "spaces.json"
DEFAULT = "default"
SPOOL = "spool"
ASIDE = "aside"
BEGUN = "begun.json"
DAYS = "days.json"
DROPPED = "dropped.json"
STATUS = "status"
RECALLED = "recalled"
SESSIONS = "sessions"
WARNED = "warned.json"
UNANSWERED = "unanswered.json"
ANSWERS = "answers.json"
POSITIONS = "transcripts.json"
REPOSITORIES = "repositories.json"
LOOK_ALIKES = "look-alikes.json"
LOCK = "worker.lock"


def state_path(data_dir: str, *names: str) -> str:
    """Return the path of a file or folder of the hooks."""
    return os.path.join(data_dir, FOLDER, *names)


def is_elsewhere(data_dir: str) -> bool:
    """Return whether Sage was connected by an address: it is remote, or in a container."""
    return "url" in read_json(state_path(data_dir, SERVER))


def client_words(data_dir: str) -> list[str]:
    """Return the command of the installed single-file client on this machine."""
    copy = os.path.join(data_dir, "sage-client.pyz")
    return [sys.executable, copy if os.path.exists(copy) else os.path.basename(copy)]


def is_own(data_dir: str) -> bool:
    """Return whether the data directory is this user's: root follows no links of another user."""
    try:
        return os.stat(data_dir).st_uid == os.geteuid()
    except OSError:
        return False


def lock(descriptor: int, *, at_once: bool = False) -> None:
    """Lock an open file, or ignore a file system without locks, since ids prevent duplicates.

    Raises BlockingIOError with `at_once` if another process holds the lock, OSError.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if at_once else 0))
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def read_regular(path: str, most_bytes: int) -> bytes | None:
    """Return the beginning of an untrusted file, None if it cannot be read.

    A pipe, a device or a link is not read.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return os.read(file, most_bytes) if stat.S_ISREG(os.fstat(file).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(file)


def read_json(path: str) -> dict[str, Any]:
    """Return the object in a file, an empty one if it is missing or invalid."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: str, value: object) -> None:
    """Write a file for its owner only, completely or not at all. Raises OSError."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    aside = f"{path}.{os.urandom(4).hex()}.new"  # processes of two containers share their ids
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            json.dump(value, file, ensure_ascii=False)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise
