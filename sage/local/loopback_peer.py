"""The account at the other end of a TCP connection on loopback, by Linux's socket diagnostics.

The kernel is asked for one socket, by sock_diag(7): no privilege is needed, and the cost does not
grow with the connections of the machine.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from functools import cache

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST, _ERROR = 1, 2
_TCP_LISTEN = 10
_NO_COOKIE = b"\xff" * 8
_HEAD = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBBI2s2s16s16sI8s")
_ANSWER = struct.Struct("=BBBB2s2s16s16sI8sIIIII")
_ANSWER_BYTES = 8_192
_TIMEOUT_S = 1.0
_ROOT = 0


def is_of_another_account(server: tuple[str, int], client: tuple[str, int]) -> bool:
    """Return whether the client of a connection is neither this account nor root.

    Also if nobody has that end any more. False where the system does not tell accounts. `server`
    and `client` are the addresses of the two ends, with their ports.
    """
    if not tells_accounts():
        return False
    try:
        return account_of(client, server) not in {_ROOT, os.geteuid()}
    except OSError:
        return True


@cache
def tells_accounts() -> bool:
    """Return whether this system tells the account of a connection; it is tried once."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname(), _TIMEOUT_S) as client,
        ):
            return account_of(client.getsockname(), listener.getsockname()) == os.geteuid()
    except (OSError, AttributeError):  # AttributeError: a system without netlink
        return False


def account_of(own: tuple[str, int], other: tuple[str, int]) -> int | None:
    """Return the user ID that opened the connection from `own` to `other`; None if nobody has it.

    A connection that its program has closed has no account: the kernel then reports root. Raises
    OSError if there is no such connection, or if the kernel does not answer.
    """
    family = socket.AF_INET6 if ":" in own[0] else socket.AF_INET
    ends = [_packed(family, *own[:2]), _packed(family, *other[:2])]
    (address, port), (other_address, other_port) = ends
    question = _QUESTION.pack(
        *(family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF),
        *(port, other_port, address, other_address, 0, _NO_COOKIE),
    )
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(_TIMEOUT_S)
        size = _HEAD.size + len(question)
        kernel.send(_HEAD.pack(size, _SOCK_DIAG_BY_FAMILY, _REQUEST, 0, 0) + question)
        answer = kernel.recv(_ANSWER_BYTES)
    _, kind, *_ = _HEAD.unpack_from(answer)
    if kind == _ERROR:
        (code,) = struct.unpack_from("=i", answer, _HEAD.size)
        raise OSError(-code, os.strerror(-code))
    if kind != _SOCK_DIAG_BY_FAMILY or len(answer) < _HEAD.size + _ANSWER.size:
        raise OSError(errno.EPROTO, "the kernel's answer is not about a socket")
    _, state, *_, account, inode = _ANSWER.unpack_from(answer, _HEAD.size)
    return account if inode and state != _TCP_LISTEN else None


def _packed(family: int, address: str, port: int) -> tuple[bytes, bytes]:
    return socket.inet_pton(family, address).ljust(16, b"\0"), struct.pack("!H", port)
