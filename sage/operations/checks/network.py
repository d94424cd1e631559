"""Check the network: the address Sage listens on, and the connection to the database."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.data_dir.server_socket import connect_to_server, socket_path
from sage.clients.hooks.state_files import is_own
from sage.config.container import is_own_image
from sage.config.dsn import places_of
from sage.config.values import MAX_PORT, is_loopback
from sage.domain.health import CheckResult
from sage.errors import StartupError
from sage.local.data_dir.instance import Instance
from sage.local.http_probe import ask
from sage.local.postgres.binaries import find_binaries
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from sage.config.server_settings import ServerSettings
    from sage.operations.checks.context import CheckContext

_CONNECT_TIMEOUT_S = 3.0
_MAX_PORTS_TRIED = 50
_DATABASE = "DATABASE_URL or DB_HOST"
_IN_A_CONTAINER = (
    "inside a container localhost is the container itself: use the name of the database's "
    "service, or host.docker.internal for the machine around it"
)


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """The settings of the address and the port of a listener."""

    host_variable: str
    port_variable: str
    port_is_set_by: str


SERVER_PLACE = ListenSettings("MCP_SERVER_HOST", "MCP_SERVER_PORT", "--port or MCP_SERVER_PORT")
METRICS_PLACE = ListenSettings("SAGE_METRICS_HOST", "SAGE_METRICS_PORT", "SAGE_METRICS_PORT")


async def database_is_named(context: CheckContext) -> CheckResult:
    """Find the programs of the embedded database if no other database is named.

    Raises StartupError if this installation lacks them.
    """
    if context.settings.database.dsn is not None:
        return CheckResult.healthy("is configured")
    find_binaries()
    return CheckResult.healthy("the embedded PostgreSQL is installed")


async def database_is_reachable(context: CheckContext) -> CheckResult:
    """Connect to the servers of the database without logging in; one that answers is enough.

    Raises StartupError.
    """
    dsn = context.settings.database.dsn
    if dsn is None:
        return await database_is_named(context)
    refusals: list[CheckResult] = []
    for host, port in places_of(dsn.get_secret_value()):
        refusal = await asyncio.to_thread(_refusal, host, port)
        if refusal is None:
            return CheckResult.healthy("answers")
        message, hint = refusal
        if context.container.detected and is_loopback(host):
            hint = _IN_A_CONTAINER
        refusals.append(CheckResult.unhealthy(message, hint, _DATABASE))
    return refusals[0]


async def database_hosts(context: CheckContext) -> CheckResult | None:
    """Connect to every server of the database, if several are named, without logging in."""
    dsn = context.settings.database.dsn
    places = [] if dsn is None else places_of(dsn.get_secret_value())
    if len(places) <= 1:
        return None
    refusals = await asyncio.gather(*(asyncio.to_thread(_refusal, *place) for place in places))
    missing = [refusal[0] for refusal in refusals if refusal is not None]
    if not missing:
        return CheckResult.healthy(phrase("all {count} answer", count=len(places)))
    detail = phrase(
        "{missing} of {count} cannot be used: {reasons}",
        missing=len(missing),
        count=len(places),
        reasons=joined("; ", missing),
    )
    hint = "start PostgreSQL there; until then, no failover is possible"
    return CheckResult.degraded(detail, hint, "DATABASE_URL")


async def host(context: CheckContext) -> CheckResult | None:
    """Warn of an address inside a container that cannot be reached from outside."""
    address = context.settings.server.host
    if not (context.container.detected and is_loopback(address)):
        return None
    return CheckResult.degraded(
        phrase(
            "{address} inside a container cannot be reached from outside of it", address=address
        ),
        "set MCP_SERVER_HOST=0.0.0.0 and SAGE_TOKEN",
        SERVER_PLACE.host_variable,
    )


async def port(context: CheckContext) -> CheckResult:
    """Check that nothing listens on the port, or only a Sage with the same data."""
    server = context.settings.server
    where = f"{server.host}:{server.port}"
    if await asyncio.to_thread(ask, server.host, str(server.port), "/health/liveness") is None:
        if _is_ours(context):
            return CheckResult.healthy(
                phrase("the Sage of this data directory is running on {where}", where=where)
            )
        if is_own_image():
            return CheckResult.healthy(
                phrase("the Sage of this container is running on {where}", where=where)
            )
        if context.settings.database.dsn is not None:
            return CheckResult.healthy(
                phrase("another Sage, possibly with other data, is running on {where}", where=where)
            )
        another = _next_free(server.host, server.port)
        return CheckResult.degraded(
            phrase("{where} is in use by a Sage with another data directory", where=where),
            phrase(
                "before you start this one, choose another port, such as {port}, with {setting}"
                if another
                else "before you start this one, choose another port with {setting}",
                port=another or 0,
                setting=SERVER_PLACE.port_is_set_by,
            ),
            SERVER_PLACE.port_variable,
        )
    return await free_port(context)


async def own_socket(context: CheckContext) -> CheckResult | None:
    """Connect to the socket of the Sage of this data directory; None if none runs as this user.

    Without it hooks use HTTP, and commands open the database themselves.
    """
    data_dir = str(context.settings.data_dir)
    if not (_is_ours(context) and is_own(data_dir)):
        return None
    try:
        (await asyncio.to_thread(connect_to_server, data_dir, _CONNECT_TIMEOUT_S)).close()
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "hooks and commands work without it, but are slower; see Sage's log"
        return CheckResult.degraded(
            phrase("{path}: {reason}", path=socket_path(data_dir), reason=reason),
            hint,
        )
    return CheckResult.healthy(socket_path(data_dir))


async def free_port(context: CheckContext) -> CheckResult:
    """Try to listen on the port."""
    server = context.settings.server
    error = _bind_error(server.host, server.port)
    if error is None:
        return CheckResult.healthy(
            phrase("{host}:{port} is free", host=server.host, port=server.port)
        )
    return refused_bind(server.host, server.port, error, SERVER_PLACE)


async def metrics_port(context: CheckContext) -> CheckResult | None:
    """Try to listen on the port for metrics, unless a running Sage does."""
    server = context.settings.server
    if server.metrics_port is None:
        return None
    if await asyncio.to_thread(_answers_for_sage, server):
        return CheckResult.healthy("is used by the running Sage")
    error = _bind_error(server.metrics_host, server.metrics_port)
    if error is None:
        return CheckResult.healthy(
            phrase(
                "{host}:{port} is free",
                host=server.metrics_host,
                port=server.metrics_port,
            )
        )
    return refused_bind(server.metrics_host, server.metrics_port, error, METRICS_PLACE)


def refused_bind(host: str, port: int, error: OSError, place: ListenSettings) -> CheckResult:
    """Return why Sage cannot listen there, with a hint: another port, or another host."""
    match error.errno:
        case errno.EADDRINUSE:
            another = _next_free(host, port)
            hint = phrase(
                "stop what uses it, or choose another port, such as {port}, with {setting}"
                if another
                else "stop what uses it, or choose another port with {setting}",
                port=another or 0,
                setting=place.port_is_set_by,
            )
            return CheckResult.unhealthy(
                phrase("port {port} on {host} is in use", port=port, host=host),
                hint,
                place.port_variable,
            )
        case errno.EACCES:
            message = phrase(
                "port {port} on {host} may not be opened by this user", port=port, host=host
            )
            hint = phrase(
                "choose a port above 1023 with {setting}",
                setting=place.port_is_set_by,
            )
            return CheckResult.unhealthy(message, hint, place.port_variable)
        case errno.EADDRNOTAVAIL:
            message = phrase("there is no such address on this machine: {host}", host=host)
        case _ if isinstance(error, socket.gaierror):
            message = phrase("there is no such name on this machine: {host}", host=host)
        case code:
            message = phrase(
                "{host} cannot be listened on ({reason})",
                host=host,
                reason=os.strerror(code or 0),
            )
    hint = phrase(
        "set {setting} to 127.0.0.1 or to an address of this machine",
        setting=place.host_variable,
    )
    return CheckResult.unhealthy(message, hint, place.host_variable)


def _is_ours(context: CheckContext) -> bool:
    """Return whether the Sage of this data directory runs and listens on the configured port."""
    try:
        running = Instance(context.settings.data_dir).running()
    except StartupError:
        return False
    server = context.settings.server
    return running is not None and (running.host, running.port) == (server.host, server.port)


def _answers_for_sage(server: ServerSettings) -> bool:
    """Return whether a Sage listens on the port and on the one for metrics."""
    asked = (
        (server.host, server.port, "/health/liveness"),
        (server.metrics_host, server.metrics_port, "/metrics"),
    )
    return all(ask(host, str(port), path) is None for host, port, path in asked)


def _bind_error(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        return error
    return None


def _next_free(host: str, taken: int) -> int | None:
    ports = range(taken + 1, min(taken + _MAX_PORTS_TRIED, MAX_PORT) + 1)
    return next((port for port in ports if _bind_error(host, port) is None), None)


def _refusal(host: str, port: int) -> tuple[str, str] | None:
    """Connect, and return the problem and a hint; None without a problem."""
    if host.startswith("/"):
        if (Path(host) / f".s.PGSQL.{port}").exists():
            return None
        missing = phrase(
            "no PostgreSQL socket for port {port} is in {directory}", port=port, directory=host
        )
        return missing, phrase("start it, or correct the path")
    try:
        socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S).close()
    except socket.gaierror:
        unknown = phrase("host {name} not found", name=host)
        return unknown, phrase("correct the name, or the DNS configuration")
    except (OSError, UnicodeError) as error:
        silent = isinstance(error, TimeoutError)
        reason = phrase("no answer") if silent else str(error.args[-1])
        address = f"{host}:{port}"
        return (
            phrase("{address} does not answer ({reason})", address=address, reason=reason),
            phrase("start PostgreSQL there, or correct it"),
        )
    return None
