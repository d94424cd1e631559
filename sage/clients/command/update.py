"""`sage-client.pyz update`: replace the installed copy by the client that the server offers."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING

from sage.clients.archive import digest_of, version_of
from sage.clients.command.installed_copy import archive_of_hooks, install
from sage.clients.command.output import say
from sage.clients.command.paths import FILE, data_dir
from sage.clients.command.server import recorded_address
from sage.clients.hooks.server.errors import ServerError
from sage.clients.hooks.server.http_client import fetch
from sage.errors import StartupError
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from argparse import Namespace

_PATH = f"/client/{FILE}"
_PATIENCE_S = 30.0
_DIGEST_CHARS = 64


def update(args: Namespace) -> int:
    """Show the client of the server, and install it if requested; return the exit code."""
    address = recorded_address(data_dir())
    if not address:
        raise StartupError("no client is connected", hint="connect one: connect CLIENT --url URL")
    archive = _fetched(_PATH)
    try:
        version, digest = version_of(archive), digest_of(archive)
    except (zipfile.BadZipFile, ValueError) as error:
        raise StartupError(
            phrase(
                "{url} does not provide a valid client: {reason}",
                url=address["url"],
                reason=error,
            ),
            hint="check the address",
        ) from None
    own = archive_of_hooks()
    if digest == digest_of(own):
        say(
            phrase(
                "{file} is up to date with {url} ({version})",
                file=FILE,
                url=address["url"],
                version=version,
            )
        )
        return 0
    say(
        phrase(
            "{url} provides {file} {version}; {own_version} is installed",
            url=address["url"],
            file=FILE,
            version=version,
            own_version=version_of(own),
        )
    )
    sys.stdout.write(f"sha256 {digest}\n")
    if not args.yes and not _is_wanted():
        message = phrase("nothing was changed; pass --yes to update without confirmation")
        sys.stderr.write(f"{said(message)}\n")
        return 1
    say(phrase("hooks call {launcher} from now on", launcher=install(archive)))
    return 0


def is_of_server() -> bool:
    """Return whether the server offers the client that hooks call. Raises StartupError."""
    digest = _fetched(f"{_PATH}.sha256")[:_DIGEST_CHARS]
    return digest.decode("ascii", "replace") == digest_of(archive_of_hooks())


def _is_wanted() -> bool:
    if not sys.stdin.isatty():
        return False
    sys.stdout.write(said(phrase("update? [y/N] ")))
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _fetched(path: str) -> bytes:
    try:
        return fetch(str(data_dir()), path, _PATIENCE_S)
    except ServerError as error:
        raise StartupError(
            phrase("the client cannot be fetched: {reason}", reason=error.strerror),
            hint="run `status` to see why",
        ) from None
