"""Every form of the pages: who may send it, and that it changes nothing for all others."""

import asyncio
import hashlib
import json
from uuid import uuid4

import asyncpg
import httpx
import pytest

from sage.console.pages import ConsolePages
from tests.console.conftest import OWN
from tests.support.each import each

EVERYBODY = frozenset({"nobody", "reader", "writer", "owner", "server"})
SIGNED_IN = EVERYBODY - {"nobody"}
WRITERS = frozenset({"writer", "owner"})
MANAGERS = frozenset({"owner", "server"})
ALONE = frozenset({"server"})
NOWHERE = str(uuid4())

FORMS = {
    "/sign-in": (EVERYBODY, {"token": ""}),
    "/sign-out": (EVERYBODY, {}),
    "/prefer": (SIGNED_IN, {"theme": "dark"}),
    "/confirm": (WRITERS, {"id": "{memory}"}),
    "/correct": (WRITERS, {"id": "{memory}", "text": "It nests elsewhere."}),
    "/forget": (WRITERS, {"id": "{memory}"}),
    "/restore": (WRITERS, {"id": "{memory}"}),
    "/given/not-useful": (WRITERS, {"id": "{memory}", "recall": NOWHERE}),
    "/given/useful": (WRITERS, {"id": "{memory}", "recall": NOWHERE}),
    "/tidy/forget": (WRITERS, {"kind": "duplicates", "id": "{memory}"}),
    "/tidy/restore": (WRITERS, {"kind": "duplicates", "id": "{memory}"}),
    "/forgotten/restore": (WRITERS, {"id": "{memory}"}),
    "/connect/imports/undo": (WRITERS, {"id": NOWHERE}),
    "/connect/imports/file": (WRITERS, {}),
    "/connect/imports/start": (WRITERS, {"id": NOWHERE}),
    "/connect/imports/stop": (WRITERS, {"id": NOWHERE}),
    "/system/access/spaces": (ALONE, {"name": "new-pond"}),
    "/system/access/spaces/{name}": (MANAGERS, {"masking": "on", "name": ""}),
    "/system/access/erase": (MANAGERS, {"space": "team", "confirm": "not its name"}),
    "/system/access/users": (ALONE, {"name": "new-otto"}),
    "/system/access/users/remove": (ALONE, {"name": "new-otto"}),
    "/system/access/tokens": (MANAGERS, {"space": "team", "role": "reader", "name": "new-one"}),
    "/system/access/tokens/rotate": (MANAGERS, {"name": "new-one"}),
    "/system/access/tokens/revoke": (MANAGERS, {"name": "new-one"}),
    "/system/access/apps/revoke": (MANAGERS, {"name": "oauth:7"}),
}
"""Where each form is sent, who may send it, and what it says; those of a space are of `team`."""

IN_TEAM = {"/correct", "/confirm", "/forget", "/restore", "/given/not-useful", "/given/useful"}
IN_TEAM |= {"/tidy/forget", "/tidy/restore", "/forgotten/restore"}
IN_TEAM |= {one for one in FORMS if "/imports/" in one}
HOLD = ("memories", "not_useful", "spaces", "users", "tokens", "token_spaces", "sessions")


@pytest.fixture(scope="module", autouse=True)
def memory_id(paged):
    """Keep a memory that forms are about, and remove all that they made."""
    told = {"messages": [{"role": "user", "content": "It nests here."}], "session_id": "forms"}
    saved = paged.request("writer", "POST", "/api/v1/conversations", json=told)
    yield saved.json()["memory_ids"][0]
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "forms"})
    paged.request("server", "PATCH", "/api/v1/spaces/team", json={"masking": "default"})
    for path in ("tokens/new-one", "users/new-otto", "spaces/new-pond"):
        confirmed = {"confirm": path.partition("/")[2]} if path.startswith("spaces") else {}
        paged.request("server", "DELETE", f"/api/v1/{path}", params=confirmed)


@pytest.fixture(scope="module")
def posted(paged):
    """Return every path of the pages that takes a form."""
    routes = ConsolePages(paged.settings.server).routes(None)
    return {one.path for one in routes if "POST" in getattr(one, "methods", ())}


