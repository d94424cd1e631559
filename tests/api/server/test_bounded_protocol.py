"""Bounds on the head of a request, on a real socket."""

import socket
from urllib.parse import urlsplit

import pytest

from sage.api.server import bounded_protocol as protocol
from tests.support.asgi import echo
from tests.support.serving import DEADLINE_S, running

START = b"GET /a HTTP/1.1\r\nhost: localhost\r\n"


@pytest.fixture
def connect(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_DEADLINE_S", 0.2)

    async def app(scope, receive, send):
        if scope["type"] == "http":
            assert dict(scope["headers"])[b"host"] == b"localhost"
            await echo(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    with running(app) as url:
        place = urlsplit(url)
        yield lambda: socket.create_connection((place.hostname, place.port), timeout=DEADLINE_S)


def answer_to(connection, head):
    connection.sendall(head)
    return connection.recv(65_536)


def test_an_ordinary_head_is_served_again_and_again_on_one_connection(connect):
    with connect() as connection:
        for _ in range(3):
            assert answer_to(connection, START + b"\r\n").startswith(b"HTTP/1.1 200")
        large = START + b"x-a: " + b"a" * (protocol.HEAD_LIMIT_BYTES // 2) + b"\r\n\r\n"
        assert answer_to(connection, large).startswith(b"HTTP/1.1 200")


def test_white_space_around_a_value_is_no_part_of_it(connect):
    with connect() as connection:
        padded = START.replace(b"localhost", b" \t localhost \t ")
        assert answer_to(connection, padded + b"\r\n").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("rest", [b"x-a: " + b"a" * 500_000, b"x-a: b\r\n" * 60_000])
def test_a_head_that_does_not_end_is_refused(connect, rest):
    with connect() as connection:
        assert answer_to(connection, START + rest).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "rest", [b"x-a: " + b"a" * 100_000 + b"\r\n", b"x-a: b\r\n" * 6_000, b"x-a: b\r\n" * 100]
)
def test_a_head_that_comes_whole_is_held_to_the_same_bounds(connect, rest):
    with connect() as connection:
        answer = answer_to(connection, START + rest + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 400")


def test_a_connection_that_says_nothing_is_closed(connect):
    with connect() as connection:
        assert connection.recv(1) == b""


@pytest.mark.parametrize("before", [b"", START + b"\r\n"], ids=["first", "second"])
def test_a_head_that_stops_halfway_is_given_up(connect, before):
    with connect() as connection:
        if before:
            assert b"200" in answer_to(connection, before)
        assert answer_to(connection, START) == b""


def test_a_body_may_take_longer_than_a_head(connect):
    with connect() as connection, connect() as clock:
        connection.sendall(b"POST /a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\na")
        assert clock.recv(1) == b""
        assert answer_to(connection, b"b").startswith(b"HTTP/1.1 200")
