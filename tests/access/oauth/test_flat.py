"""What makes refusals take the same time, whatever a token has in common with a valid one.

A token is looked up by its digest, by the same statement for every kind; where it is compared, its
digest is, in constant time. `python -m benchmarks access-checks` times it.
"""

import hmac

import pytest

from sage.access.accounts.secrets import new_token
from sage.access.audit.event import current_event
from sage.access.oauth.store import ACCESS_MARK
from sage.store.connections.connection import Connection
from tests.support.guarded import SERVER_TOKEN
from tests.support.oauth import User
from tests.support.oauth_app import App


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


@pytest.fixture
def seen(monkeypatch):
    """Write down the statements of requests, and what they compare."""
    statements, compared = [], []

    def spy(name):
        run = getattr(Connection, name)

        async def noted(self, statement, *args, **options):
            if current_event() is not None:
                statements.append(statement)
            return await run(self, statement, *args, **options)

        monkeypatch.setattr(Connection, name, noted)

    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        spy(name)
    compare = hmac.compare_digest

    def noted(one, other):
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    return statements, compared


@pytest.fixture
async def refused(app, sage, oauth_sql):
    """Tokens that open nothing: first those of the kinds that users have, then those of apps."""
    expired, revoked = [(await app.exchange(await app.code())).json() for _ in range(2)]
    form = {"token": revoked["access_token"], "client_id": app.client_id}
    await app.http.post("/revoke", data=form)
    await oauth_sql("UPDATE sage.oauth_secrets SET expires_at = now() WHERE kind = 'access'")
    own = [sage.tokens[who] for who in ("expired", "revoked", "unknown")]
    of_apps = [expired["access_token"], revoked["access_token"], new_token(ACCESS_MARK)]
    return own, of_apps


async def test_every_kind_of_token_is_looked_up_by_the_same_statement(app, refused, seen):
    statements, compared = seen
    used = set()
    for kinds in refused:
        for token in kinds:
            statements.clear()
            compared.clear()
            assert await app.status(token) == 401
            used.add((kinds is refused[0], *statements))
            assert [len(one) for pair in compared for one in pair] == [32, 32]
    assert len(used) == 2
    assert {len(one) for one in used} == {2}


@pytest.mark.parametrize("shared", [0, 1, 16, 33])
async def test_the_token_of_the_server_is_compared_by_its_digest_in_constant_time(
    app, seen, shared
):
    _, compared = seen
    guess = SERVER_TOKEN[:shared] + (len(SERVER_TOKEN) - shared) * "x"
    assert await app.status(guess) == 401
    ((one, other),) = compared
    assert len(one) == len(other) == 32
    assert guess.encode() not in {one, other}


async def test_the_page_asks_the_same_of_every_token(app, refused, seen):
    statements, compared = seen
    used, page = set(), None
    for token in (*refused[0], *refused[1], SERVER_TOKEN[:-1] + "x", "x"):
        page = await app.page()
        statements.clear()
        compared.clear()
        assert (await User(token).send(app.http, page)).status_code == 403
        used.add(tuple(statements))
        assert [len(one) for one in compared[-1]] == [32, 32]
    assert len(used) == 1
