"""Bounds on the head of a request, on a real socket."""

import socket
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from sage.api.server import bounded_protocol as protocol
from tests.support.asgi import echo
from tests.support.serving import DEADLINE_S, running, wait_until

START = b"GET /a HTTP/1.1\r\nhost: localhost\r\n"


async def application(scope, receive, send):
    if scope["type"] == "http":
        assert dict(scope["headers"])[b"host"] == b"localhost"
        await echo(scope, receive, send)
        return
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def connected(url):
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=DEADLINE_S)


@pytest.fixture
def connect(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_DEADLINE_S", 0.2)
    with running(application) as url:
        yield lambda: connected(url)


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


def test_a_stop_answers_a_call_on_a_connection_that_was_kept_alive(monkeypatch):
    monkeypatch.setattr(protocol, "LAST_HEAD_S", float(DEADLINE_S))
    with ExitStack() as serving:
        url = serving.enter_context(running(application))

        def accepts():
            try:
                connected(url).close()
            except ConnectionRefusedError:
                return False
            return True

        with connected(url) as connection:
            assert b"connection: close" not in answer_to(connection, START + b"\r\n")
            ending = threading.Thread(target=serving.close)
            ending.start()
            wait_until(lambda: not accepts(), "the end of accepting")
            connection.sendall(START + b"\r\n")
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"\r\nconnection: close\r\n" in answer
            ending.join()
