"""The page on which users allow an app: what it shows, and what it takes for an answer."""

import asyncio

import httpx
import pytest

from sage.access.accounts.secrets import new_token
from sage.access.accounts.tokens import create_token
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.oauth import REDIRECT, User
from tests.support.oauth_app import App, said


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def test_the_page_says_who_asks_for_what_and_where_access_goes(app):
    page = await app.page(scope="memory:read")
    assert page.status_code == 200
    for shown in ("Test app", app.client_id, "127.0.0.1:53682", "search and read"):
        assert shown in page.text
    assert "save new memories" not in page.text
    assert "save new memories" in (await app.page()).text


async def test_the_page_is_in_the_language_that_the_browser_prefers(app):
    app.http.headers["accept-language"] = "fr, zh-CN;q=0.9, en;q=0.8"
    page = await app.page()
    assert '<html lang="zh">' in page.text
    assert "一个自称“Test app”的应用" in page.text
    gone = await app.http.get("/oauth/consent")
    assert "此请求已失效" in gone.text


async def test_a_name_is_text_whatever_is_in_it(app):
    named = await app.register(client_name='<script>"&{name}\u202e\x1b[2J\n' + "x" * 500)
    page = await app.page(client_id=named.json()["client_id"])
    assert "&lt;script&gt;&quot;&amp;{name}[2J" in page.text
    for unwanted in ("<script", "\u202e", "\x1b", "x" * 65):
        assert unwanted not in page.text


async def test_browsers_are_told_to_keep_the_page_to_itself(app):
    page = await app.page()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/oauth/consent" in cookie
    assert not {"http:", "https:", "src=", "href=", "@import", "url("} & set(page.text.split())


async def test_who_denies_sends_the_app_away_without_a_token(app):
    denied = await User("", answer="deny").send(app.http, await app.page())
    assert denied.status_code == 303
    assert denied.headers["location"].startswith(REDIRECT)
    assert said(denied) == {"error": "access_denied", "state": "s", "iss": app.url}


@pytest.mark.parametrize("who", ["expired", "revoked", "unknown"])
async def test_a_token_that_opens_nothing_allows_nothing(app, sage, who):
    page = await User(sage.tokens[who]).send(app.http, await app.page())
    assert page.status_code == 403
    assert "unknown or has expired" in page.text
    assert sage.tokens[who] not in page.text
    allowed = await app.user.send(app.http, page)
    assert allowed.status_code == 303


async def test_five_wrong_tokens_end_a_request_and_no_other(app):
    page = await app.page()
    for _ in range(4):
        page = await User(new_token()).send(app.http, page)
        assert page.status_code == 403
    ended = await User(new_token()).send(app.http, page)
    assert ended.status_code == 404
    assert (await app.user.send(app.http, page)).status_code == 404
    assert (await app.exchange(await app.code())).status_code == 200


async def test_the_token_of_a_machine_lets_no_app_in(app, dsn):
    database = await open_database(dsn)
    try:
        async with database.transaction_across_spaces() as conn:
            token = await create_token(conn, {"default": SpaceRole.WRITER}, of_machine=True)
    finally:
        await database.close()
    refused = await User(token).send(app.http, await app.page())
    assert refused.status_code == 403


async def test_a_form_that_is_not_of_this_browser_is_refused(app):
    page = await app.page()
    async with httpx.AsyncClient(timeout=60) as elsewhere:
        assert (await app.user.send(elsewhere, page)).status_code == 404
    for changed in ({"form_key": "x"}, {"form_key": ""}, {"form_key": "\u00e9"}, {"request": "x"}):
        assert (await app.user.send(app.http, page, **changed)).status_code == 404
    assert (await app.user.send(app.http, page)).status_code == 303


async def test_a_request_is_answered_once_however_often_the_form_is_sent(app):
    page = await app.page()
    answers = await asyncio.gather(*(app.user.send(app.http, page) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [303] + 4 * [404]


async def test_a_request_waits_ten_minutes_for_its_answer(app, oauth_sql):
    page = await app.page()
    await oauth_sql("UPDATE sage.oauth_requests SET expires_at = now()")
    assert (await app.user.send(app.http, page)).status_code == 404


async def test_pages_of_others_reach_the_documents_but_not_the_page(app):
    foreign = {"origin": "https://evil.example"}
    for path in (
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
    ):
        found = await app.http.get(path, headers=foreign)
        assert found.headers["access-control-allow-origin"] == "*"
        assert found.json()["resource"] == f"{app.url}/mcp"
    assert (await app.http.post("/token", headers=foreign)).status_code == 401
    for path in ("/oauth/consent", "/mcp", "/authorize"):
        assert (await app.http.post(path, headers=foreign)).status_code == 403
