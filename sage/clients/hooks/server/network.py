"""Connect to a remote Sage within a deadline: by its name, and with TLS.

Hooks import this for a server on another machine or with a name: `ssl` is slow to import.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

from sage.clients.hooks.server.errors import UnreachableError, UntrustedError
from sage.phrases import as_phrase, phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

_MAX_HEAD_BYTES = 16_384
_NO_TUNNEL = {
    "407": phrase("it requires a user name and a password"),
    "": phrase("it does not speak HTTP"),
}


def reach(host: str, port: int, end: float) -> socket.socket:
    """Return a connection to the first address of a host that answers.

    Each address gets an equal share of the time left until `end`, by the monotonic clock. Raises
    TimeoutError, OSError.
    """
    addresses = _addresses_of(host, port, end)
    while True:
        share_s = max(0.001, (end - time.monotonic()) / len(addresses))
        try:
            return socket.create_connection(addresses.pop(0), timeout=share_s)
        except OSError:
            if not addresses:
                raise


def reach_by_proxy(proxy: dict[str, Any], host: str, port: int, end: float) -> socket.socket:
    """Return a connection to a host through a proxy (CONNECT), which resolves its name.

    Raises TimeoutError, OSError.
    """
    name = f"{proxy.get('host')}:{proxy.get('port')}"
    try:
        connection = reach(str(proxy.get("host")), int(proxy.get("port") or 0), end)
        try:
            _have_connected(connection, proxy, f"[{host}]" if ":" in host else host, port, end)
        except BaseException:
            connection.close()
            raise
    except TimeoutError:
        raise
    except OSError as error:
        why = error.strerror or type(error).__name__
        reason = as_phrase(why)
        problem = phrase("the proxy {name} could not connect: {reason}", name=name, reason=reason)
        raise UnreachableError(problem, f"proxy {name}: {why}") from None
    return connection


def _have_connected(
    connection: socket.socket, proxy: dict[str, Any], host: str, port: int, end: float
) -> None:
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"host: {host}:{port}"]
    if proxy.get("authorization"):
        lines.append(f"proxy-authorization: {proxy['authorization']}")
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n") and len(head) < _MAX_HEAD_BYTES:
        connection.settimeout(max(0.001, end - time.monotonic()))
        byte = connection.recv(1)  # what follows is of TLS
        if not byte:
            break
        head += byte
    status = b"".join(head.split(b" ", 2)[1:2]).decode("ascii", "replace")
    if status != "200":
        raise OSError(
            0, _NO_TUNNEL.get(status, phrase("it answers HTTP {status}", status=status[:3]))
        )


def secured(connection: socket.socket, host: str, ca: str, end: float) -> socket.socket:
    """Return a TLS connection to a server with a valid certificate for `host`.

    The CA certificates of this system are trusted, or those in the file `ca` instead. Raises
    TimeoutError, OSError.
    """
    import ssl  # noqa: PLC0415 - plain HTTP needs it not

    connection.settimeout(max(0.001, end - time.monotonic()))
    # Else what is asked waits until the end of the handshake is acknowledged, one way and back.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = phrase("{file} contains no certificates: {reason}", file=ca, reason=reason)
        raise OSError(0, problem) from None
    try:
        return context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message.rstrip(".")
        problem = phrase("its certificate is not trusted: {reason}", reason=why)
        raise UntrustedError(
            phrase("{host} cannot be reached: {reason}", host=host, reason=problem), problem
        ) from None
    except ssl.SSLError as error:
        problem = phrase("it does not speak TLS: {reason}", reason=error.reason or error)
        raise OSError(0, problem) from None


def _addresses_of(host: str, port: int, end: float) -> list[tuple[str, int]]:
    """Return the addresses of a name, resolved in a thread: no signal interrupts a lookup."""
    found: list[tuple[str, int]] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((str(address[0]), int(address[1])))

    looking = threading.Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(max(0.0, end - time.monotonic()))
    if looking.is_alive():
        raise TimeoutError
    if not found:
        raise OSError(0, phrase("its name cannot be resolved"))
    return found
