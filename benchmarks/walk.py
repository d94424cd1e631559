"""Count the modules and packages of Sage that a call passes through."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import sage
from benchmarks.calls import mcp_request
from sage.access.accounts.tokens import create_token
from sage.api.http.app import create_app
from sage.cli.benchmark.sandbox import dsn_of
from sage.clients.connect.server import MCP_PATH
from sage.config.choices import AuthMode
from sage.config.server_settings import ServerSettings
from sage.domain.caller import SpaceRole
from sage.errors import SageError
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from starlette.middleware import Middleware

    from sage.config.settings import Settings

_ROOT = Path(sage.__file__).parent
_TEXTS = ("The staging database runs on host db9.", "The release is cut on Thursdays.")
_QUESTION = "Which host does the staging database run on?"
CALLS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "save": (
        "save_conversation",
        {"messages": [{"role": "user", "content": text} for text in _TEXTS]},
    ),
    "search": ("search_memory", {"query": _QUESTION}),
    "context": ("get_context", {"query": _QUESTION}),
}
WAYS = ("without a token", "with a token")
_WARM_UP = 2
_IS_WATCHED = ContextVar("is_watched", default=False)


@dataclass(frozen=True, slots=True)
class Walk:
    """The modules and packages that one call of a tool over MCP passed through."""

    call: str
    way: str
    modules: Sequence[str]
    packages: Sequence[str]
    calls: int
    """Calls of Python functions of Sage, including comprehensions."""


@dataclass(frozen=True, slots=True)
class Walks:
    """The walks of all calls, and the middleware in front of the routes."""

    guards: Sequence[str]
    walks: Sequence[Walk]


async def measure_walks(settings: Settings, progress: Callable[[int], None]) -> Walks:
    """Make each call without a token and with one, and count what it passes through.

    `settings` must name an empty database. `progress` is called after each call. Raises SageError.
    """
    walks: list[Walk] = []
    guards: Sequence[str] = ()
    for way in WAYS:
        auth = AuthMode.TOKEN if way == WAYS[1] else AuthMode.AUTO
        app = create_app(settings.model_copy(update={"server": ServerSettings(auth=auth)}))
        guards = [_name(one) for one in app.user_middleware]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(app.router.lifespan_context(app))
            headers = {}
            if way == WAYS[1]:
                headers["authorization"] = f"Bearer {await _make_token(dsn_of(settings))}"
            transport = httpx.ASGITransport(app)
            client = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:17800")
            )
            for call in CALLS:
                walks.append(await _walk(client, headers, call, way))
                progress(1)
    return Walks(guards, walks)


async def _walk(client: httpx.AsyncClient, headers: Mapping[str, str], call: str, way: str) -> Walk:
    name, arguments = CALLS[call]
    for _ in range(_WARM_UP):
        await _call(client, headers, name, arguments)
    with _watching() as seen:
        await _call(client, headers, name, arguments)
    modules = sorted({_module(path) for path in seen})
    packages = sorted({module.rpartition(".")[0] for module in modules} - {"", "sage"})
    return Walk(call, way, modules, packages, len(seen))


async def _call(
    client: httpx.AsyncClient,
    headers: Mapping[str, str],
    name: str,
    arguments: Mapping[str, object],
) -> None:
    own, body = mcp_request(name, arguments)
    answer = await client.post(MCP_PATH, content=json.dumps(body), headers={**own, **headers})
    if answer.status_code != HTTPStatus.OK or "error" in answer.json():
        raise SageError("a call was refused", detail=answer.text)


@contextmanager
def _watching() -> Iterator[list[str]]:
    """Record the file of each function call of Sage made by the block, in every thread.

    Background work has another context, and is left out. Raises SageError on Python 3.11.
    """
    if sys.version_info < (3, 12):
        raise SageError("Python 3.11 can profile only one thread", hint="use Python 3.12 or newer")
    seen: list[str] = []
    root = f"{_ROOT}/"

    def note(frame: FrameType, event: str, _argument: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(root) and _IS_WATCHED.get():
            seen.append(path)

    watched = _IS_WATCHED.set(True)
    threading.setprofile_all_threads(note)
    try:
        yield seen
    finally:
        threading.setprofile_all_threads(None)
        _IS_WATCHED.reset(watched)


def _module(path: str) -> str:
    parts = Path(path).relative_to(_ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _name(guard: Middleware) -> str:
    return getattr(guard.cls, "__name__", str(guard.cls))


async def _make_token(dsn: str) -> str:
    database = await open_database(dsn)
    try:
        async with database.across_spaces() as conn:
            return await create_token(conn, {"default": SpaceRole.WRITER}, name="walk")
    finally:
        await database.close()
