"""What was allowed: how it is listed, and what ends it."""

import httpx
import pytest

from sage.access.accounts.tokens import create_token, list_tokens, revoke_token, rotate_token
from sage.access.accounts.users import add_user, remove_user
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.oauth import Storage, User, signed_in

READER, WRITER, OWNER = SpaceRole


@pytest.fixture
async def conn(dsn):
    database = await open_database(dsn)
    async with database.across_spaces() as lent:
        yield lent
    await database.close()


async def status(sage, storage):
    """Call with the access token; 401 once it opens nothing (400: the call says nothing)."""
    shown = {"authorization": f"Bearer {storage.tokens.access_token}"}
    async with httpx.AsyncClient(timeout=30) as http:
        return (await http.post(f"{sage.url}/mcp", headers=shown, json={})).status_code


async def refreshed(sage, storage):
    form = {
        "grant_type": "refresh_token",
        "refresh_token": storage.tokens.refresh_token,
        "client_id": storage.client.client_id,
    }
    async with httpx.AsyncClient(timeout=30) as http:
        return (await http.post(f"{sage.url}/token", data=form)).status_code


async def allow(sage, token):
    storage = Storage()
    async with signed_in(sage.url, User(token), storage):
        return storage


@pytest.mark.parametrize("end", ["revoke", "rotate", "expire", "remove the user", "revoke the app"])
async def test_access_ends_with_the_token_it_was_allowed_with(sage, conn, end):
    await add_user(conn, "anna")
    token = await create_token(conn, {"team": WRITER}, name="phone", user="anna")
    storage = await allow(sage, token)
    assert await status(sage, storage) == 400
    match end:
        case "revoke":
            await revoke_token(conn, "phone")
        case "rotate":
            await rotate_token(conn, "phone")
        case "expire":
            await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = 'phone'")
        case "remove the user":
            await remove_user(conn, "anna")
        case "revoke the app":
            (app,) = [one for one in await list_tokens(conn) if one.prefix == "Test app"]
            await revoke_token(conn, app.name)
    assert (await status(sage, storage), await refreshed(sage, storage)) == (401, 400)
    await conn.execute("DELETE FROM sage.users")
    await conn.execute("DELETE FROM sage.tokens WHERE name = 'phone'")
    await conn.execute("DELETE FROM sage.oauth_grants")


async def test_apps_are_listed_with_what_they_open_and_whose_they_are(sage, conn):
    await add_user(conn, "berta")
    both = {"private": OWNER, "team": READER}
    await allow(sage, await create_token(conn, both, name="b", user="berta"))
    await allow(sage, sage.tokens["server"])
    apps = [one for one in await list_tokens(conn) if one.prefix == "Test app"]
    assert {(one.user_name, one.opens, one.is_expired) for one in apps} == {
        ("berta", ("private:writer", "team:reader"), False),
        (None, ("default:writer",), False),
    }
    assert all(one.name.startswith("oauth:") and one.last_used_at for one in apps)
    await rotate_token(conn, "b")
    assert len([one for one in await list_tokens(conn) if one.prefix == "Test app"]) == 1


async def test_an_owner_lists_and_ends_over_rest_the_apps_of_their_space_and_no_others(sage):
    storage = await allow(sage, sage.tokens["writer"])
    of_two = await allow(sage, sage.tokens["several"])

    async def call(who, method, path):
        async with httpx.AsyncClient(timeout=30, headers=sage.headers(who)) as http:
            return await http.request(method, f"{sage.url}/api/v1{path}")

    async def apps(who):
        told = (await call(who, "GET", "/apps")).json()["apps"]
        return {one["token"]: one for one in told}

    seen = await apps("owner")
    assert seen.keys() >= {"writer", "several"}
    mine, shared = seen["writer"], seen["several"]
    assert (mine["host"], mine["opens"]) == ("127.0.0.1", ["team:writer"])
    assert shared["opens"] == ["team:reader"]  # and a space of somebody else
    assert (await apps("server"))["several"]["opens"] == ["private:writer", "team:reader"]
    assert "writer" not in await apps("foreign")
    names = [one["name"] for one in (await call("owner", "GET", "/tokens")).json()["tokens"]]
    assert not [name for name in names if name.startswith("oauth:")]
    for who, method, path, answer in (
        ("writer", "DELETE", f"/apps/{mine['name']}", 403),
        ("foreign", "DELETE", f"/apps/{mine['name']}", 404),
        ("owner", "DELETE", f"/apps/{shared['name']}", 403),
        ("owner", "DELETE", f"/tokens/{mine['name']}", 404),
        ("owner", "POST", f"/tokens/{mine['name']}/rotate", 404),
        ("owner", "DELETE", "/apps/writer", 404),
    ):
        assert (await call(who, method, path)).status_code == answer, path
    assert await status(sage, storage) == 400
    ended = await call("owner", "DELETE", f"/apps/{mine['name']}")
    assert ended.json() == {"name": mine["name"], "spaces": ["team"], "is_gone": True}
    assert (await status(sage, storage), await status(sage, of_two)) == (401, 400)
