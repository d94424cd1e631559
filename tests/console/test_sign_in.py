"""Signing in to the pages: who gets in, for how long, and what the cookie opens."""

import asyncio
import os
import time
from types import SimpleNamespace

import pytest
from starlette.responses import Response

from sage.access.accounts.tokens import create_token, revoke_token, rotate_token
from sage.cli.main import main
from sage.config.container import Container
from sage.console.cookie import SignInCookie
from sage.console.pages import ConsolePages
from sage.domain.caller import SpaceRole
from sage.local.data_dir.sign_in_links import make_link
from sage.store.connections.pool import open_database
from tests.console.conftest import OWN, SERVER_TOKEN
from tests.support.asgi import app_with, caller
from tests.support.each import each


def test_a_page_asks_for_a_token_and_leads_back_to_where_it_was_wanted(browser):
    client = browser(None)
    asked = client.get("/", params={"q": "heron"})
    assert asked.status_code == 401
    assert 'name="there" value="/?q=heron"' in asked.text
    assert "mill" not in asked.text
    form = {"token": SERVER_TOKEN, "there": "/?q=heron"}
    signed_in = client.post("/sign-in", data=form, headers=OWN)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/?q=heron")
    assert client.get("/").status_code == 200


@each("there", ["//evil.example", "https://evil.example/", "/\\evil.example", "x\r\ny: z"])
def test_signing_in_leads_to_no_other_site(browser, there):
    form = {"token": SERVER_TOKEN, "there": there}
    answer = browser(None).post("/sign-in", data=form, headers=OWN)
    assert answer.headers["location"] == "/"


@each("who", ["expired", "revoked", "unknown"])
def test_a_token_that_opens_nothing_signs_nobody_in(browser, paged, who):
    client = browser(None)
    refused = client.post("/sign-in", data={"token": paged.tokens[who]}, headers=OWN)
    assert refused.status_code == 401
    assert 'role="alert"' in refused.text
    assert "set-cookie" not in refused.headers


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_opens_pages_alone(browser, paged):
    client = browser(None)
    given = client.post("/sign-in", data={"token": paged.tokens["reader"]}, headers=OWN)
    cookie = given.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert paged.tokens["reader"] not in cookie
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/stats").status_code == 401
    assert client.post("/mcp", json={}).status_code == 401
    shown = {"authorization": f"Bearer {SERVER_TOKEN}"}
    assert browser(None).get("/", headers=shown).status_code == 401


async def test_a_cookie_ends_with_the_next_request_once_its_token_has_ended(browser, paged):
    database = await open_database(paged.dsn)
    try:
        async with database.across_spaces() as conn:
            for end in (revoke_token, rotate_token):
                token = await create_token(conn, {"team": SpaceRole.OWNER}, name=end.__name__)
                paged.tokens[end.__name__] = token
                client = await asyncio.to_thread(browser, end.__name__)
                assert (await asyncio.to_thread(client.get, "/")).status_code == 200
                await end(conn, end.__name__)
                part = {"hx-request": "true"}
                ended = await asyncio.to_thread(client.get, "/?q=heron", headers=part)
                assert ended.status_code == 401
                assert ended.headers["hx-refresh"] == "true"
                assert "mill" not in ended.text
    finally:
        await database.close()


def test_signing_out_forgets_the_cookie(browser):
    client = browser("reader")
    assert client.post("/sign-out", headers=OWN).status_code == 303
    assert not client.cookies
    assert client.get("/").status_code == 401


def test_a_cookie_is_for_the_address_it_was_made_for_and_cannot_be_changed(browser, paged):
    client = browser("reader")
    (name, value), *_ = client.cookies.items()
    other_name = f"sage_{int(name.removeprefix('sage_')) + 1}"
    number, expires, signature = value.split(".")
    changed = {
        "another port": ({other_name: value}, {"host": f"127.0.0.1:{other_name[5:]}"}),
        "another name": ({name: value}, {"host": paged.url[7:].replace("127.0.0.1", "localhost")}),
        "another token": ({name: f"{int(number) + 1}.{expires}.{signature}"}, {}),
        "the server's": ({name: f"0.{expires}.{signature}"}, {}),
        "longer": ({name: f"{number}.{int(expires) + 1}.{signature}"}, {}),
        "unsigned": ({name: f"{number}.{expires}.{'0' * 64}"}, {}),
    }
    for change, (cookies, headers) in changed.items():
        shown = "; ".join(f"{one}={text}" for one, text in cookies.items())
        answer = browser(None).get("/", headers={"cookie": shown, **headers})
        assert answer.status_code == 401, change
    assert browser(None).get("/", headers={"cookie": f"{name}={value}"}).status_code == 200


