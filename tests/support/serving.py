"""A real Sage on a real port, in a thread of the test process."""

import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn

from sage.api.http import app as http
from sage.api.server.bounded_protocol import BoundedHttpProtocol
from sage.api.server.uvicorn_server import StartupReporter
from sage.config.server_settings import ServerSettings
from sage.config.settings import DatabaseSettings, Settings
from tests.support import plain_http
from tests.support.embedders import BagOfWordsEmbedder

DEADLINE_S = 60


def settings_for(dsn, data_dir, *, env="dev", **server):
    return Settings(
        env=env,
        data_dir=data_dir,
        server=ServerSettings(**server),
        database=DatabaseSettings(dsn=dsn),
    )


def wait_until(condition, what, deadline_s=DEADLINE_S, *, pause_s=0.01):
    """Poll a condition; a bounded wait. A pause is for one that takes much to ask for."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {deadline_s} s"
        time.sleep(pause_s)


@contextmanager
def running(app, port=0):
    """Serve an application on a loopback port, a free one by default; give its URL."""
    config = uvicorn.Config(
        StartupReporter(app),
        port=port,
        http=BoundedHttpProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), "the start")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)


@contextmanager
def serving(settings, embedder=None, port=0, pages=None):
    """Serve Sage as it is, but for the embedding model; ready when this gives its URL.

    The model is exchanged only while the services open: a server may live as long as the session.
    """
    model = embedder or BagOfWordsEmbedder()
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sage.bootstrap.open_embedder", lambda _settings: model)
            url = stack.enter_context(running(http.create_app(settings, pages=pages), port))
            ready = f"{url}/health/readiness"
            wait_until(lambda: plain_http.get(ready).status_code == 200, "readiness")
        yield url
