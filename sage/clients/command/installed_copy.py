"""The installed copy of the client, which hooks call, wherever the original file was run."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.archive import compiled, packed
from sage.clients.command.paths import FILE, NAME, data_dir, program, token_file
from sage.clients.command.server import keep_token, made_folders, reset_backoff
from sage.clients.hooks import pausing
from sage.clients.hooks.launcher import record_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT_OF_HOOKS = ("hooks", "client-backups", "clients.json")
_NEVER_IN_THE_WAY = '"$0" "$@" 2>/dev/null; exit 0'
"""Ignores a failure of the command that follows: clients treat one, such as of a Python without its
file, as a refusal of the prompt."""


def archive_that_runs() -> bytes:
    """Return the running archive, or one of the running sources.

    Raises OSError.
    """
    file = Path(program())
    return file.read_bytes() if file.is_file() else packed(file)


def archive_of_hooks() -> bytes:
    """Return the installed copy, or the running archive without one. Raises OSError."""
    copy = data_dir() / FILE
    return copy.read_bytes() if copy.is_file() else archive_that_runs()


def install(archive: bytes) -> Path:
    """Write the copy, compiled for this Python, and return its path. Raises OSError."""
    copy = data_dir() / FILE
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = copy.with_name(f"{FILE}.{os.getpid()}.new")
    aside.write_bytes(compiled(archive))
    aside.chmod(0o600)
    aside.replace(copy)
    return copy


def install_copy(address: Mapping[str, object], token: str, took_s: float) -> Path:
    """Store the copy, the token, and the address of the server; return the copy. Raises OSError.

    `took_s` is how many seconds the server took to answer.
    """
    made = {"made_folders": [*missing_folders(), *made_folders(data_dir())]}
    copy = install(archive_that_runs())
    keep_token(token, token_file())
    record_server(data_dir(), {**address, **made})
    reset_backoff(data_dir(), took_s)
    return copy


def hook_words() -> tuple[str, ...]:
    """Return the command that hooks call: a Python and the copy; empty if one of them is missing.

    A session still calls its hooks after they were removed.
    """
    copy = str(data_dir() / FILE)
    return ("/bin/sh", "-c", _NEVER_IN_THE_WAY, python(), "-I", "-S", copy, "hook")


def called_anywhere() -> str:
    """Return the command from any directory: the installed copy, or the running file without one.

    It is quoted for a shell.
    """
    copy, called = data_dir() / FILE, Path(sys.argv[0] or FILE)
    if called.name == NAME and not copy.is_file():
        return NAME
    return shlex.join([python(), str(copy if copy.is_file() else called.absolute())])


def python() -> str:
    """Return the running Python.

    In a virtual environment, which may be temporary, it is the Python that created it.
    """
    is_virtual = sys.prefix != sys.base_prefix
    return (
        str(getattr(sys, "_base_executable", "") or sys.executable)
        if is_virtual
        else sys.executable
    )


def missing_folders() -> list[str]:
    """Return the folders to create for stored files, the innermost first."""
    kept = (data_dir(), token_file().parent)
    return [str(one) for path in kept for one in path.parents if not one.exists()]


def remove_all() -> str:
    """Remove the copy, the token, all files next to them, and folders created for them if empty.

    The times of pauses remain, for later imports. Return the file with these, empty without any.
    Raises OSError.
    """
    folder, token = data_dir(), token_file()
    known, left = pausing.pauses(str(folder)), ""
    made = made_folders(folder)
    for name in _KEPT_OF_HOOKS:
        shutil.rmtree(folder / name) if (folder / name).is_dir() else _remove(folder / name)
    for path in (*_copies(folder), token):
        _remove(path)
    if known:
        left = pausing.keep(str(folder), known)
    for one in (folder, token.parent):
        if one.is_dir() and not any(one.iterdir()):
            one.rmdir()
    for one in map(Path, made):
        with suppress(OSError):  # others keep something there
            one.rmdir()
    return left


def _copies(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"{FILE}*")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
