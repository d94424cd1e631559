"""How many invalid tokens a minute an address may show, and what the others are told."""

from sage.access.accounts.secrets import new_token
from sage.access.oauth.store import ACCESS_MARK
from sage.config.choices import AuthMode
from sage.config.settings import RateLimitSettings
from sage.domain.caller import Grant, Principal, SpaceRole
from tests.support.asgi import app_with, caller
from tests.support.guarded import SERVER_TOKEN

TOKEN = SERVER_TOKEN
WRONG = {"authorization": "Bearer wrong"}


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


async def test_who_shows_too_many_invalid_tokens_is_told_how_long_to_wait(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(failures=1))
    async with caller(app, address="2001:db8::1", headers=WRONG) as client:
        assert (await client.get("/x")).status_code == 401
    async with caller(app, address="2001:db8::ffff", headers=WRONG) as neighbour:
        refused = await neighbour.get("/x")
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        problem = refused.json()
        assert problem["type"] == "urn:sage:problem:rate-limit"
        assert f"wait {refused.headers['retry-after']} s" in problem["hint"]
        assert (await neighbour.get("/health")).status_code == 200
    async with caller(app, address="2001:db8:0:1::1", headers=WRONG) as other:
        assert (await other.get("/x")).status_code == 401


async def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(tmp_path):
    limit = RateLimitSettings(failures=1)
    app = app_with(tmp_path, token=TOKEN, rate_limit=limit, trusted_proxies=("127.0.0.1",))
    async with caller(app, headers=WRONG) as proxy:

        async def asked(client):
            answer = await proxy.get("/x", headers={"x-forwarded-for": client})
            return answer.status_code

        assert await asked("203.0.113.1") == 401
        assert await asked("203.0.113.1") == 429
        assert await asked("203.0.113.2") == 401
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


async def test_where_every_token_is_let_in_nothing_is_counted(tmp_path):
    app = app_with(tmp_path, rate_limit=RateLimitSettings(failures=1), auth=AuthMode.NONE)
    async with caller(app, headers=WRONG) as client:
        answers = [await client.get("/health/detailed") for _ in range(20)]
    assert statuses(answers) == [200] * 20


async def test_zero_turns_the_limit_off(tmp_path):
    app = app_with(tmp_path, token=TOKEN, rate_limit=RateLimitSettings(failures=0))
    async with caller(app, headers=WRONG) as client:
        assert statuses([await client.get("/x") for _ in range(50)]) == [401] * 50
