"""Call the running Sage within a deadline, with plain sockets: its Unix socket, or HTTP.

Over HTTP another program may listen while Sage is stopped. So neither a token nor a message is sent
before the server has proved on the same connection that it is this user's Sage. With TLS, its
certificate proves that.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import contextmanager, suppress

from sage.clients.data_dir.proof_key import read_proof_key
from sage.clients.data_dir.server_socket import connect_to_server
from sage.clients.hooks.server.errors import (
    OlderError,
    RefusedError,
    RevokedError,
    ServerError,
    UnansweredError,
    UnprovenError,
    UnreachableError,
)
from sage.clients.hooks.state_files import (
    DEFAULT,
    NEAR,
    SERVER,
    SPACE_TOKENS,
    read_json,
    state_path,
)
from sage.phrases import as_phrase, phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeGuard

_CONNECT_S = 0.1
_MAX_ANSWER_BYTES = 1_000_000
_MAX_LENGTH_DIGITS = 7
_STATUS_DIGITS = 3
_OK = 200
_NO_TOKEN = 401
_NO_ROUTE = 404
_NO_SUCH_ROUTE = {_NO_TOKEN, _NO_ROUTE}
_OTHER_ADDRESS = 421
_PROBLEM = "urn:sage:problem:"
_OF_NO_ROUTE = f"{_PROBLEM}no-route"
_NOT_VALID = "the token of this machine is no longer valid"
_OLDER = "the server is older than this client"
_NOBODY_BEHIND = {502, 503, 504}
_NOT_RUNNING = "Sage is not running"
_USUAL_PORTS = {80, 443}
_JSON, _LINES = "application/json", "application/x-ndjson"
_REFUSED_EARLY = (BrokenPipeError, ConnectionResetError)


def post(
    data_dir: str, path: str, body: dict[str, Any], deadline_s: float, space: str
) -> dict[str, Any]:
    """Send JSON and return the response. Raises ServerError, UnansweredError at the deadline.

    Spaces other than the default one are identified by the token recorded for them.
    """
    end = time.monotonic() + deadline_s
    with _way_to_sage(data_dir, space, end) as way:
        sent = json.dumps({**body, **way.extra_fields}, ensure_ascii=False)
        status, answer = way.ask("POST", path, sent.encode("utf-8", "replace"), _JSON)
    parsed = _parsed(answer)
    if status != _OK:
        if not _is_problem(parsed, status):
            if way.is_elsewhere and status in _NOBODY_BEHIND:
                problem = phrase(
                    "a proxy responded, but no Sage behind it (HTTP {status})", status=status
                )
                raise UnreachableError(problem, f"HTTP {status}")
            raise _other_program(status)
        if way.is_elsewhere and status == _NO_TOKEN:
            raise RevokedError(_NOT_VALID, status)
        if way.is_elsewhere and parsed["type"] == _OF_NO_ROUTE:
            raise OlderError(_OLDER, status)
        refused = phrase("Sage rejected it (HTTP {status})", status=status)
        raise RefusedError(refused, status, str(parsed.get("detail")))
    if not isinstance(parsed, dict):
        raise ServerError("the answer is not Sage's")
    return parsed


def fetch(data_dir: str, path: str, deadline_s: float) -> bytes:
    """Return a public resource of Sage. Raises ServerError, UnansweredError at the deadline."""
    end = time.monotonic() + deadline_s
    with _way_to_sage(data_dir, "", end) as way:
        status, answer = way.ask("GET", path)
    if status != _OK:
        problem = phrase("Sage does not serve {path} (HTTP {status})", path=path, status=status)
        raise ServerError(problem, status)
    return answer


def exchange(
    data_dir: str, method: str, path: str, lines: bytes, deadline_s: float
) -> tuple[int, dict[str, Any]]:
    """Send lines of JSON, or none, with the token; return the status and Sage's response.

    Raises ServerError without a response of Sage, UnansweredError at the deadline.
    """
    end = time.monotonic() + deadline_s
    with _way_to_sage(data_dir, "", end) as way:
        status, answer = way.ask(method, path, lines, _LINES, early=_REFUSED_EARLY)
    parsed = _parsed(answer)
    if not isinstance(parsed, dict) or (status != _OK and not _is_problem(parsed, status)):
        raise _other_program(status)
    return status, parsed


def _other_program(status: int) -> ServerError:
    return ServerError(
        phrase("another program responded at the address of Sage (HTTP {status})", status=status)
    )


@contextmanager
def _way_to_sage(data_dir: str, space: str, end: float) -> Iterator[_Way]:
    """Connect for the length of a block. Raises ServerError, also for errors in the block."""
    way = _Way(data_dir, space, end)
    try:
        way.connect()
        yield way
    except ServerError:
        raise
    except TimeoutError:
        raise UnansweredError("Sage did not answer in time", reached=way.is_reached) from None
    except OSError as error:
        raise way.failure(error) from None
    finally:
        if way.is_reached:
            way.connection.close()


class _Way:
    """A connection to this user's Sage, and the identity sent over it."""

    connection: socket.socket

    def __init__(self, data_dir: str, space: str, end: float) -> None:
        self.extra_fields: dict[str, str] = {}
        self.is_elsewhere = False
        self.is_reached = False
        self._data_dir = data_dir
        self._space = space
        self._end = end
        self._server: dict[str, Any] = {}
        self._host, self._path = "localhost", ""

    def connect(self) -> None:
        """Connect through the socket, where the owner needs no token; else over HTTP, with a proof.

        Raises OSError.
        """
        recorded = read_json(state_path(self._data_dir, SPACE_TOKENS))
        try:
            self._use(connect_to_server(self._data_dir, _CONNECT_S))
        except OSError:
            self._token = recorded.get(self._space or DEFAULT)
            self._connect_over_http()
        else:
            self._token = recorded.get(self._space) if self._space else None
            if self._space and not self._token:
                self.extra_fields = {"space": self._space}
            self.connection.settimeout(max(0.001, self._end - time.monotonic()))

    def failure(self, error: OSError) -> ServerError:
        """Return the error for a failure of the connection."""
        host = str(self._server.get("host", ""))
        if not host or (host.startswith(NEAR) and error.errno):
            return (UnreachableError if self.is_elsewhere else ServerError)(_NOT_RUNNING)
        why = error.strerror or type(error).__name__
        problem = phrase("{host} cannot be reached: {reason}", host=host, reason=as_phrase(why))
        return UnreachableError(problem, why)

    def _use(self, connection: socket.socket) -> None:
        self.connection = connection
        self.is_reached = True

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        kind: str = "",
        *,
        early: tuple[type[OSError], ...] = (),
    ) -> tuple[int, bytes]:
        """Send a request and return the status and body of its response.

        Raises OSError, ServerError. A request with content sends the token, if there is one. Errors
        while sending that are `early` are ignored: the response came before all of it was read.
        """
        head = [f"{method} {self._path}{path} HTTP/1.1", f"host: {self._host}"]
        if content is not None:
            head += ["connection: close", f"content-length: {len(content)}"]
            head += [f"content-type: {kind}"] if content else []
            head += [f"authorization: Bearer {self._token}"] if self._token else []
        with suppress(*early):
            self.connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (content or b""))
        return _answer(self.connection, self._end)

    def _connect_over_http(self) -> None:
        server = self._server = read_json(state_path(self._data_dir, SERVER))
        host, port = server.get("host"), server.get("port")
        if not isinstance(host, str) or not isinstance(port, int):
            raise ServerError("the address of Sage is unknown; restart Sage")
        if self._space and not self._token:
            problem = phrase(
                "there is no token for the space {space}; connect the client again",
                space=self._space,
            )
            raise ServerError(problem, _NO_TOKEN)
        self.is_elsewhere = "url" in server
        kept = server.get("token") or _token_in(server.get("token_file"))
        self._token = self._token or kept
        name = f"[{host}]" if ":" in host else host
        self._host = name if port in _USUAL_PORTS else f"{name}:{port}"
        self._path = str(server.get("path") or "")
        self._use(_reach(host, port, server.get("proxy"), self._end))
        if server.get("tls"):
            from sage.clients.hooks.server.network import secured  # noqa: PLC0415 - slow to import

            ca = str(server.get("ca") or "")
            self._use(secured(self.connection, host, ca, self._end))
        else:
            self.connection.settimeout(max(0.001, self._end - time.monotonic()))
            self._require_proof(read_proof_key(self._data_dir))

    def _require_proof(self, proof_key: bytes | None) -> None:
        """Raise ServerError unless the server proves that it knows a key of this user's Sage."""
        from sage.clients.hooks.server import proof  # noqa: PLC0415 - slow to import, and by the socket not needed

        keys = [] if proof_key is None else [proof_key]
        if isinstance(self._token, str) and self._token:
            keys.append(proof.key_of(self._token))
        if not keys:
            raise ServerError("there is no key to verify Sage with; restart Sage")
        nonce = os.urandom(proof.NONCE_BYTES).hex()
        host, port = self.connection.getpeername()[:2]
        address = proof.address_of(host, port)
        status, raw = self.ask("GET", proof.question(keys, nonce, address))
        answer = _parsed(raw)
        if status == _OK and proof.is_proof(answer, keys, nonce, address):
            return
        if _is_problem(answer, status) and status in _NO_SUCH_ROUTE:
            raise ServerError("the running Sage is older than its hooks")
        if _is_problem(answer, status) and status == _OTHER_ADDRESS:
            raise ServerError(
                phrase("Sage does not recognize {address} as its own address", address=address)
            )
        raise UnprovenError(
            phrase(
                (
                    "another program responded at the address of Sage, or the token is "
                    "wrong or was revoked (HTTP {status})"
                )
                if self.is_elsewhere
                else (
                    "another program responded at the address of Sage, or a Sage of "
                    "another user (HTTP {status})"
                ),
                status=status,
            )
        )


