"""Measure the latency of rejected calls, and the cost of access checks to accepted ones."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from benchmarks.calls import saving, searching
from benchmarks.costs import build_without_row_security
from benchmarks.timing import compare
from sage.access.accounts.secrets import digest, new_token
from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token, revoke_token
from sage.access.oauth.store import ACCESS_MARK, store_secret
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server, serving
from sage.cli.benchmark.timing import spread_of
from sage.clients.connect.server import MCP_PATH
from sage.config.choices import AuditMode, AuthMode
from sage.config.server_settings import ServerSettings
from sage.config.settings import AuditSettings, RateLimitSettings
from sage.domain.caller import SpaceRole
from sage.errors import SageError
from sage.store.connections.pool import open_database
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from benchmarks.timing import Compared
    from sage.cli.benchmark.server import RunningServer
    from sage.cli.benchmark.timing import Call, Spread
    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection

CALLS = {"search": searching, "save": saving}
KINDS = (
    "user: unknown",
    "user: revoked",
    "user: expired",
    "app: unknown",
    "app: revoked",
    "app: expired",
    "SAGE_TOKEN, first half right",
    "SAGE_TOKEN, all but the last character right",
    "not in the format of a token",
)
LAYERS = ("tokens, row-level security", "audit log")
_SERVER_TOKEN = new_token()
_UNLIMITED = {"rate_limit": RateLimitSettings(failures=0)}
_UNLOGGED = {"audit": AuditSettings(mode=AuditMode.OFF)}
_WARM_UP = 20
_FILLED = 200
"""Number of exchanges saved in the space of each server before it is searched."""

_POLL_S = 0.1
_numbers = itertools.count()
_TIMEOUT_S = 10
_SCOPES = ("memory:read", "memory:write")


@dataclass(frozen=True, slots=True)
class LayerCost:
    """The latency of one kind of call with all access checks, and without one layer of them."""

    call: str
    layer: str
    times: Compared


@dataclass(frozen=True, slots=True)
class AccessCheckTimes:
    """The latency of rejections by kind of invalid token, and the cost of each layer per call."""

    rejections: Mapping[str, Spread]
    costs: Sequence[LayerCost]


def steps_of(calls: int) -> int:
    """Return the number of calls that are timed."""
    return (len(KINDS) + len(LAYERS) * len(CALLS)) * calls


async def measure_access_checks(
    settings: Settings, calls: int, progress: Callable[[int], None]
) -> AccessCheckTimes:
    """Time `calls` rejections of each kind of token, and as many searches and saves per layer.

    Searches and saves are sent with a token to a server with audit log and row-level security, and
    alternately to one that lacks a layer. The server without tokens and row-level security listens
    on loopback.

    `settings` must name an empty database. `progress` is called with the number of calls timed,
    `steps_of(calls)` in total. Raises SageError.
    """
    guarded = settings.model_copy(
        update={
            "server": ServerSettings(
                auth=AuthMode.OAUTH,
                token=SecretStr(_SERVER_TOKEN),
                public_url="http://127.0.0.1",
            )
        }
    )
    async with sage_server(guarded.model_copy(update=_UNLIMITED)) as server:
        tokens, valid = await _make_tokens(dsn_of(settings))
        rejections = _time_rejections(server, tokens, calls, progress)
    # An empty server section: on loopback no token is required, and calls without one are recorded
    # in the audit log only if all calls are.
    recorded = {"audit": AuditSettings(mode=AuditMode.ON)}
    unguarded = settings.model_copy(update={"server": ServerSettings(), **_UNLIMITED, **recorded})
    headers = {"authorization": f"Bearer {valid}"}
    unlogged = sage_server(guarded.model_copy(update=_UNLOGGED))
    without = {
        LAYERS[0]: (serving(unguarded, build_without_row_security, "/health/readiness"), {}),
        LAYERS[1]: (unlogged, headers),
    }
    costs = []
    for layer, (other, shown) in without.items():
        async with AsyncExitStack() as stack:
            clients = [
                await _connected(stack, sage_server(guarded), headers),
                await _connected(stack, other, shown),
            ]
            costs += [
                LayerCost(name, layer, await _compared(clients, calling, calls, progress))
                for name, calling in CALLS.items()
            ]
    return AccessCheckTimes(rejections, costs)


async def _connected(
    stack: AsyncExitStack,
    starting: AbstractAsyncContextManager[RunningServer],
    headers: Mapping[str, str],
) -> Client:
    """Start a server, connect a client to it and save memories to search."""
    server = await stack.enter_async_context(starting)
    http = await stack.enter_async_context(
        httpx2.AsyncClient(headers=dict(headers), timeout=_TIMEOUT_S)
    )
    transport = streamable_http_client(server.url + MCP_PATH, http_client=http)
    client = await stack.enter_async_context(Client(transport))
    fill = _numbered(saving(client))
    for number in range(_FILLED):
        await fill(number)
    await _until_embedded(client)
    return client


async def _compared(
    clients: Sequence[Client],
    calling: Callable[[Client], Call],
    calls: int,
    progress: Callable[[int], None],
) -> Compared:
    """Time calls of one kind alternately on both servers."""
    guarded, other = (_numbered(calling(client)) for client in clients)
    await compare(guarded, other, _WARM_UP)
    compared = await compare(guarded, other, calls, _WARM_UP)
    progress(calls)
    return compared


def _numbered(call: Call) -> Call:
    """Return a call with numbers that are never reused: a repeated message is saved only once."""

    async def numbered(_: int) -> None:
        await call(next(_numbers))

    return numbered


async def _until_embedded(client: Client) -> None:
    waiting = True
    while waiting:
        await asyncio.sleep(_POLL_S)
        stats = await client.call_tool("get_memory_stats", {})
        waiting = (stats.structured_content or {})["queue"]["pending"] > 0


async def _make_tokens(dsn: str) -> tuple[Mapping[str, str], str]:
    """Return an invalid token of each kind, and a valid one."""
    database = await open_database(dsn)
    try:
        async with database.across_spaces() as conn:
            await create_space(conn, "measured")
            role = {"measured": SpaceRole.WRITER}
            valid = await create_token(conn, role, name="valid")
            revoked = await create_token(conn, role, name="revoked")
            await revoke_token(conn, "revoked")
            expired = await create_token(conn, role, lifetime=timedelta(milliseconds=1))
            app = {one: await _app_token(conn, timedelta(0)) for one in ("revoked", "expired")}
            await conn.execute(query("revoke_oauth_secret"), digest(app["revoked"]), "measured")
    finally:
        await database.close()
    half = len(_SERVER_TOKEN) // 2
    tokens = (
        new_token(),
        revoked,
        expired,
        new_token(ACCESS_MARK),
        app["revoked"],
        app["expired"],
        _SERVER_TOKEN[:half] + new_token()[half:],
        _SERVER_TOKEN[:-1] + ("0" if _SERVER_TOKEN[-1] != "0" else "1"),
        "x" * len(_SERVER_TOKEN),
    )
    return dict(zip(KINDS, tokens, strict=True)), valid


async def _app_token(conn: Connection, lifetime: timedelta) -> str:
    token, login = new_token(ACCESS_MARK), digest(_SERVER_TOKEN)
    app = ("measured", "measured", None, login)
    grant_id = await conn.fetchval(query("create_oauth_grant"), *app)
    await store_secret(conn, grant_id, "access", token, scopes=_SCOPES, lifetime=lifetime)
    return token


def _time_rejections(
    server: RunningServer, tokens: Mapping[str, str], calls: int, progress: Callable[[int], None]
) -> Mapping[str, Spread]:
    """Time the rejection of each token, in random order in each round."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order = list(KINDS)
    with closing(HTTPConnection(server.host, server.port, timeout=_TIMEOUT_S)) as connection:
        for number in range(_WARM_UP + calls):
            random.shuffle(order)
            for kind in order:
                took = _rejected_ms(connection, tokens[kind])
                if number >= _WARM_UP:
                    taken[kind].append(took)
            progress(len(KINDS) if number >= _WARM_UP else 0)
    return {kind: spread_of(taken[kind]) for kind in KINDS}


def _rejected_ms(connection: HTTPConnection, token: str) -> float:
    """Return the milliseconds until a token is rejected. Raises SageError if it is accepted."""
    began = time.perf_counter()
    connection.request("POST", MCP_PATH, b"{}", {"authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    if answer.status != HTTPStatus.UNAUTHORIZED:
        raise SageError(f"an invalid token was answered with {answer.status}")
    return took_ms
