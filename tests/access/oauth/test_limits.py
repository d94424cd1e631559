"""What one address may ask of the OAuth server, so that it shuts nobody else out."""

import asyncio

import pytest

from sage.access.accounts.secrets import new_token
from sage.access.oauth.limits import PER_MINUTE
from sage.config.settings import RateLimitSettings
from tests.access.oauth.conftest import serving_oauth
from tests.support.guarded import make_tokens
from tests.support.live import new_database
from tests.support.oauth_app import App

FAILURES = 3
PROXIED = "x-forwarded-for"


@pytest.fixture
def limited(postgres_server, migrated_template, tmp_path):
    """Serve behind a proxy; give the address and a token of a user."""
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = {
            "limit": RateLimitSettings(failures=FAILURES),
            "trusted_proxies": ("127.0.0.1",),
        }
        with serving_oauth(dsn, tmp_path, **settings) as url:
            yield url, tokens["writer"]


@pytest.fixture
async def app(limited):
    made = App(*limited)
    made.http.headers[PROXIED] = "203.0.113.1"
    async with made:
        yield made


async def test_an_address_registers_so_many_apps_a_minute_and_others_go_on(app):
    answers = [await app.register() for _ in range(PER_MINUTE["/register"] + 5)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[: PER_MINUTE["/register"] - 1] == [201] * (PER_MINUTE["/register"] - 1)
    assert statuses[-3:] == [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "10 a minute" in answers[-1].json()["detail"]
    app.http.headers[PROXIED] = "203.0.113.2"
    assert (await app.register()).status_code == 201


async def test_an_address_begins_so_many_requests_a_minute_and_others_go_on(app):
    most = PER_MINUTE["/authorize"]
    statuses = [(await app.authorize()).status_code for _ in range(most + 5)]
    assert statuses[:most] == [302] * most
    assert statuses[-1] == 429
    app.http.headers[PROXIED] = "203.0.113.2"
    assert (await app.authorize()).status_code == 302


async def test_wrong_tokens_on_the_page_count_as_invalid_ones_of_the_address(app):
    async def sent(token):
        return (await app.user.send(app.http, await app.page(), token=token)).status_code

    assert [await sent(new_token()) for _ in range(FAILURES + 1)] == [403] * FAILURES + [429]
    assert await app.status("wrong") == 429
    assert await sent(app.user.token) == 303
    app.http.headers[PROXIED] = "203.0.113.2"
    assert await app.status("wrong") == 401


async def test_an_address_sends_so_many_forms_a_minute_and_others_go_on(app):
    sent = {
        "/token": lambda: app.exchange("guessed"),
        "/revoke": lambda: app.http.post("/revoke", data={"token": "x", "client_id": "y"}),
        "/oauth/consent": lambda: app.http.post("/oauth/consent", data={"answer": "allow"}),
    }
    for path, send in sent.items():
        count = 0
        while (await send()).status_code != 429:  # a bucket is refilled meanwhile
            count += 1
            assert count < 10 * PER_MINUTE[path], path
        assert count >= PER_MINUTE[path], path
        app.http.headers[PROXIED] = "203.0.113.2"
        assert (await send()).status_code != 429, path
        app.http.headers[PROXIED] = "203.0.113.1"
