"""Open the files of a data directory without trusting its content.

Root may run Sage on the data of an ordinary user, who can create links, pipes and files of others
in that folder, and exchange them at any moment. So a file is opened relative to its open folder,
never through a link, and checked after it is opened. A new file gets the owner of the folder; an
existing file never changes its owner.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sage.errors import StartupError
from sage.phrases import phrase, with_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PRIVATE_FILE = 0o600
_SHARED = stat.S_IWGRP | stat.S_IWOTH
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """Open a folder for the length of a block.

    Raises StartupError if root would reach it through somebody else's link, OSError.
    """
    folder = os.open(path, _FOLDER)
    try:
        _refuse_foreign_links(path, os.fstat(folder).st_uid)
        yield folder
    finally:
        os.close(folder)


def open_file(path: Path, flags: int) -> int:
    """Open a regular file; with O_CREAT a missing one is created, with the owner of its folder.

    Raises StartupError for what Sage never creates there, such as a link; OSError.
    """
    with open_folder(path.parent) as folder:
        descriptor, made = _open_or_make(path, flags, folder)
        try:
            owner = os.fstat(folder)
            if made and os.geteuid() == 0:
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            _refuse_unsafe(path, os.fstat(descriptor), owner)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


def read_file(path: Path, limit_bytes: int) -> str:
    """Return the text of a file, at most `limit_bytes` of it. Raises as `open_file` does."""
    descriptor = open_file(path, os.O_RDONLY)
    try:
        return os.read(descriptor, limit_bytes).decode("utf-8", errors="replace")
    finally:
        os.close(descriptor)


def remove_file(path: Path) -> None:
    """Remove a file if it exists, or a link rather than its target. Raises OSError."""
    with open_folder(path.parent) as folder:
        try:
            os.unlink(path.name, dir_fd=folder)
        except FileNotFoundError:
            return


def make_folder(path: Path) -> None:
    """Create a folder if it is missing, with the owner of its parent. Raises OSError."""
    with open_folder(path.parent) as parent:
        try:
            os.mkdir(path.name, stat.S_IRWXU, dir_fd=parent)
        except FileExistsError:
            return
        if os.geteuid() == 0:
            owner = os.fstat(parent)
            os.chown(path.name, owner.st_uid, owner.st_gid, dir_fd=parent, follow_symlinks=False)


def owner_of(path: Path) -> os.stat_result:
    """Return the status of a folder. Raises as `open_folder` does."""
    with open_folder(path) as folder:
        return os.fstat(folder)


def _open_or_make(path: Path, flags: int, folder: int) -> tuple[int, bool]:
    """Open an existing file or create it, never both: only a created one may change its owner."""
    while True:
        with suppress(FileNotFoundError):
            if not flags & os.O_EXCL:
                return _open_existing(path, flags & ~os.O_CREAT, folder), False
        try:
            making = flags | _SAFE | (os.O_EXCL if flags & os.O_CREAT else 0)
            return os.open(path.name, making, _PRIVATE_FILE, dir_fd=folder), True
        except FileExistsError:
            if flags & os.O_EXCL:
                raise


def _open_existing(path: Path, flags: int, folder: int) -> int:
    try:
        return os.open(path.name, flags | _SAFE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        mode = os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise _unsafe(path, "{path} is a symbolic link") from error
        if not stat.S_ISREG(mode):
            raise _unsafe(path, "{path} is not a regular file") from error
        raise


def _refuse_foreign_links(path: Path, owner: int) -> None:
    if os.geteuid() != 0:
        return
    for place in (path, *path.parents):
        found = place.lstat()
        if stat.S_ISLNK(found.st_mode) and found.st_uid not in {0, owner}:
            raise StartupError(
                phrase(
                    "{place} is a symbolic link owned by another user (uid {uid}), and "
                    "Sage runs as root",
                    place=place,
                    uid=found.st_uid,
                ),
                hint="pass the directory itself",
            )


def _refuse_unsafe(path: Path, found: os.stat_result, folder: os.stat_result) -> None:
    """Refuse all but a regular file, owned by the owner if others can write to the folder."""
    if not stat.S_ISREG(found.st_mode):
        raise _unsafe(path, "{path} is not a regular file")
    euid = os.geteuid()
    if folder.st_uid == euid and not folder.st_mode & _SHARED:
        return
    if found.st_nlink > 1:
        raise _unsafe(path, "{path} is a hard link")
    if found.st_uid != folder.st_uid and (euid == 0 or found.st_uid != euid):
        raise _unsafe(
            path,
            phrase(
                "{path} belongs to uid {uid} and its directory to uid {directory_uid}",
                uid=found.st_uid,
                directory_uid=folder.st_uid,
            ),
        )


def _unsafe(path: Path, problem: str) -> StartupError:
    return StartupError(
        with_arguments(problem, path=path),
        detail="Sage creates this file itself and does not open another one in its place",
        hint="find out who put it there, remove it and start again",
    )
