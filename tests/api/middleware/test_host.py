"""Hosts and origins: whom Sage answers."""

import pytest

from sage.api.access import allowed_hosts, allowed_origins
from sage.config.server_settings import ServerSettings
from tests.support.asgi import app_with, caller


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:17800", 200),
        ("127.0.0.1", 200),
        ("LocalHost:9", 200),
        ("[::1]:17800", 200),
        ("sage.example:443", 200),
        ("exact.example:8443", 200),
        ("public.example", 200),
        ("public.example:8000", 200),
        ("exact.example", 421),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:80:80", 421),
        ("localhost:", 421),
        ("localhost:a", 421),
        ("", 421),
    ],
)
async def test_only_known_hosts_are_answered_for(tmp_path, host, status):
    app = app_with(
        tmp_path,
        allowed_hosts=("sage.example", "exact.example:8443"),
        public_url="https://public.example:443/sage",
    )
    async with caller(app) as client:
        for path in ("/health", "/health/liveness", "/no/route"):
            answer = await client.get(path, headers={"host": host})
            assert (answer.status_code == 421) == (status == 421), (path, answer.text)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:17800", 200),
        ("http://localhost:3000", 200),
        ("https://localhost", 200),
        ("http://[::1]:80", 200),
        ("https://app.example", 200),
        ("https://public.example", 200),
        ("https://app.example:8443", 403),
        ("http://app.example", 403),
        ("http://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
    ],
)
async def test_only_known_pages_may_call(tmp_path, origin, status):
    app = app_with(
        tmp_path,
        allowed_origins=("https://app.example",),
        public_url="https://public.example:443/x",
    )
    async with caller(app) as client:
        answer = await client.get("/health", headers={"origin": origin})
        assert answer.status_code == status


async def test_two_hosts_or_one_foreign_origin_among_two_are_refused(tmp_path):
    async with caller(app_with(tmp_path)) as client:
        two = [("host", "localhost"), ("host", "evil.example")]
        assert (await client.get("/health", headers=two)).status_code == 421
        origins = [("origin", "http://localhost"), ("origin", "http://evil.example")]
        assert (await client.get("/health", headers=origins)).status_code == 403


def test_the_address_sage_listens_on_is_one_it_answers_for():
    assert "10.0.0.7:17800" in allowed_hosts(ServerSettings(host="10.0.0.7"))
    assert "[fd00::7]:17800" in allowed_hosts(ServerSettings(host="fd00::7"))
    for every in ("0.0.0.0", "::"):
        assert f"{every}:17800" not in allowed_hosts(ServerSettings(host=every))


def test_the_sdk_is_given_the_same_lists():
    server = ServerSettings(allowed_hosts=("sage.example",), allowed_origins=("https://a.example",))
    assert {"localhost", "localhost:*", "[::1]:*", "sage.example", "sage.example:*"} <= set(
        allowed_hosts(server).as_patterns()
    )
    origins = set(allowed_origins(server).as_patterns())
    assert {"http://localhost:*", "https://a.example"} <= origins
    assert "https://a.example:*" not in origins