def state_of(dsn):
    """Return a digest of what forms could change; when a token was last used is not among it."""

    async def read():
        conn = await asyncpg.connect(dsn)
        try:
            rows = []
            for table in HOLD:
                told = f"SELECT to_jsonb({table}) - 'last_used_at' AS row FROM sage.{table}"
                rows += sorted(one["row"] for one in await conn.fetch(told))
            return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
        finally:
            await conn.close()

    return asyncio.run(read())


@pytest.fixture
def send(memory_id):
    """Return a function that sends the form of a path as it is listed, and returns the answer."""

    def sent(client, path, headers=OWN):
        filled = {
            name: text.replace("{memory}", memory_id) for name, text in FORMS[path][1].items()
        }
        asked = {"space": "team"} if path in IN_TEAM else {}
        path = path.replace("{name}", "team")
        sent = {"files": {"file": ("forms.jsonl", b"{}")}} if path.endswith("/file") else {}
        return client.post(path, params=asked, data=filled, headers=headers, **sent)

    return sent


def test_every_form_is_listed_here_with_who_may_send_it(posted):
    assert posted == {*FORMS}


@each("who", ("nobody", "reader", "writer"))
def test_who_may_not_send_a_form_is_refused_and_nothing_is_changed(paged, browser, send, who):
    client = browser(None if who == "nobody" else who)
    before = state_of(paged.dsn)
    refused = 401 if who == "nobody" else 403
    for path, (may, _) in FORMS.items():
        if who not in may:
            answer = send(client, path)
            assert answer.status_code == refused, path
            assert "set-cookie" not in answer.headers, path
    assert state_of(paged.dsn) == before


@each("who", ("owner", "server"))
def test_who_manages_sends_no_form_of_what_they_do_not_manage(paged, browser, send, who):
    client = browser(who)
    before = state_of(paged.dsn)
    for path, (may, _) in FORMS.items():
        if who not in may:
            # SAGE_TOKEN does not open the space `team`: that is told like one that is not there.
            refused = 404 if who == "server" else 403
            assert send(client, path).status_code == refused, path
    assert state_of(paged.dsn) == before


def test_a_form_of_another_page_changes_nothing_whoever_is_signed_in(paged, browser, send):
    before = state_of(paged.dsn)
    for who in ("writer", "owner", "server"):
        client = browser(who)
        for path in FORMS:
            for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
                answer = send(client, path, headers)
                assert answer.status_code == 403, (who, path)
                assert "set-cookie" not in answer.headers, (who, path)
    assert state_of(paged.dsn) == before


def test_with_a_token_that_was_revoked_no_form_changes_anything(paged, browser):
    body = {"opens": ["team:owner"], "name": "new-ended"}
    paged.tokens["ended"] = paged.request("server", "POST", "/api/v1/tokens", json=body).json()[
        "token"
    ]
    client = browser("ended")
    assert paged.request("owner", "DELETE", "/api/v1/tokens/new-ended").status_code == 200
    before = state_of(paged.dsn)
    cookies = dict(client.cookies)
    for path, (may, _) in FORMS.items():
        if "nobody" not in may:
            where = paged.url + path.replace("{name}", "team")
            answer = httpx.post(where, headers=OWN, cookies=cookies, timeout=60)
            assert answer.status_code == 401, path
            assert 'id="token"' in answer.text, path
    assert state_of(paged.dsn) == before


@each("who", ("writer", "owner", "server"))
def test_who_may_send_a_form_is_not_refused(browser, send, who):
    for path, (may, _) in FORMS.items():
        if who in may and path != "/sign-in":
            assert send(browser(who), path).status_code in {200, 303, 404, 409, 422}, path


def test_a_token_for_several_spaces_is_made_by_one_form(browser, paged):
    also = ["", "team:reader", "default:reader"]
    form = {"space": "team", "role": "writer", "name": "of-both", "also": also}
    made = browser("server").post("/system/access/tokens", data=form, headers=OWN)
    assert made.status_code == 200
    listed = paged.request("server", "GET", "/api/v1/tokens").json()["tokens"]
    paged.request("server", "DELETE", "/api/v1/tokens/of-both")
    opened = next(one["opens"] for one in listed if one["name"] == "of-both")
    assert sorted(opened) == ["default:reader", "team:writer"]
