"""Tokens of an external issuer: which are taken, for whom, and where."""

import asyncio
import base64
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from sage.access.accounts.tokens import revoke_token
from sage.access.oauth.external_issuer import IssuerKeys
from sage.store.connections.pool import open_database
from tests.access.oauth.conftest import serving_oauth
from tests.support import plain_http
from tests.support.guarded import SERVER_TOKEN, make_tokens
from tests.support.live import new_database

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = rsa.generate_private_key(65537, 2048)
SUBJECTS = "anna=writer,auth0|ben==reader,carl=expired,dora=no-such-token,emil=revocable"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
SAVE = {"user_prompt": "A heron.", "assistant_response": "Noted."}
HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


def public(key, key_id, **more):
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return json.loads(algorithm.to_jwk(key.public_key())) | {"kid": key_id} | more


class Issuer:
    """Signs tokens, and serves the keys it is told to serve."""

    def __init__(self):
        self.keys = [public(RSA_KEY, "rsa"), public(EC_KEY, "ec")]
        self.asked = 0

    def token(self, key=RSA_KEY, key_id="rsa", algorithm="RS256", **changed):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "anna", "exp": now + 300, "aud": f"{self.sage}/mcp"}
        claims |= {"scope": "openid memory:read memory:write"} | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {} if key_id is None else {"kid": key_id}
        return jwt.encode(claims, key, algorithm, headers=header)

    def call(self, token, tool="get_memory_stats", path="/mcp", **arguments):
        body = CALL | {"params": {"name": tool, "arguments": arguments}}
        shown = HEADERS | {"authorization": f"Bearer {token}"}
        return httpx.post(self.sage + path, json=body, headers=shown, timeout=30)


@contextmanager
def serving_keys(issuer):
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self):
            issuer.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": issuer.keys}).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


async def add_revocable(dsn):
    database = await open_database(dsn)
    async with database.across_spaces() as conn:
        await conn.execute("UPDATE sage.tokens SET name = 'revocable' WHERE name = 'owner'")
    await database.close()


@pytest.fixture(scope="module")
def issuer(postgres_server, migrated_template, tmp_path_factory):
    made = Issuer()
    with new_database(postgres_server, migrated_template) as dsn, serving_keys(made) as url:
        asyncio.run(make_tokens(dsn))
        asyncio.run(add_revocable(dsn))
        made.url, made.dsn = f"{url}/realm", dsn
        settings = {
            "oauth_issuer": made.url,
            "oauth_jwks_url": f"{url}/keys",
            "oauth_subjects": SUBJECTS,
        }
        with serving_oauth(dsn, tmp_path_factory.mktemp("data"), **settings) as sage_url:
            made.sage = sage_url
            yield made


def test_a_token_of_the_issuer_opens_what_the_token_of_its_subject_opens(issuer):
    audiences = [f"{issuer.sage}/mcp", ["other", f"{issuer.sage}/mcp"]]
    for changed in ({"aud": audiences[1]}, {"scope": None, "scp": ["memory:write"]}, {}):
        answer = issuer.call(issuer.token(**changed), "save_conversation", **SAVE)
        assert not answer.json()["result"]["isError"], changed
    assert issuer.call(issuer.token(EC_KEY, "ec", "ES256")).status_code == 200
    found = issuer.call(issuer.token(), "search_memory", query="heron").json()
    assert {one["author"] for one in found["result"]["structuredContent"]["results"]} == {"writer"}


def forged(issuer):
    """Return tokens that prove nothing."""
    now = int(time.time())
    pem = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    good = issuer.token()
    head, body, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    none = jwt.encode(claims, None, "none", headers={"kid": "rsa"})
    signed = jwt.api_jws.PyJWS().encode
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("jwt.algorithms.is_pem_format", lambda _: False)
        hs = signed(json.dumps(claims).encode(), pem, "HS256", headers={"kid": "rsa"})
    return {
        "another key": issuer.token(OTHER_KEY),
        "another kid": issuer.token(OTHER_KEY, "other"),
        "no kid": issuer.token(key_id=None),
        "the key of another algorithm": issuer.token(EC_KEY, "rsa", "ES256"),
        "an algorithm that is not listed": issuer.token(algorithm="RS512"),
        "none": none,
        "HS256 with the public key": hs,
        "no signature": f"{head}.{body}.",
        "another body": f"{head}.{body[:-2]}AA.{signature}",
        "another issuer": issuer.token(iss=f"{issuer.url}/other"),
        "another audience": issuer.token(aud="https://other.example/mcp"),
        "no audience": issuer.token(aud=None),
        "the audience of the whole server": issuer.token(aud=issuer.sage),
        "expired": issuer.token(exp=now - 31),
        "never expires": issuer.token(exp=None),
        "not yet valid": issuer.token(nbf=now + 60),
        "no subject": issuer.token(sub=None),
        "no scope of Sage": issuer.token(scope="openid"),
        "scopes of no form": issuer.token(scope={"memory:read": 1}),
        "a subject that is not named": issuer.token(sub="mallory"),
        "the name of a token as subject": issuer.token(sub="writer"),
        "a subject whose token has expired": issuer.token(sub="carl"),
        "a subject whose token does not exist": issuer.token(sub="dora"),
        "no token": "a.b.c",
        "a header without an end": f"{base64.urlsafe_b64encode(8000 * b'[').decode()}.e30.x",
    }


