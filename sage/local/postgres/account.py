"""Choose the account that runs PostgreSQL, which refuses to run as root.

An ordinary user runs it under their own account. For root, the owner of the data decides: an
ordinary owner runs it; data owned by root is served from a user namespace in which root has another
number, so that files remain root's and no permissions have to be widened; if namespaces are refused
(as in many containers) an existing unprivileged account runs it. No account is created, and nothing
above the data directory is ever changed.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from sage.clients.data_dir.files import open_folder, owner_of
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
_SPARE_ACCOUNTS = ("postgres", "nobody")
_HINT = (
    "run Sage as an ordinary user, choose a data directory such as /var/lib/sage, "
    "or set DATABASE_URL"
)


class PopenOptions(TypedDict, total=False):
    """Options of subprocess that change the account of a child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs PostgreSQL and owns its files."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    switches: bool = False

    @property
    def popen_options(self) -> PopenOptions:
        """The arguments of subprocess that switch to this account."""
        if not self.switches:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take_tree(self, folder: Path) -> None:
        """Change the owner of root's directory and all its contents to this account, if another.

        Symbolic links are not followed.
        """
        if not self.switches:
            return
        with open_folder(folder) as top:
            os.fchown(top, self.uid, self.gid)
        for _, folders, files, place in os.fwalk(folder):
            for name in (*folders, *files):
                os.chown(name, self.uid, self.gid, dir_fd=place, follow_symlinks=False)


def choose_account(data_dir: Path, pgdata: Path, programs: Path) -> Account:
    """Choose the account that can own `pgdata` and run `programs`.

    Raises StartupError if the data belongs to another user or no account can reach it.
    """
    owner = owner_of(pgdata if pgdata.exists() else data_dir)
    euid = os.geteuid()
    if euid != 0:
        if owner.st_uid != euid:
            raise StartupError(
                phrase(
                    "the database in {directory} belongs to another user (uid {uid})",
                    directory=data_dir,
                    uid=owner.st_uid,
                ),
                hint="run Sage as that user, or choose another data directory",
            )
        return Account(_account_name(euid), euid, os.getegid())
    if owner.st_uid != 0:
        account = Account(_account_name(owner.st_uid), owner.st_uid, owner.st_gid, switches=True)
    elif _namespaces_work():
        account = Account("root", 0, 0, prefix=_NAMESPACE)
    else:
        account = _spare_account()
        _let_enter(data_dir, account.gid)
    for place in (data_dir, programs):
        closed = first_closed_folder(place, account.uid, {account.gid})
        if closed is not None:
            raise StartupError(
                phrase(
                    "PostgreSQL refuses to run as root, and the account {name} cannot "
                    "enter {closed}",
                    name=account.name,
                    closed=closed,
                ),
                detail=phrase("it needs to reach {place}", place=place),
                hint=_HINT,
            )
    return account


def first_closed_folder(path: Path, uid: int, gids: Collection[int]) -> Path | None:
    """Return the topmost ancestor directory of `path` that an account may not enter."""
    for folder in reversed((path, *path.parents)):
        found = folder.stat()
        if found.st_uid == uid:
            needed = stat.S_IXUSR
        elif found.st_gid in gids:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return folder
    return None


def _namespaces_work() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        probe = subprocess.run(  # noqa: S603 - a constant command
            [*_NAMESPACE, "true"], capture_output=True, check=False, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return probe.returncode == 0


def _spare_account() -> Account:
    for name in _SPARE_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switches=True)
    raise StartupError(
        "PostgreSQL refuses to run as root, and there is no other account on this machine",
        hint=_HINT,
    )


def _let_enter(data_dir: Path, gid: int) -> None:
    with open_folder(data_dir) as folder:
        if first_closed_folder(data_dir, -1, {gid}) == data_dir:
            os.fchown(folder, -1, gid)
            os.fchmod(folder, stat.S_IMODE(os.fstat(folder).st_mode) | stat.S_IXGRP)


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"with uid {uid}"
