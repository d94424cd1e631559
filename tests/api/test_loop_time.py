"""How long a request of whoever has no token may hold the event loop, and so everybody else."""

import asyncio
import time
from functools import cache

import pytest

from sage.access.oauth.limits import BODY_BYTES
from sage.api.http.app import create_app
from sage.api.middleware.body_limit import MCP_LIMIT_BYTES, REST_LIMIT_BYTES
from sage.api.server.bounded_protocol import HEAD_LIMIT_BYTES
from sage.config.settings import RateLimitSettings
from tests.support import worst_requests as worst
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.guarded import SERVER_TOKEN
from tests.support.serving import settings_for

URL = "http://127.0.0.1:17800"
HEAD = [("accept", "application/json, text/event-stream"), ("mcp-protocol-version", "2025-11-25")]
LONG_HEAD = HEAD_LIMIT_BYTES - 4_096
CHUNK = 65_536
TRIES = 4


def count():
    """Return how long counting to three millions takes, a bar of 70 to 100 ms on most machines."""
    began_at, number = time.thread_time(), 0
    while number < 3_000_000:
        number += 1
    return time.thread_time() - began_at


async def spent(app, method, path, query="", head=(), kind="", body=""):  # noqa: PLR0913, PLR0917
    """Send a request; return its status and the processor time of the event loop."""
    sent, left, is_read = [], body.encode(), False
    named = [("host", "127.0.0.1:17800"), *HEAD, *head]
    if body:
        named += [("content-length", str(len(left)))]
        named += [] if any(name == "content-type" for name, _ in head) else [("content-type", kind)]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 17_800),
        "state": {},
    }

    async def receive():
        nonlocal left, is_read
        if is_read:
            await asyncio.Event().wait()
        chunk, left = left[:CHUNK], left[CHUNK:]
        is_read = not left
        return {"type": "http.request", "body": chunk, "more_body": not is_read}

    async def send(message):
        sent.append(message)

    began_at = time.thread_time()
    await app(scope, receive, send)
    return sent[0]["status"], time.thread_time() - began_at


def requests(app):
    """Return all requests: method, path, what is special, and the request."""
    served = [(method, path) for method, path in worst.paths(app) if path != "/mcp/"]
    for method, path in served:
        for name, query in worst.queries(LONG_HEAD):
            yield method, path, name, {"query": query}
        for name, head in worst.headers(LONG_HEAD):
            yield method, path, name, {"head": head}
        if method == "POST":
            made = messages() if path == "/mcp" else bodies(REST_LIMIT_BYTES)
            for name, kind, body in made:
                yield method, path, name, {"kind": kind, "body": body}
    for path, size in BODY_BYTES.items():
        if ("POST", path) in served:
            for name, kind, body in bodies(size):
                yield "POST", path, f"{name}, {size} bytes", {"kind": kind, "body": body}


@cache
def bodies(size):
    made = [*worst.forms(size), *worst.multiparts(size), *worst.documents(size)]
    return made + worst.registrations(size)


def messages():
    return worst.documents(MCP_LIMIT_BYTES) + worst.calls(MCP_LIMIT_BYTES)


@pytest.mark.parametrize("asks_for_a_token", [True, False])
async def test_no_request_without_a_token_holds_the_event_loop_for_long(
    postgres_dsn, tmp_path, monkeypatch, asks_for_a_token
):
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    asking = {"auth": "oauth", "token": SERVER_TOKEN, "public_url": URL}
    settings = settings_for(postgres_dsn, tmp_path, **(asking if asks_for_a_token else {}))
    unlimited = {"rate_limit": RateLimitSettings(failures=0)}
    app = create_app(settings.model_copy(update=unlimited))
    most, too_long = min(count() for _ in range(3)), []
    async with app.router.lifespan_context(app):
        for method, path, name, request in requests(app):
            for _ in range(TRIES):  # the first may import something, any may collect garbage
                status, seconds = await spent(app, method, path, **request)
                if seconds < most:
                    break
                most = max(most, count())
            else:
                too_long.append(f"{method} {path[:40]}, {name}: {status}, {seconds / most:.1f}")
    assert too_long == []
