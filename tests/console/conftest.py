"""One Sage with pages and a token for all tests of the folder that need a database."""

import asyncio
import json
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from sage.clients.hooks.capture.status import (
    record_capture,
    record_failure,
    record_hook,
    record_set_up,
)
from sage.clients.hooks.payload import Payload
from sage.console.pages import ConsolePages
from tests.support.guarded import Guarded, make_tokens
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

SERVER_TOKEN = "a-token-of-at-least-32-characters!"
OWN = {"sec-fetch-site": "same-origin"}
REASON = "the transcript cannot be read: <b>permission denied</b>"
HOSTILE = (
    "</p><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>"
    "{{ 7 * 7 }} \u202egnp.exe ![x](https://evil.example/y) kestrel"
)


@pytest.fixture(scope="session")
def paged(postgres_server, migrated_template, tmp_path_factory):
    """Serve Sage with pages; it holds a conversation in the space `team`, and a hostile one."""
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = settings_for(dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN)
        with serving(settings, pages=ConsolePages(settings.server)) as url:
            held = Guarded(url, tokens, "")
            said = (
                {"role": "user", "content": "Where does the heron nest?"},
                {"role": "assistant", "content": "The heron nests behind the old mill."},
                {"role": "user", "content": HOSTILE},
            )
            body = {"messages": said, "session_id": "birds", "metadata": {"project": "garden"}}
            saved = held.request("writer", "POST", "/api/v1/conversations", json=body)
            held.memory_ids = saved.json()["memory_ids"]
            held.dsn, held.settings = dsn, settings
            yield held


@pytest.fixture
def browser(paged):
    """Return a function that signs in with a token and returns a client with its cookie."""
    opened = []

    def signed_in(who, **options):
        client = httpx.Client(base_url=paged.url, timeout=60, verify=False, **options)
        opened.append(client)
        if who is not None:
            answer = client.post("/sign-in", data={"token": paged.tokens[who]}, headers=OWN)
            assert answer.status_code == 303
        return client

    yield signed_in
    for client in opened:
        client.close()


@pytest.fixture
def hooks(paged):
    """Record what hooks did, as `captured` does."""
    with captured(paged):
        yield


@pytest.fixture
def brought(paged):
    """Import two messages as the writer; return the id of the import."""
    with brought_in(paged) as import_id:
        yield import_id


@contextmanager
def captured(paged):
    """Record what hooks did: one client works, one fails, one was only set up."""
    folder = str(paged.settings.data_dir)
    record_capture(folder, "claude-code", "", 1234)
    record_hook(folder, Payload(["stop", "--client", "claude-code"], {}), 0.05, "")
    record_failure(folder, "codex", "", REASON)
    record_set_up(folder, "gemini-cli")
    session = "claude-code:chat"
    said = {"session_id": session, "role": "user", "content": "A stonechat sang."}
    body = {"client": "claude-code", "memories": [said]}
    kept = paged.request("server", "POST", "/api/v1/hooks/capture", json=body)
    assert kept.status_code == 200, kept.text
    yield
    paged.request("server", "POST", "/api/v1/forget", json={"session_id": session})
    for one in (paged.settings.data_dir / "hooks" / "status").iterdir():
        one.unlink()


@contextmanager
def brought_in(paged):
    """Import two messages as the writer; yield the id of the import."""
    lines = [
        {"session_id": "cranes", "role": "user", "content": text, "memory_id": str(uuid4())}
        for text in ("A crane was seen.", "Two cranes were seen.")
    ]
    sent = "\n".join(map(json.dumps, lines))
    yield paged.request("writer", "POST", "/api/v1/imports", content=sent).json()["import_id"]
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "cranes"})
