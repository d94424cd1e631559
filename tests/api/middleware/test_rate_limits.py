"""How many requests a minute a token and an address may send, and what the others are told."""

import asyncio
from contextlib import contextmanager

import pytest
from mcp.shared.exceptions import MCPError

from sage.access.accounts.secrets import new_token
from sage.access.oauth.store import ACCESS_MARK
from sage.api.middleware.rate_limits import MCP_CODE
from sage.config.settings import RateLimitSettings
from sage.domain.caller import Grant, Principal, SpaceRole
from tests.support.asgi import app_with, caller
from tests.support.guarded import SERVER_TOKEN, Guarded, make_tokens
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

TOKEN = SERVER_TOKEN
SHOWN = {"authorization": f"Bearer {TOKEN}"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
MCP_HEADERS = {"accept": "application/json, text/event-stream"}


class OneToken:
    """Knows one token, and counts the look-ups."""

    def __init__(self):
        self.valid, self.looked_up = "sage_one", 0

    async def principal_of(self, token):
        self.looked_up += bool(token)
        grant = Grant("team", "team", SpaceRole.OWNER)
        return Principal((grant,), "anna", token="one") if token == self.valid else None


def statuses(answers):
    return [answer.status_code for answer in answers]


async def test_a_token_that_sends_too_much_is_told_when_to_go_on(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(token=3))
    app.state.services.tokens = OneToken()
    async with caller(app, headers={"authorization": "Bearer sage_one"}) as client:
        answers = [await client.get("/api/v1/nothing") for _ in range(4)]
        assert statuses(answers) == [404, 404, 404, 429]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert 15 <= int(refused.headers["retry-after"]) <= 20
        problem = refused.json()
        assert problem["type"] == "urn:sage:problem:rate-limit"
        assert "3 a minute" in problem["detail"]
        assert f"wait {refused.headers['retry-after']} s" in problem["hint"]
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/metrics", headers={"authorization": ""})).status_code == 401


async def test_the_token_of_the_server_itself_has_no_limit_of_its_own(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(token=3))
    async with caller(app, headers=SHOWN) as client:
        answers = [await client.get("/health/detailed") for _ in range(5)]
    assert statuses(answers) == [200] * 5


async def test_an_address_that_sends_too_much_is_refused_whatever_it_shows(tmp_path):
    limit = RateLimitSettings(address=3)
    app = app_with(tmp_path, token=TOKEN, rate_limit=limit)
    async with caller(app, address="2001:db8::1") as client:
        assert statuses([await client.get("/docs") for _ in range(4)]) == [200, 200, 200, 429]
        assert (await client.get("/health/readiness")).status_code == 200
    async with caller(app, address="2001:db8::ffff", headers=SHOWN) as neighbour:
        assert (await neighbour.get("/health/detailed")).status_code == 429
        told = await neighbour.post("/mcp", json=PING, headers=MCP_HEADERS)
        assert told.status_code == 429
        assert told.headers["content-type"] == "application/json"
        assert told.json()["error"]["code"] == MCP_CODE
        assert f"wait {told.headers['retry-after']} s" in told.json()["error"]["message"]
    async with caller(app, address="2001:db8:0:1::1", headers=SHOWN) as other:
        assert (await other.get("/health/detailed")).status_code == 200


async def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(tmp_path):
    limit = RateLimitSettings(address=1)
    app = app_with(tmp_path, token=TOKEN, rate_limit=limit, trusted_proxies=("127.0.0.1",))
    async with caller(app) as proxy:

        async def asked(client):
            answer = await proxy.get("/docs", headers={"x-forwarded-for": client})
            return answer.status_code

        assert await asked("203.0.113.1") == 200
        assert await asked("203.0.113.1") == 429
        assert await asked("203.0.113.2") == 200
        assert await asked("203.0.113.2, 203.0.113.1") == 429


async def test_invalid_tokens_are_answered_only_so_often(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(failures=3))
    tokens = app.state.services.tokens = OneToken()

    async def shown(client, token):
        headers = {"authorization": f"Bearer {token}"}
        return (await client.get("/api/v1/nothing", headers=headers)).status_code

    async with caller(app) as client:
        assert await shown(client, "sage_one") == 404
        assert [await shown(client, f"sage_{n}") for n in range(5)] == [401, 401, 401, 429, 429]
        assert tokens.looked_up == 4
        assert await shown(client, "sage_one") == 404
        assert await shown(client, TOKEN) == 404
        tokens.valid = "sage_two"
        assert await shown(client, "sage_one") == 429
        assert await shown(client, "sage_two") == 429
        assert tokens.looked_up == 6
        for token in (new_token(), new_token(ACCESS_MARK)):
            assert await shown(client, token) == 429
            tokens.valid = token
            assert await shown(client, token) == 404
        assert (await client.get("/api/v1/nothing")).status_code == 401
    async with caller(app, address="203.0.113.5") as elsewhere:
        assert await shown(elsewhere, "sage_two") == 401


async def test_a_request_without_a_token_is_no_failure(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(failures=1))
    async with caller(app) as client:
        answers = [await client.get("/health/detailed") for _ in range(5)]
    assert statuses(answers) == [401] * 5


async def test_where_no_token_is_required_nothing_is_counted(tmp_path):
    app = app_with(tmp_path, rate_limit=RateLimitSettings(token=1, address=1, failures=1))
    async with caller(app) as client:
        answers = [await client.get("/health/detailed") for _ in range(20)]
    assert statuses(answers) == [200] * 20


async def test_zero_turns_a_limit_off(tmp_path):
    app = app_with(
        tmp_path, token=TOKEN, rate_limit=RateLimitSettings(token=0, address=0, failures=0)
    )
    async with caller(app) as client:
        wrong = {"authorization": "Bearer wrong"}
        assert statuses([await client.get("/x", headers=wrong) for _ in range(50)]) == [401] * 50
        assert statuses([await client.get("/x", headers=SHOWN) for _ in range(50)]) == [404] * 50


@pytest.fixture
def limited(postgres_server, migrated_template, tmp_path):
    """Serve with limits; give a server to call."""

    @contextmanager
    def serve(**limits):
        with new_database(postgres_server, migrated_template) as dsn:
            tokens = asyncio.run(make_tokens(dsn))
            settings = settings_for(dsn, tmp_path, token=TOKEN)
            limit = RateLimitSettings(**limits)
            with serving(settings.model_copy(update={"rate_limit": limit})) as url:
                yield Guarded(url, tokens, "")

    return serve


def drain(server, who, path):
    """Call a route until it is refused."""
    for _ in range(100):
        if server.request(who, "GET", path).status_code == 429:
            return
    raise AssertionError("nothing was refused")


def test_a_model_reads_in_the_answer_of_its_tool_how_long_to_wait(limited):
    async def ask(server):
        async with server.client("reader") as client, server.client("several") as other:
            assert not (await client.call_tool("get_memory_stats", {})).is_error
            drain(server, "reader", "/api/v1/stats")
            told = await client.call_tool("search_memory", {"query": "tea"})
            assert told.is_error
            assert "this token may send 8 a minute" in told.content[0].text
            assert "then repeat the call" in told.content[0].text
            drain(server, "reader", "/api/v1/stats")
            with pytest.raises(MCPError, match=r"8 a minute.*wait [1-8] s"):
                await client.list_tools()
            assert not (await other.call_tool("get_memory_stats", {})).is_error

    with limited(token=8) as server:
        asyncio.run(ask(server))


def test_the_sdks_client_passes_on_what_an_address_is_told(limited):
    async def ask(server):
        async with server.client("foreign") as client:
            assert not (await client.call_tool("get_memory_stats", {})).is_error
            drain(server, None, "/docs")
            with pytest.raises(MCPError, match=r"this address may send 12 a minute.*wait [1-5] s"):
                await client.call_tool("get_memory_stats", {})

    with limited(address=12) as server:
        asyncio.run(ask(server))
