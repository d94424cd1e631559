"""What a server proves to whoever asks before they show a token (docs/proof.md)."""

import asyncio

import pytest

from sage.access.accounts.tokens import create_token
from sage.clients.hooks.server.proof import PATH, is_proof, key_id, key_of, question
from sage.config.settings import RateLimitSettings
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support import plain_http
from tests.support.asgi import app_with, caller
from tests.support.proof_key import KEY, share_key
from tests.support.serving import serving, settings_for

TOKEN = "a-token-of-at-least-32-characters!"
NONCE = "0f" * 32
HERE = "127.0.0.1:17800"


def served(tmp_path, **server):
    app = app_with(tmp_path, **server)
    app.state.proof_key = KEY
    return app


async def test_only_an_address_of_this_server_is_proved(tmp_path):
    published = {
        "published_addresses": "127.0.0.1:1234, [0:0::1]:1234",
        "public_url": "http://192.0.2.7:8080",
    }
    own = [HERE, "127.0.0.1:1234", "[::1]:1234", "192.0.2.7:8080"]
    foreign = [
        "127.0.0.1:17801",
        "127.0.0.2:17800",
        "[::1]:17800",
        "localhost:17800",
        "",
        f"{HERE}0",
    ]
    async with caller(served(tmp_path, token=TOKEN, **published)) as client:
        for address in (*own, *foreign):
            answer = await client.get(question([KEY], NONCE, address))
            assert answer.status_code == (200 if address in own else 421), address
            assert is_proof(answer.json(), [KEY], NONCE, address) == (address in own)


async def test_a_key_that_is_unknown_is_answered_as_one_that_is_known(tmp_path):
    unknown = bytes(32)
    async with caller(served(tmp_path, token=TOKEN)) as client:
        asked = question([unknown, KEY, key_of(TOKEN)], NONCE, HERE)
        answers = [(await client.get(asked)).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert {len(proof) for proof in answers[0]["proofs"]} == {64}
        for key in (KEY, key_of(TOKEN)):
            assert is_proof(answers[0], [key], NONCE, HERE)
        assert not is_proof(answers[0], [unknown], NONCE, HERE)
        assert not is_proof(answers[0], [KEY], NONCE, f"{HERE}0")
        assert not is_proof(answers[0], [KEY], "1f" * 32, HERE)


async def test_questions_that_are_too_long_or_of_another_version_are_refused(tmp_path):
    fine = question([KEY], NONCE, HERE)
    refused = [
        PATH,
        fine.replace("versions=1", "versions=2"),
        fine.replace(NONCE, NONCE[:-1]),
        fine.replace(NONCE, NONCE.upper()),
        question([KEY] * 5, NONCE, HERE),
        question([], NONCE, HERE),
        f"{fine}&a={'b' * 1_000}",
        fine + "&" * 8,
    ]
    async with caller(served(tmp_path)) as client:
        newer = await client.get(fine.replace("versions=1", "versions=3,1"))
        assert newer.json()["version"] == 1
        for asked in refused:
            answer = await client.get(asked)
            assert answer.status_code == 422, asked
            assert answer.json()["hint"]
        assert (await client.post(fine)).status_code == 405


def test_the_token_of_a_space_is_known_by_its_key_and_unknown_ones_are_counted(
    postgres_dsn, tmp_path
):
    share_key(tmp_path)

    async def settle():
        database = await open_database(postgres_dsn)
        async with database.transaction_across_spaces() as conn:
            token = await create_token(conn, {"default": SpaceRole.WRITER}, name="hooks")
        await database.close()
        return token

    key = key_of(asyncio.run(settle()))
    settings = settings_for(postgres_dsn, tmp_path, token=TOKEN)
    settings = settings.model_copy(update={"rate_limit": RateLimitSettings(failures=2)})
    with serving(settings) as url:
        address = url.removeprefix("http://")

        def asked(*keys):
            return plain_http.get(url + question(keys, NONCE, address))

        statuses = [asked(bytes([number]) * 32).status_code for number in range(4)]
        assert statuses == [200, 200, 429, 429]
        for keys in ([key], [bytes(32), key], [bytes(32), KEY]):
            assert is_proof(asked(*keys).json(), keys, NONCE, address)
        assert key_id(key) != key


@pytest.mark.parametrize("value", ["localhost:17800", "127.0.0.1", "127.0.0.1:x", "::1:17800"])
def test_an_address_without_a_port_or_a_number_is_refused(value, tmp_path):
    with pytest.raises(ValueError, match="no IP address with a port"):
        settings_for(None, tmp_path, published_addresses=value)