async def test_behind_tls_the_cookie_is_that_of_a_host_alone(tmp_path):
    app = app_with(
        tmp_path, pages=True, token=SERVER_TOKEN, public_url="https://sage.example.org/memory"
    )
    async with caller(app, base_url="http://sage.example.org") as client:
        asked = await client.get("/")
        assert 'action="/memory/sign-in"' in asked.text
        assert 'href="/memory/static/' in asked.text
        form, origin = {"token": SERVER_TOKEN}, {"origin": "https://sage.example.org"}
        given = await client.post("/sign-in", data=form, headers=origin)
        assert given.headers["location"] == "/memory/"
        name, _, rest = given.headers["set-cookie"].partition("=")
        assert name == "__Host-sage"
        assert "Secure" in rest
        assert "Path=/;" in rest
        assert "Max-Age=2592000" in rest
    async with caller(app) as client:
        assert 'action="/sign-in"' in (await client.get("/")).text


def test_without_tls_a_cookie_ends_after_half_a_day():
    now = [1_000_000.0]
    cookie = SignInCookie(SERVER_TOKEN, lambda _: "http://127.0.0.1:17800", lambda: now[0])
    given = Response()
    cookie.set(given, None, 7, b"kept")
    name, _, value = given.headers["set-cookie"].partition(";")[0].partition("=")
    request = SimpleNamespace(cookies={name: value})
    assert cookie.is_valid(cookie.read(request), request, b"kept")
    now[0] += 12 * 3600
    assert cookie.read(request) is None


async def test_nobody_signs_in_where_no_token_is_needed(tmp_path):
    app = app_with(tmp_path, pages=True)
    async with caller(app) as client:
        assert (await client.get("/sign-in")).headers["location"] == "/"


def test_the_link_that_a_container_prints_signs_in_once_and_the_page_names_its_command(
    browser, paged, monkeypatch, capsys
):
    assert "<code>sage console</code>" in browser(None).get("/").text
    monkeypatch.setattr("sage.cli.host.is_own_image", lambda: True)
    monkeypatch.setattr("sage.local.address.is_own_image", lambda: True)
    monkeypatch.setattr("sage.config.container.is_own_image", lambda: True)
    docker = Container(detected=True, runtime="docker")
    monkeypatch.setattr("sage.config.container.detect_container", lambda *_: docker)
    command = "docker compose exec sage-mcp sage console --print"
    assert f"<code>{command}</code>" in browser(None).get("/").text
    for name, value in {
        "MCP_SERVER_PORT": paged.url.rpartition(":")[2],
        "SAGE_DATA_DIR": str(paged.settings.data_dir),
        "SAGE_PUBLISHED_ADDRESSES": "127.0.0.1:17900",
        "SAGE_TOKEN": SERVER_TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["console", "--print"]) == 0
    link = capsys.readouterr().out.strip()
    path = link.removeprefix("http://127.0.0.1:17900")
    assert path.startswith("/sign-in?once=")
    assert [browser(None).get(path).status_code for _ in range(2)] == [303, 401]


def test_a_link_of_the_owner_signs_in_once_and_for_two_minutes(browser, paged):
    folder = paged.settings.data_dir
    link = f"/sign-in?once={make_link(folder)}"
    client = browser(None)
    assert client.get(link).headers["location"] == "/"
    assert client.get("/").status_code == 200
    again = browser(None).get(link)
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    late = make_link(folder)
    (made,) = (folder / "sign-in").iterdir()
    assert late not in made.name
    os.utime(made, (0, time.time() - 121))
    assert browser(None).get(f"/sign-in?once={late}").status_code == 401
    for wrong in ("../sage.pid", "%00", "x"):
        assert browser(None).get(f"/sign-in?once={wrong}").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://127.0.0.1:9"},
        {"origin": "null"},
    ],
)
async def test_a_form_of_another_page_changes_nothing(tmp_path, headers):
    app = app_with(tmp_path, pages=True, token=SERVER_TOKEN)
    paths = [route.path for route in ConsolePages(app.state.settings.server).routes(None)]
    async with caller(app) as client:
        for path in (one for one in paths if "{" not in one):
            answer = await client.post(path, data={"token": SERVER_TOKEN}, headers=headers)
            assert answer.status_code in {403, 405}, path
            assert "set-cookie" not in answer.headers


async def test_a_browser_that_sends_the_origin_alone_may_sign_in(tmp_path):
    app = app_with(tmp_path, pages=True, token=SERVER_TOKEN)
    async with caller(app) as client:
        origin = {"origin": "http://127.0.0.1:17800"}
        answer = await client.post("/sign-in", data={"token": SERVER_TOKEN}, headers=origin)
        assert answer.status_code == 303
