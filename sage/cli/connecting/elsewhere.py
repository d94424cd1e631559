"""`sage connect --url`: connect AI clients to a Sage elsewhere, with the client of one file."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sage.clients.archive import packed_here
from sage.clients.command.installed_copy import install
from sage.clients.command.paths import FILE, token_file
from sage.clients.command.server import address_of
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

_ONLY_ELSEWHERE = ("token_file", "ca", "proxy")
_ONLY_HERE = ("space", "transport", "scope", "SAGE_DATA_DIR", "env_file")


def is_elsewhere(args: Namespace) -> bool:
    """Report whether the options name a Sage elsewhere.

    Raises InvalidInputError for options that do not fit.
    """
    url = args.url is not None
    for name in _ONLY_HERE if url else _ONLY_ELSEWHERE:
        if getattr(args, name) is not None:
            option = "--data-dir" if name == "SAGE_DATA_DIR" else f"--{name.replace('_', '-')}"
            if url:
                raise InvalidInputError(
                    option, "{field} cannot be combined with --url", hint="omit it"
                )
            raise InvalidInputError(
                option, "{field} requires --url", hint="add the address of Sage with --url"
            )
    return url


def connect_elsewhere(args: Namespace) -> int:
    """Run `connect` of the client of one file; return its exit code.

    Raises InvalidInputError for an address that cannot be one, before anything is written; OSError.
    """
    address_of(args.url, args.ca, token_file())
    with _client_file(is_kept=args.client is None) as file:
        command = [sys.executable, "-I", str(file), "connect", *_words(args)]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


@contextmanager
def _client_file(*, is_kept: bool) -> Iterator[Path]:
    """Provide the client as a file: where connecting installs it, or for the block only.

    Without a client of its own to connect, it prints commands that call this file.
    """
    if is_kept:
        yield install(packed_here())
        return
    with TemporaryDirectory(prefix="sage-client-") as folder:
        file = Path(folder) / FILE
        file.write_bytes(packed_here())
        yield file


def _words(args: Namespace) -> Iterator[str]:
    """Yield the words of the command line that stand for the same options."""
    if args.client:
        yield args.client
    for name in ("url", *_ONLY_ELSEWHERE):
        if (value := getattr(args, name)) is not None:
            yield f"--{name.replace('_', '-')}={value}"
    for name in ("write", "remove", "yes"):
        if getattr(args, name):
            yield f"--{name}"
    if args.importing is not None:
        yield "--import" if args.importing else "--no-import"
    if args.hooks:
        yield "--hooks=edits" if args.edits else "--hooks"
