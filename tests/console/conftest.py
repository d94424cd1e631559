"""One Sage with pages and a token for all tests of the folder that need a database."""

import asyncio

import httpx
import pytest

from sage.console.pages import Console
from tests.support.guarded import Guarded, make_tokens
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

SERVER_TOKEN = "a-token-of-at-least-32-characters!"
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
        with serving(settings, pages=Console(settings.server)) as url:
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


OWN = {"sec-fetch-site": "same-origin"}
