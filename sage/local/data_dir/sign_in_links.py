"""Single-use codes that sign in the owner of a data directory to the pages of its Sage.

Whoever may write into the directory is its owner. A code is an empty file there, named by its
digest, which is removed once the code is used.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import time
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import make_folder, open_file, open_folder

if TYPE_CHECKING:
    from pathlib import Path

LIFETIME_S = 120
_FOLDER = "sign-in"


def make_link(data_dir: Path) -> str:
    """Return a new code, and remove expired ones.

    Raises StartupError for a directory with files that Sage never puts there, OSError.
    """
    folder = data_dir / _FOLDER
    make_folder(folder)
    code = secrets.token_urlsafe(32)
    os.close(open_file(folder / _name_of(code), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    with open_folder(folder) as opened:
        for name in os.listdir(opened):  # noqa: PTH208 - of what is open
            if not _is_fresh(name, opened):
                os.unlink(name, dir_fd=opened)
    return code


def take_link(data_dir: Path, code: str) -> bool:
    """Use up a code; return whether it was made in the last two minutes, and not used since."""
    name = _name_of(code)
    try:
        with open_folder(data_dir / _FOLDER) as folder:
            is_fresh = _is_fresh(name, folder)
            os.unlink(name, dir_fd=folder)  # of several who show it, one succeeds
    except OSError:
        return False
    return is_fresh


def _is_fresh(name: str, folder: int) -> bool:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    is_own = stat.S_ISREG(found.st_mode) and found.st_uid == os.fstat(folder).st_uid
    return is_own and 0 <= time.time() - found.st_mtime <= LIFETIME_S


def _name_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
