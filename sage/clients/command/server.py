"""The server of the single-file client: its address, its token, and whether it answers.

It may be reached through a proxy: the given one, or that of the environment of `connect`, which is
recorded, since clients start hooks with other environments.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
import time
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from sage.clients.command.paths import NAME
from sage.clients.connect.server import MCP_PATH, TOKEN_VARIABLE
from sage.clients.homes import value_of
from sage.clients.hooks.launcher import record_server
from sage.clients.hooks.server import backoff
from sage.clients.hooks.server.errors import ServerError, UnprovenError, UntrustedError
from sage.clients.hooks.server.http_client import post
from sage.clients.hooks.state_files import SERVER, read_json, state_path
from sage.errors import InvalidInputError, StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_PATIENCE_S = 10.0
_CAPTURE = "/api/v1/hooks/capture"
_EMPTY = 422
"""The status for a permitted capture without messages."""
_ANOTHER = phrase(
    "request a new one, created with `sage token create --machine NAME`, and pass it "
    "with `connect --token-file FILE`"
)
_WHY = {
    401: (phrase("the server does not accept the token"), _ANOTHER),
    403: (
        phrase("the token is not valid for hooks"),
        phrase("request one, created with `sage token create --machine NAME`"),
    ),
}
NOT_PROVED = (
    "check the address, and that Sage runs there; if the token is wrong or was "
    "revoked, request a new one, created with `sage token create --machine NAME`, and "
    "pass it with `connect --token-file FILE`"
)

NONE = "none"

_PORT = 80
_FORM = "pass one, such as --proxy http://proxy.example.org:3128, or use none: --proxy none"


def address_of(url: str, ca: str | None, token_file: Path) -> dict[str, object]:
    """Return the address of the Sage at a URL, as hooks read it. Raises InvalidInputError.

    The URL of its MCP endpoint is also accepted. `ca` is a file of trusted CA certificates.
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if parts.scheme not in _PORTS or not host or parts.username or parts.query or parts.fragment:
        raise InvalidInputError(
            "--url",
            "{field} is not the address of a Sage server",
            hint=(
                "pass one such as https://memory.example.org, without user and password"
                if "//" in url
                else phrase("begin it with http:// or https://, as in http://{url}", url=url)
            ),
        )
    if ca is not None and not Path(ca).is_file():
        raise InvalidInputError(
            "--ca",
            phrase("{field}: file {ca} does not exist", ca=ca),
            hint="pass a file in PEM format",
        )
    path = parts.path.rstrip("/").removesuffix(MCP_PATH).rstrip("/")
    return {
        "url": f"{parts.scheme}://{parts.netloc}{path}",
        "host": host,
        "port": port or _PORTS[parts.scheme],
        "path": path,
        "tls": parts.scheme == "https",
        "ca": "" if ca is None else str(Path(ca).absolute()),
        "token_file": str(token_file),
    }


def recorded_address(data_dir: Path) -> dict[str, object]:
    """Return the address of the connected Sage, empty without one."""
    return read_json(state_path(str(data_dir), SERVER))


def made_folders(data_dir: Path) -> list[str]:
    """Return the folders that were created for stored files, the innermost first."""
    made = recorded_address(data_dir).get("made_folders")
    return [*map(str, made)] if isinstance(made, list) else []


def known_token(named: str | None, kept: Path) -> str:
    """Return the token from a given file, from the environment, or the stored one.

    Empty without one. Raises InvalidInputError.
    """
    if named is not None:
        if not (token := _token_in(Path(named))):
            raise _no_token()
        return token
    return value_of(TOKEN_VARIABLE).strip() or (_token_in(kept) if kept.exists() else "")


def require_token(known: str) -> str:
    """Return the known token, or ask for it. Raises InvalidInputError."""
    token = known
    if not token and sys.stdin.isatty():
        token = getpass.getpass(phrase("token of this machine (it is not shown): ")).strip()
    if not token:
        raise InvalidInputError(
            "--token-file",
            "{field} is missing: Sage requires a token from every machine",
            hint="the administrator of Sage creates one with `sage token create --machine NAME`",
        )
    if not _TOKEN.fullmatch(token):
        raise _no_token()
    return token


