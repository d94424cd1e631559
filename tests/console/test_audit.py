"""What is changed on the pages, and who signs in and out, stands in the audit log as theirs."""

import asyncio
import json
import re

import asyncpg
import pytest

from sage.config.choices import AuditMode
from sage.config.settings import AuditSettings, RateLimitSettings
from sage.domain.audited import EventPage
from sage.local.data_dir.sign_in_links import make_link
from tests.console.conftest import OWN, SERVER_TOKEN
from tests.support.asgi import app_with, caller
from tests.support.polling import wait_for

ACCESS = "/system/access"


@pytest.fixture
def recorded(paged):
    """Return a function that waits for an event of the console, as chosen."""

    def rows(action, outcome):
        async def read():
            conn = await asyncpg.connect(paged.dsn)
            try:
                told = (
                    "SELECT token_name, origin, space, ids FROM sage.audit"
                    " WHERE surface = 'console' AND action = $1 AND outcome = $2 ORDER BY at DESC"
                )
                return [dict(row) for row in await conn.fetch(told, action, outcome)]
            finally:
                await conn.close()

        return asyncio.run(read())

    def waited(action, token, outcome="ok", about=None):
        def fitting():
            return [
                one
                for one in rows(action, outcome)
                if one["token_name"] == token and (about is None or about in one["ids"])
            ]

        wait_for(fitting, 20)
        assert {one["origin"] for one in fitting()} == {"127.0.0.1"}
        return fitting()

    return waited


def test_each_change_of_a_memory_is_recorded_with_what_it_is_about(browser, paged, recorded):
    client = browser("writer")
    told = {"messages": [{"role": "user", "content": "A ruff was seen."}], "session_id": "ruffs"}
    memory_id = paged.request("writer", "POST", "/api/v1/conversations", json=told).json()[
        "memory_ids"
    ][0]
    form = {"id": memory_id, "text": "A reeve was seen."}
    there = client.post("/correct", data=form, headers=OWN).headers["location"]
    new = re.search(r"hit=([0-9a-f-]{36})", there)[1]
    (corrected,) = recorded("correct_memory", "writer", about=new)
    assert corrected["space"] == "team"
    for path in ("/forget", "/restore", "/forget"):
        client.post(path, data={"id": new}, headers=OWN)
    wait_for(lambda: len(recorded("forget_memory", "writer", about=new)) == 3, 20)
    browser("reader").post("/forget", data={"id": memory_id}, headers=OWN)
    browser("reader").post("/correct", data={"id": memory_id, "text": "No."}, headers=OWN)
    recorded("forget_memory", "reader", "forbidden")
    recorded("correct_memory", "reader", "forbidden")
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "ruffs"})


def test_each_change_of_access_is_recorded_once(browser, paged, recorded):
    client = browser("server")
    for what, form in (
        ("users", {"name": "new-ida"}),
        ("tokens", {"space": "team", "role": "reader", "user": "new-ida", "name": "new-wall"}),
        ("tokens/rotate", {"name": "new-wall"}),
        ("tokens/revoke", {"name": "new-wall"}),
        ("users/remove", {"name": "new-ida"}),
        ("spaces", {"name": "new-marsh"}),
    ):
        answer = client.post(f"{ACCESS}/{what}", data=form, headers=OWN)
        assert answer.status_code in {200, 303}, what
        action = {
            "users": "add_user",
            "users/remove": "remove_user",
            "spaces": "create_space",
            "tokens": "create_token",
        }.get(what) or f"{what.partition('/')[2]}_token"
        assert len(recorded(action, "SAGE_TOKEN", about=form["name"])) == 1, what
    paged.request("server", "DELETE", "/api/v1/spaces/new-marsh", params={"confirm": "new-marsh"})


def test_the_undo_of_an_import_is_recorded(browser, paged, recorded):
    line = {"session_id": "terns", "role": "user", "content": "A tern was seen."}
    shown = {"content": json.dumps(line)}
    import_id = paged.request("writer", "POST", "/api/v1/imports", **shown).json()["import_id"]
    form = {"id": import_id}
    assert browser("writer").post("/connect/imports/undo", data=form, headers=OWN).is_redirect
    recorded("undo_import", "writer", about=import_id)


def test_who_signs_in_and_out_is_recorded_and_who_tries_in_vain(browser, paged, recorded):
    for who, name in (("reader", "reader"), ("server", "SAGE_TOKEN")):
        browser(who).post("/sign-out", headers=OWN)
        recorded("sign_in", name)
        recorded("sign_out", name)
    before = len(recorded("sign_in", "SAGE_TOKEN"))
    browser(None).get(f"/sign-in?once={make_link(paged.settings.data_dir)}")
    wait_for(lambda: len(recorded("sign_in", "SAGE_TOKEN")) > before, 20)
    browser(None).post("/sign-in", data={"token": "wrong"}, headers=OWN)
    recorded("sign_in", None, "token")


class NoEvents:
    """Stands for an empty audit log."""

    async def read(self, _manager, _wanted):
        return EventPage((), None)


@pytest.mark.parametrize(("mode", "is_told"), [(AuditMode.AUTO, True), (AuditMode.ON, False)])
async def test_where_no_token_is_required_the_log_says_what_it_leaves_out(tmp_path, mode, is_told):
    app = app_with(tmp_path, pages=True)
    settings = app.state.settings.model_copy(update={"audit": AuditSettings(mode=mode)})
    app.state.services.events, app.state.services.settings = NoEvents(), settings
    async with caller(app) as client:
        page = await client.get("/system/audit")
    assert page.status_code == 200
    assert ("SAGE_AUDIT=on records all" in page.text) is is_told


async def test_who_tries_too_many_tokens_or_links_has_to_wait_and_a_valid_one_still_works(tmp_path):
    limit = RateLimitSettings(failures=2)
    app = app_with(tmp_path, pages=True, token=SERVER_TOKEN, rate_limit=limit)

    app.state.services.settings = app.state.settings

    async def tried(client, token):
        return (await client.post("/sign-in", data={"token": token}, headers=OWN)).status_code

    async with caller(app, address="2001:db8::1") as client:
        assert [await tried(client, "wrong") for _ in range(3)] == [401, 401, 429]
        assert (await client.get("/sign-in?once=wrong")).status_code == 429
        assert (await client.get("/x", headers={"authorization": "Bearer no"})).status_code == 429
        assert await tried(client, SERVER_TOKEN) == 303
        link = make_link(app.state.settings.data_dir)
        assert (await client.get(f"/sign-in?once={link}")).status_code == 303
    async with caller(app, address="2001:db8:1::1") as other:
        links = [await other.get(f"/sign-in?once={one}") for one in range(3)]
        assert [one.status_code for one in links] == [401, 401, 429]
        assert await tried(other, "wrong") == 429