def test_tokens_that_prove_nothing_are_refused(issuer):
    for what, token in forged(issuer).items():
        answer = issuer.call(token)
        assert answer.status_code == 401, what
        assert 'error="invalid_token"' in answer.headers["www-authenticate"], what
    assert issuer.call(issuer.token()).status_code == 200


def test_clocks_may_differ_by_half_a_minute(issuer):
    now = int(time.time())
    assert issuer.call(issuer.token(exp=now - 20)).status_code == 200
    assert issuer.call(issuer.token(nbf=now + 20)).status_code == 200


def test_scopes_and_the_token_of_the_subject_both_bound_what_is_allowed(issuer):
    reading = issuer.token(scope="memory:read")
    assert issuer.call(reading, "search_memory", query="heron").status_code == 200
    refused = issuer.call(reading, "save_conversation", **SAVE)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    result = issuer.call(issuer.token(sub="auth0|ben="), "save_conversation", **SAVE).json()
    assert "requires the role writer" in result["result"]["content"][0]["text"]


def test_a_signed_token_opens_the_mcp_endpoint_and_nothing_else(issuer):
    for path in ("/api/v1/search", "/metrics", "/health/detailed"):
        assert issuer.call(issuer.token(), path=path).status_code == 401


def test_clients_are_sent_to_the_issuer_and_find_no_other_oauth_server(issuer):
    for path in ("", "/mcp"):
        found = plain_http.get(f"{issuer.sage}/.well-known/oauth-protected-resource{path}").json()
        assert found["authorization_servers"] == [issuer.url]
        assert found["resource"] == f"{issuer.sage}/mcp"
    for path in ("/register", "/.well-known/oauth-authorization-server"):
        assert plain_http.get(issuer.sage + path).status_code == 404
    for path in ("/authorize", "/token", "/revoke", "/oauth/consent"):
        assert plain_http.post(issuer.sage + path).status_code == 401


def test_tokens_of_sage_remain_valid(issuer):
    assert issuer.call(SERVER_TOKEN).status_code == 200


async def test_a_subject_is_out_at_once_when_its_token_is_revoked(issuer):
    token = issuer.token(sub="emil")
    assert issuer.call(token).status_code == 200
    database = await open_database(issuer.dsn)
    async with database.across_spaces() as conn:
        await revoke_token(conn, "revocable")
    await database.close()
    assert issuer.call(token).status_code == 401


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


async def test_new_keys_are_found_but_the_issuer_is_not_asked_for_every_guess():
    served, asked, clock = [public(RSA_KEY, "old")], [], Clock()

    async def fetch(url):
        asked.append(url)
        if served is None:
            raise ConnectionError("away")
        return json.dumps({"keys": served}).encode()

    keys = IssuerKeys("https://id.example/keys", fetch, clock)
    await asyncio.gather(*(keys.key("old") for _ in range(5)))
    assert len(asked) == 1
    served = [public(OTHER_KEY, "new")]
    for guess in range(50):
        assert await keys.key(f"guess {guess}") is None
    assert await keys.key("new") is None
    assert len(asked) == 1
    clock.now += 30
    assert await keys.key("new") is not None
    assert await keys.key("old") is None
    assert len(asked) == 2
    served = None
    clock.now += 3600
    assert await keys.key("new") is not None
    assert len(asked) == 3
    clock.now += 24 * 3600
    assert await keys.key("new") is None
    served = [public(OTHER_KEY, "new")]
    clock.now += 30
    assert await keys.key("new") is not None
    served = []
    clock.now += 3600
    assert await keys.key("new") is None


async def test_keys_that_prove_nothing_or_are_for_something_else_are_left_out():
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"}
    served = [secret, public(RSA_KEY, "enc", use="enc"), public(RSA_KEY, "ps", alg="PS256")]
    served += [public(EC_KEY, "ec"), {"kty": "unknown", "kid": "x"}, {"kid": "x"}, "x", None]
    served += [{"kty": "RSA", "kid": "x", "n": 1, "e": "!"}, {"kty": "EC", "kid": "x", "x": "AA"}]

    async def fetch(_):
        return json.dumps({"keys": served}).encode()

    keys = IssuerKeys("https://id.example/keys", fetch)
    assert [bool(await keys.key(one)) for one in ("secret", "enc", "ps", "x", "ec")] == [
        *4 * [False],
        True,
    ]


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"keys": 1}', b"\xff", b'{"keys": []}'])
async def test_an_answer_that_is_no_key_set_is_no_key(answer):
    async def fetch(_):
        return answer

    assert await IssuerKeys("https://id.example/keys", fetch).key("any") is None


def test_what_checks_signatures_is_loaded_where_an_issuer_is_configured_only():
    code = "import sys, sage.api.http.app; sys.exit('jwt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
