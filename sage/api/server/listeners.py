"""The sockets that Sage listens on: its own port, and the one for metrics if there is one."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from sage.api.server.bounded_protocol import max_connections
from sage.errors import StartupError
from sage.operations.checks.network import METRICS_PLACE, SERVER_PLACE, refused_bind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.server_settings import ServerSettings
    from sage.operations.checks.network import ListenSettings

_MAX_BACKLOG = 2048


def listening_sockets(server: ServerSettings) -> Iterator[socket.socket]:
    """Yield sockets that are bound and listen, so that a second Sage finds the ports in use.

    Raises StartupError.
    """
    yield _listening(server.host, server.port, SERVER_PLACE)
    if server.metrics_port is not None:
        yield _listening(server.metrics_host, server.metrics_port, METRICS_PLACE)


def backlog() -> int:
    """Return how many connections may wait to be accepted: all of them may be in one go."""
    return min(max_connections() // 2, _MAX_BACKLOG)


def _listening(host: str, port: int, place: ListenSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=backlog())
    except OSError as error:
        refused = refused_bind(host, port, error, place)
        raise StartupError(refused.detail, hint=refused.hint) from error
