"""What the audit log knows of apps: who let them in, what they were given, what ended it."""

import asyncio
import json

import pytest

from tests.support.oauth import User
from tests.support.oauth_app import App


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


@pytest.fixture
def latest(oauth_sql):
    """Wait for the latest event of an action."""

    async def read(action, **expected):
        async with asyncio.timeout(30):
            while True:
                found = await oauth_sql(
                    "SELECT * FROM sage.audit WHERE action = $1 ORDER BY at DESC LIMIT 1", action
                )
                if found and expected.items() <= dict(found[0]).items():
                    return found[0]
                await asyncio.sleep(0.01)

    return read


async def number(oauth_sql):
    (newest,) = await oauth_sql("SELECT max(grant_id) AS grant_id FROM sage.oauth_grants")
    return f"oauth:{newest['grant_id']}"


@pytest.mark.parametrize(("who", "name"), [("writer", "writer"), ("server", "SAGE_TOKEN")])
async def test_the_life_of_an_app_is_recorded(sage, oauth_sql, latest, who, name):
    async with App(sage.url, sage.tokens[who]) as app:
        code = await app.code()
        grant = await number(oauth_sql)
        allowed = await latest("allow_app", token_name=name)
        assert allowed["ids"] == [grant, "Test app"]
        assert (allowed["surface"], allowed["origin"]) == ("rest", "127.0.0.1")
        pair = (await app.exchange(code)).json()
        await latest("issue_tokens", token_name=grant, outcome="ok")
        pair = (await app.refresh(pair["refresh_token"])).json()
        await latest("refresh_tokens", token_name=grant, outcome="ok")
        form = {"token": pair["access_token"], "client_id": app.client_id}
        await app.http.post("/revoke", data=form)
        await latest("revoke_app", token_name=grant, outcome="ok")


async def test_an_end_by_a_copied_secret_is_told_from_one_by_the_app(app, oauth_sql, latest):
    code = await app.code()
    grant = await number(oauth_sql)
    await app.exchange(code)
    await app.exchange(code)
    await latest("revoke_app", token_name=grant, outcome="reused")
    refused = len(await oauth_sql("SELECT FROM sage.audit WHERE action = 'revoke_app'"))
    await app.exchange(code)
    assert len(await oauth_sql("SELECT FROM sage.audit WHERE action = 'revoke_app'")) == refused


async def test_who_denies_and_who_guesses_fills_the_log_no_faster_than_one_a_minute(
    app, oauth_sql, latest
):
    for _ in range(5):
        await User("", answer="deny").send(app.http, await app.page())
        await User("no token").send(app.http, await app.page())
    denied = await latest("deny_app", outcome="denied")
    assert (denied["ids"], denied["token_name"]) == (["Test app"], None)
    guessed = await latest("allow_app", outcome="token")
    assert (guessed["ids"], guessed["token_name"]) == ([], None)
    for outcome in ("denied", "token"):
        of_page = "SELECT FROM sage.audit WHERE outcome = $1 AND action LIKE '%_app'"
        assert len(await oauth_sql(of_page, outcome)) == 1


async def test_who_guesses_codes_and_refresh_tokens_is_recorded(app, oauth_sql, latest):
    for _ in range(3):
        assert (await app.exchange("guessed")).status_code == 400
        assert (await app.refresh("guessed")).status_code == 400
    for action in ("issue_tokens", "refresh_tokens"):
        refused = await latest(action, outcome="token")
        assert (refused["token_name"], refused["origin"]) == (None, "127.0.0.1")
        found = "SELECT FROM sage.audit WHERE action = $1 AND outcome = 'token'"
        assert len(await oauth_sql(found, action)) == 1


async def test_no_secret_gets_into_the_log(app, oauth_sql):
    code = await app.code()
    pair = (await app.exchange(code)).json()
    whole = json.dumps(
        [dict(row) for row in await oauth_sql("SELECT * FROM sage.audit")], default=str
    )
    assert "issue_tokens" in whole
    for secret in (code, pair["access_token"], pair["refresh_token"], app.user.token):
        assert secret not in whole