def keep_token(token: str, file: Path) -> None:
    """Write the token to a file that only its owner can read. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as written:
        written.write(f"{token}\n")
    aside.replace(file)


def reset_backoff(data_dir: Path, took_s: float) -> None:
    """Record for hooks that the server answers now, resetting earlier failures."""
    backoff.record_answer(str(data_dir))
    backoff.record_time(str(data_dir), took_s)


def require_answer(address: Mapping[str, object], token: str) -> float:
    """Query the server as a hook would, and return how many seconds it took. Raises StartupError.

    Without TLS, only the request for a proof is sent before that is answered.
    """
    with TemporaryDirectory(prefix="sage-client-") as folder:
        keep_token(token, kept := Path(folder) / "token")
        record_server(Path(folder), {**address, "token_file": str(kept)})
        return seconds_to_answer(Path(folder), str(address["url"]))


def seconds_to_answer(data_dir: Path, url: str) -> float:
    """Return how many seconds the recorded server takes to answer a hook. Raises StartupError."""
    began = time.monotonic()
    try:
        post(str(data_dir), _CAPTURE, {"client": NAME, "memories": []}, _PATIENCE_S, "")
    except ServerError as error:
        if error.status != _EMPTY:
            why, hint = _WHY.get(error.status, (error.strerror or "", ""))
            if isinstance(error, UnprovenError):
                hint = NOT_PROVED
            hint = hint or hint_for(error)
            raise StartupError(phrase("{url}: {why}", url=url, why=why), hint=hint) from None
    return time.monotonic() - began


def hint_for(error: ServerError | None) -> str:
    """Return the hint for an error without a response of Sage, or without a hint."""
    if isinstance(error, UntrustedError):
        return "pass the CA certificate that signed it (PEM): --ca FILE"
    return "check the address, and that Sage runs there"


def _token_in(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InvalidInputError(
            "--token-file",
            phrase("{field}: {file} cannot be read: {reason}", file=file, reason=error.strerror),
            hint="pass another file",
        ) from error
    except UnicodeDecodeError:
        raise _no_token() from None


def _no_token() -> InvalidInputError:
    return InvalidInputError(
        "--token-file",
        "{field} contains no token",
        hint="the file must contain only the token, as printed",
    )


def proxy_for(
    address: Mapping[str, object], named: str | None, recorded: Mapping[str, object]
) -> dict[str, object] | None:
    """Return the proxy that hooks use for an address, None without one.

    It is `named`, else that of the environment, else the one recorded for the same address. Raises
    InvalidInputError.
    """
    if named is not None:
        return None if named == NONE else _read("--proxy", named, address)
    if not address["tls"]:
        return None
    found = getproxies_environment()
    if "https" in found:
        host = f"{address['host']}:{address['port']}"
        return None if proxy_bypass(host) else _read("HTTPS_PROXY", found["https"], address)
    known = recorded.get("proxy") if recorded.get("url") == address["url"] else None
    return known if isinstance(known, dict) else None


def proxy_name(proxy: object) -> str:
    """Return the name of a recorded proxy, without user and password; empty without one."""
    return f"{proxy['host']}:{proxy['port']}" if isinstance(proxy, dict) else ""


def _read(field: str, proxy: str, address: Mapping[str, object]) -> dict[str, object]:
    parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if parts.scheme != "http" or not host:  # what it says may hold a password
        raise InvalidInputError(field, "{field} is not the address of an HTTP proxy", hint=_FORM)
    if not address["tls"]:
        raise InvalidInputError(
            field,
            "{field} only applies to https:// addresses: without TLS, the server "
            "proves its identity on a direct connection",
            hint="use the https:// address of Sage, or omit --proxy",
        )
    known: dict[str, object] = {"host": host, "port": port}
    if parts.username is not None:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        known["authorization"] = f"Basic {b64encode(who.encode()).decode()}"
    return known