def _reach(host: str, port: int, proxy: object, end: float) -> socket.socket:
    if isinstance(proxy, dict):
        from sage.clients.hooks.server.network import reach_by_proxy  # noqa: PLC0415 - few need it

        return reach_by_proxy(proxy, host, port, end)
    if host.startswith(NEAR):
        return socket.create_connection((host, port), timeout=_CONNECT_S)
    from sage.clients.hooks.server.network import reach  # noqa: PLC0415 - this machine needs it not

    return reach(host, port, end)


def _token_in(file: object) -> str | None:
    if not isinstance(file, str):
        return None
    try:
        with open(file, encoding="ascii") as kept:
            return kept.read().strip() or None
    except (OSError, ValueError):
        return None


def _parsed(answer: bytes) -> object:
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        return None


def _is_problem(document: object, status: int) -> TypeGuard[dict[str, Any]]:
    """Return whether a response is an error of Sage itself, not of another program on its port."""
    if not isinstance(document, dict) or document.get("status") != status:
        return False
    return str(document.get("type")).startswith(_PROBLEM)


def _answer(connection: socket.socket, end: float) -> tuple[int, bytes]:
    """Return the status and the body of a response, which ends by its length or the connection."""
    raw = b""
    while len(raw) < _MAX_ANSWER_BYTES:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        block = connection.recv(65_536)
        raw += block
        head, _, answer = raw.partition(b"\r\n\r\n")
        if not block or len(answer) >= _length_in(head):
            break
    status = b"".join(head.split(b" ", 2)[1:2])  # "HTTP/1.1 200 ..."
    if len(status) != _STATUS_DIGITS or not status.isdigit():
        raise ServerError("the answer is not Sage's")
    return int(status), answer


def _length_in(head: bytes) -> int:
    """Return the length of a body by its head, the maximum if it is not stated."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        digits = value.strip()
        is_length = name.lower() == b"content-length" and digits.isdigit()
        if is_length and len(digits) <= _MAX_LENGTH_DIGITS:
            return int(digits)
    return _MAX_ANSWER_BYTES
