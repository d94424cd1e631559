"""The pages in Chromium; `ci/console` installs what these tests need."""

import os
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.routing import compile_path

from tests.console.conftest import OWN, brought_in, captured
from tests.support import backups as rows
from tests.support.chromium import PROGRAMS, chromium, new_page
from tests.support.serving import wait_until

AXE = os.environ.get("SAGE_TEST_AXE", "")
_APP = """
INSERT INTO sage.oauth_grants (client_id, client_name, token_id, token_digest)
SELECT 'app', 'An app', token_id, digest FROM sage.tokens WHERE name = 'owner'
"""
_SECRET = """
INSERT INTO sage.oauth_secrets (digest, grant_id, kind, scopes, expires_at)
SELECT sha256(grant_id::text::bytea), grant_id, 'refresh', '{}', now() + interval '1 day'
FROM sage.oauth_grants
ON CONFLICT DO NOTHING
"""
_NESTS = """# Nests
**Two** of them, see [the list](https://a.example/):

1. the mill `old`
   - the roof
2. ~~pond~~

| bird | nests |
|---|--:|
| heron | 2 |

> quoted \u202eder

```py
print('heron')
```
"""
WRITTEN = (_NESTS, "The heron nests [here](https://a.example/here).\n\n" * 30)
SHOTS = os.environ.get("SAGE_TEST_SCREENS", "")


@pytest.fixture(scope="session")
def driver():
    """Run the driver where it is installed; on CI it is."""
    if missing := [one for one in PROGRAMS if shutil.which(one) is None]:
        told = f"{missing} not installed: run ci/console"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    with chromium() as url:
        yield url


@pytest.fixture
def open_page(driver, paged, request):
    """Return a function that opens a browser that has signed in; none of them may complain.

    What the marker `sends` names was sent by one of them.
    """
    pages = []

    def opened(who="writer", **options):
        page = new_page(driver, **options)
        pages.append(page)
        page.open(f"{paged.url}/")
        if who is not None:
            page.type("#token", paged.tokens[who])
            page.click(".door .go")
            page.until("body.home")
        page.log()  # the answer 401 that asks for the token is told as an error
        return page

    yield opened
    try:
        asked = set()
        for page in pages:
            assert page.log() == []
            asked |= page.requests()
        assert {urlsplit(url).netloc for _, url in asked} <= {urlsplit(paged.url).netloc}
        sent = {urlsplit(url).path for method, url in asked if method == "POST"}
        marks = request.node.iter_markers("sends")
        named = {path for mark in marks for path in mark.args}
        assert all(any(map(compile_path(path)[0].match, sent)) for path in named), sent
    finally:
        for page in pages:
            page.close()


@pytest.fixture(scope="module")
def one_page(driver, paged):
    """Open the one browser that shows the states of pages, one after the other."""
    page = new_page(driver)
    page.open(f"{paged.url}/sign-in")
    yield page
    page.close()


@pytest.fixture(scope="module")
def cookies(paged):
    """Return the cookies of who has signed in: tokens are shown once, not before each state."""
    found = {"": {}}
    for who in ("reader", "writer", "owner", "server", "foreign"):
        with httpx.Client(base_url=paged.url) as client:
            client.post("/sign-in", data={"token": paged.tokens[who]}, headers=OWN)
            found[who] = dict(client.cookies)
    return found


def give(ask):
    """Have memories handed out to a client and to a session; one was not useful."""
    start = {"client": "codex", "event": "start", "session": "birds", "project": "garden"}
    ask("POST", "/hooks/recall", **start)
    found = ask("POST", "/search", query="teal")["results"][0]["memory_id"]
    wait_until(lambda: found in str(ask("GET", "/given")["given"]), "the record")
    ask("POST", f"/given/latest/not-useful/{found}")


@pytest.fixture(scope="module")
def lived_in(paged):
    """Have something of everything that pages show; return the ids that states name."""

    def ask(method, path, **body):
        answer = paged.request("owner", method, f"/api/v1{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    said = [{"role": "user", "content": f"The {one} is on the pond."} for one in ("coot", "teal")]
    asked, answer, _ = paged.memory_ids
    saved = ask("POST", "/conversations", messages=said, session_id="pond")
    forgotten, replaced = saved["memory_ids"]
    old = {"role": "user", "content": "The smew left.", "created_at": "2021-03-03T00:00:00Z"}
    ask("POST", "/conversations", messages=[old], session_id="pond-once")
    ask("POST", f"/memories/{replaced}/correct", content="The teal left the pond.")
    ask("POST", "/forget", memory_ids=[forgotten])
    for name in ("reeds", "rushes"):
        ask("POST", "/conversations", messages=[{**said[0], "role": "tool"}], session_id=name)
    said = [{"role": "assistant", "name": "Mill \u202eder", "content": one} for one in WRITTEN]
    saved = ask("POST", "/conversations", messages=said, session_id="written")
    ask("POST", f"/memories/{saved['memory_ids'][0]}/confirm")
    allow_an_app(paged)
    give(ask)
    with ExitStack() as stack:
        stack.enter_context(captured(paged))
        stack.enter_context(brought_in(paged))
        stack.enter_context(handed_in(paged))
        yield {"asked": asked, "answer": answer, "forgotten": forgotten}
    for listed, path in (("tokens", "/tokens"), ("apps", "/apps")):
        for one in ask("GET", path)[listed]:
            if listed == "apps" or one["name"] not in paged.tokens:
                paged.request("owner", "DELETE", f"/api/v1{path}/{one['name']}")
    for session_id in ("pond", "pond-once", "written", "reeds", "rushes"):
        ask("POST", "/forget", session_id=session_id)


@contextmanager
def handed_in(paged):
    """Have a file of the owner that is counted, and one of the writer that cannot be read."""
    route = "/api/v1/imports/files"
    paged.request("owner", "POST", route)
    paged.request("writer", "POST", route, content=b"\x89PNG\r\n\x1a\n" + bytes(90))
    yield
    for who in ("owner", "writer"):
        for one in paged.request(who, "GET", route).json()["files"]:
            paged.request(who, "DELETE", f"{route}/{one['import_id']}")


def allow_an_app(paged):
    """Keep that the owner let an app in; OAuth itself is off."""
    rows.ask(paged.dsn, _APP)
    rows.ask(paged.dsn, _SECRET)


@pytest.fixture(scope="session")
def axe():
    """Return the script that finds barriers."""
    if not AXE:
        pytest.skip("axe-core is not installed: run ci/console")
    return Path(AXE).read_text()
