"""Ask the running Sage over HTTP, within a deadline, with sockets alone."""

from __future__ import annotations

import json
import socket
import time

from sage.hooks.places import SERVER, SPACE_TOKENS, place, read_json

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_CONNECT_S = 0.1
_MAX_ANSWER_BYTES = 1_000_000
_OK = 200
_NO_TOKEN = 401
_PROBLEM = "urn:sage:problem:"


class ServerError(OSError):
    """Sage did not answer, or refused; `status` is the HTTP status, 0 without an answer of Sage."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(0, message)
        self.status = status


def post(data_dir: str, path: str, body: object, deadline_s: float, space: str) -> dict[str, Any]:
    """Send JSON and return the answer. Raises ServerError.

    Sage knows a space by the token that was recorded for it; empty is that of the server's token.
    """
    server = read_json(place(data_dir, SERVER))
    host, port = server.get("host"), server.get("port")
    if not isinstance(host, str) or not isinstance(port, int):
        raise ServerError("it is not known where Sage runs; start it once more")
    end = time.monotonic() + deadline_s
    request = _request(
        host,
        port,
        path,
        _token_of(data_dir, space) if space else server.get("token"),
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
    )
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_S) as connection:
            connection.settimeout(max(0.001, end - time.monotonic()))
            connection.sendall(request)
            status, answer = _answer(connection, end)
    except TimeoutError:
        raise ServerError("Sage did not answer in time") from None
    except OSError:
        raise ServerError("Sage is not running") from None
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    if status != _OK:
        if not _is_problem(told, status):
            raise ServerError(f"something else answers where Sage should (HTTP {status})")
        raise ServerError(f"Sage refused it (HTTP {status})", status)
    if not isinstance(told, dict):
        raise ServerError("the answer is not Sage's")
    return told


def _is_problem(told: object, status: int) -> bool:
    """Return whether Sage itself refused: on its port, anything may answer while it is stopped."""
    if not isinstance(told, dict) or told.get("status") != status:
        return False
    return str(told.get("type")).startswith(_PROBLEM)


def _token_of(data_dir: str, space: str) -> object:
    token = read_json(place(data_dir, SPACE_TOKENS)).get(space)
    if not token:
        told = f"there is no token for the space {space}; connect the client again"
        raise ServerError(told, _NO_TOKEN)
    return token


def _request(host: str, port: int, path: str, token: object, body: bytes) -> bytes:
    name = f"[{host}]" if ":" in host else host
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: {name}:{port}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _answer(connection: socket.socket, end: float) -> tuple[int, bytes]:
    raw = b""
    while len(raw) < _MAX_ANSWER_BYTES:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        block = connection.recv(65_536)
        if not block:
            break
        raw += block
    head, _, answer = raw.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004 - "HTTP/1.1 200 ..."
        raise ServerError("the answer is not Sage's")
    return int(words[1]), answer
