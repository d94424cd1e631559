"""Ports of this machine for servers that tests start."""

import secrets
import socket

# Below those that the kernel gives to outgoing connections (32768 and up on Linux): one of these
# stays free while a server that is to come back on it is down.
_FIRST = 15_000
_LAST = 32_000


def free_port() -> int:
    """Return a port that nothing listens on, chosen at random."""
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
