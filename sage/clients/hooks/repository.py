"""The identity of a Git repository across folders: its first commit, its remote address.

The content of a folder is not trusted. So none of it configures or runs anything: its files are
read, and Git walks its objects from a directory of Sage's own, whose configuration is empty.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import suppress

from sage.clients.hooks.state_files import (
    REPOSITORIES,
    read_json,
    read_regular,
    state_path,
    write_json,
)

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_MAX_FILE_BYTES = 4_000_000
_MAX_ROOTS = 100
_MAX_KEPT = 1_000
_AGAIN_S = 7 * 86_400
"""When a failed search for the first commit is repeated."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"ref: (refs/[\w./-]+)")
_SECTION = re.compile(r'\[remote "([^"\]]*)"\]', re.IGNORECASE)
_URL = re.compile(r"url\s*=\s*(\S.*)", re.IGNORECASE)
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)", re.IGNORECASE)
_LIKE_SCP = re.compile(r"(?:[^/@:]*@)?([^/@:]+):(?!//)(.*)")
_USUAL_PORTS = re.compile(r":(22|80|443|9418)?$")


def identities(data_dir: str, project: str, wait_s: float, *, gives_up: bool = False) -> list[str]:
    """Return digests of the identity of a project's repository; none without a repository.

    The first commit is cached; Git may take at most `wait_s` seconds to find it. With `gives_up`, a
    search that takes longer is not repeated for a week. Raises OSError.
    """
    git_dir = _git_dir(project)
    if not git_dir:
        return []
    first = _first_commit(data_dir, git_dir, wait_s, gives_up=gives_up)
    remote = address_of(_remote(git_dir), project)
    identities = (("first commit", first), ("remote", remote))
    return [
        hashlib.sha256(f"sage repository: {kind}\n{text}".encode("utf-8", "replace")).hexdigest()
        for kind, text in identities
        if text
    ]


def address_of(url: str, folder: str) -> str:
    """Return an address without what differs between clones: user, password, scheme, suffix.

    A path is on this machine; a relative one counts from `folder`.
    """
    if found := _WITH_SCHEME.match(url):
        scheme, authority, path = found.groups()
        host = _USUAL_PORTS.sub("", authority.rpartition("@")[2])
        is_path = scheme.lower() == "file"
    elif not url.startswith(("/", ".")) and (found := _LIKE_SCP.match(url)):
        host, path = found.groups()
        is_path = False
    else:
        host, path, is_path = "", os.path.join(folder, url) if url else "", True
    if is_path:
        return os.path.realpath(path).removesuffix("/.git").removesuffix(".git") if path else ""
    name = path.strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{name}".casefold() if host and name else ""


def _git_dir(project: str) -> str:
    """Return the directory that holds the objects of a project; a bare repository is its own."""
    for folder in (os.path.join(project, ".git"), project):
        if project and os.path.isdir(os.path.join(folder, "objects")):
            return folder
    return ""


def _remote(git_dir: str) -> str:
    """Return the address of `origin`, or of the only remote."""
    found: dict[str, str] = {}
    remote = ""
    for line in _read(os.path.join(git_dir, "config")).splitlines():
        text = line.strip()
        if text.startswith("["):
            section = _SECTION.match(text)
            remote = section[1] if section else ""
        elif remote and (url := _URL.match(text)):
            found.setdefault(remote, url[1].strip().strip('"'))
    return found.get("origin") or (next(iter(found.values())) if len(found) == 1 else "")


def _first_commit(data_dir: str, git_dir: str, wait_s: float, *, gives_up: bool) -> str:
    path, key = state_path(data_dir, REPOSITORIES), _mark(git_dir)
    match read_json(path).get(key):
        case [str(commit), float(at)] if commit or time.time() - at < _AGAIN_S:
            return commit
    head = _head(git_dir)
    if not head:
        return ""
    commit = _oldest_root(data_dir, git_dir, head, wait_s)
    if commit or gives_up:
        kept: dict[str, Any] = dict([*read_json(path).items()][-_MAX_KEPT:])
        write_json(path, kept | {key: [commit, time.time()]})
    return commit


def _mark(git_dir: str) -> str:
    """Return a mark of a repository that survives moving it and differs for a new one."""
    own = os.stat(git_dir)
    made = 0
    with suppress(OSError):
        made = os.stat(os.path.join(git_dir, "description")).st_mtime_ns
    return f"{own.st_dev}:{own.st_ino}:{made}"


def _head(git_dir: str) -> str:
    """Return the commit that is checked out, empty without one."""
    reference = _read(os.path.join(git_dir, "HEAD")).strip()
    if named := _REF.fullmatch(reference):
        ref = named[1]
        if ".." in ref:
            return ""
        reference = _read(os.path.join(git_dir, *ref.split("/"))).strip()
        if not reference:
            packed = _read(os.path.join(git_dir, "packed-refs")).splitlines()
            reference = next((line[:40] for line in packed if line[41:] == ref), "")
    return reference if _COMMIT.fullmatch(reference) else ""


def _oldest_root(data_dir: str, git_dir: str, head: str, wait_s: float) -> str:
    """Return the oldest root commit as found by Git; empty if that fails or times out."""
    import subprocess  # noqa: PLC0415 - slow to import, and needed once for a repository

    git, own = _git(), state_path(data_dir, "git")
    if not git:
        return ""
    for folder in ("objects", "refs"):
        os.makedirs(os.path.join(own, folder), mode=0o700, exist_ok=True)
    with open(os.path.join(own, "HEAD"), "w", encoding="ascii") as file:
        file.write("ref: refs/heads/none\n")
    command = [git, f"--git-dir={own}", "rev-list", "--max-parents=0", f"--max-count={_MAX_ROOTS}"]
    environment = {
        "GIT_OBJECT_DIRECTORY": os.path.join(os.path.realpath(git_dir), "objects"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(  # noqa: S603 - Git, on objects alone
            [*command, head],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=own,
            env=environment,
            timeout=wait_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    roots = done.stdout.decode("ascii", "replace").split()
    return roots[-1] if done.returncode == 0 and roots and _COMMIT.fullmatch(roots[-1]) else ""


def _git() -> str:
    """Return the path of Git, ignoring relative entries of the PATH."""
    for folder in os.get_exec_path():
        path = os.path.join(folder, "git")
        if os.path.isabs(folder) and os.access(path, os.X_OK):
            return path
    return ""


def _read(path: str) -> str:
    return os.fsdecode(read_regular(path, _MAX_FILE_BYTES) or b"")
