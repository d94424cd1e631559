"""Verbs beside a running server: they ask it by its socket, and answer as they do without it."""

import json
import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sage import bootstrap
from sage.api.server.listeners import unix_listener
from sage.clients.data_dir.server_socket import CONFIGURATION_HEADER
from tests.architecture.sources import INSTALLED
from tests.support.ports import free_port
from tests.support.process import answers
from tests.support.process import sage as served
from tests.support.serving import wait_until

UNKNOWN = "0197f3c2-0000-7000-8000-000000000000"
ALIKE = (
    ("list",),
    ("list", "--json", "--limit", "2"),
    ("list", "--limit", "2", "--space", "team"),
    ("list", "--limit", "0"),
    ("list", "--cursor", "nonsense"),
    ("list", "--space", "nowhere"),
    ("list", "--space", ""),
    ("sessions",),
    ("sessions", "--json"),
    ("show", "a/b"),
    ("show", "a/b", "--json", "--limit", "1"),
    ("show", UNKNOWN),
    ("show", "nothing"),
    ("show", "nothing", "--space", "nowhere"),
    ("search", "oolong"),
    ("search", "oolong", "--json", "--explain", "-n", "3"),
    ("search", "oolong", "--space", "*", "--json"),
    ("search", "oolong", "--after", "2026-05-08 15:00", "--role", "user", "--outline"),
    ("search", "oolong", "--after", "never"),
    ("search", "oolong", "--metadata", '{"topic": "drinks"}', "--json"),
    ("search", "oolong", "--metadata", "[]"),
    ("search", "oolong", "-n", "0"),
    ("search", "oolong", "--threshold", "7"),
    ("search", " "),
    ("search", "quarks", "--min-relevance", "strong"),
    ("search", "quarks", "--min-relevance", "none"),
    ("context", "oolong"),
    ("context", "oolong", "--json", "--window", "300", "--no-rerank"),
    ("context", "oolong", "--window", "1"),
    ("stats",),
    ("stats", "--json"),
    ("stats", "--space", "*"),
    ("forget", UNKNOWN),
    ("forget", UNKNOWN, "--undo", "--json"),
    ("forget", "abc"),
    ("forget", "--session", "nothing", "--yes"),
    ("confirm", UNKNOWN, UNKNOWN[:8], "--json"),
    ("confirm", UNKNOWN, "--undo"),
    ("confirm", "abc"),
    ("confirm", UNKNOWN, "--space", "nowhere"),
    ("save", "Which tea?", "Oolong.", "--session", "a/b"),
    ("save", "Which tea?", "Oolong.", "--session", "a/b", "--json"),
    ("project", "list"),
    ("project", "list", "--json"),
    ("project", "list", "--space", "team", "--json"),
    ("project", "show", "nothing"),
    ("project", "show", "/srv/tea", "--json"),
    ("project", "move", "tea", "/srv/oolong", "--dry-run"),
    ("project", "move", "tea", "/srv/oolong", "--dry-run", "--json", "--space", "team"),
    ("project", "move", "/srv/tea", "/srv/mate", "--dry-run"),
    ("project", "merge", "/srv/mate", "/srv/tea", "--dry-run"),
    ("project", "merge", "/srv/tea", "nothing"),
    ("project", "merge", "/srv/tea", "/srv/mate", "--undo"),
    ("save", "x", "y", "--metadata", "[]"),
    ("save", "x", "y", "--replaces", "abc"),
    ("save", "x", "y", "--idempotency-key", ""),
    ("save", "--file", "missing.json"),
)


OF_A_SERVER = {"asyncio", "asyncpg", "fastapi", "httpx", "mcp", "numpy", "onnxruntime", "pydantic"}
RUNS = """
import sys
from sage.cli.main import main
code = main(sys.argv[1:])
print(code, *sys.modules)
"""


@pytest.fixture
def opened(monkeypatch):
    """List how often a command opens services of its own."""
    times, real = [], bootstrap.open_services

    def count(*arguments, **options):
        times.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr("sage.bootstrap.open_services", count)
    return times


@contextmanager
def serving(tmp_path, dsn):
    """Run a server on the data directory that the fixture `here` uses."""
    port = free_port()
    (tmp_path / "data").mkdir()
    with served(tmp_path, port=port, DATABASE_URL=dsn, TZ="UTC") as process:
        wait_until(lambda: answers(port), "readiness")
        yield process


def received(connection):
    """Receive a request, its body too."""
    text = ""
    while True:
        text += connection.recv(65_536).decode()
        head, end, body = text.partition("\r\n\r\n")
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        if end and len(body) == int(length[1] if length else 0):
            return text


@contextmanager
def standing_in(tmp_path, answer):
    """Listen where the server would; answer each request, or end the connection without."""
    (tmp_path / "data").mkdir()
    asked = []

    def serve(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(received(connection))
                connection.sendall(answer)

    with unix_listener(tmp_path / "data") as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _untimed(outcome):
    """Leave out how long the stages of a search took, and how many minutes ago all was saved."""
    untimed = re.sub(r'"took_ms": \{[^}]*\}', "", outcome.out)
    return replace(outcome, out=re.sub(r" +(just now|\d+ minutes? ago) *", " lately ", untimed))


def test_verbs_answer_by_the_server_as_they_do_without_it(
    here, tmp_path, postgres_dsn, opened, monkeypatch
):
    with serving(tmp_path, postgres_dsn):
        assert here("space", "create", "team").code == 0
        for argv in (
            ("Which tea?", "Oolong.", "--session", "a/b", "--metadata", '{"topic": "drinks"}'),
            ("And who?", "Mei likes oolong.", "--created-at", "2026-05-08 15:30"),
            ("In the team?", "Oolong, too.", "--space", "team"),
            ("Tea?", "Sencha.", "--metadata", '{"project": "/srv/tea"}'),
            ("Mate?", "Later.", "--metadata", '{"project": "/srv/mate"}'),
        ):
            saved = here("save", *argv)
            assert (saved.code, saved.out[:5]) == (0, "saved"), saved.err
        assert ": cli " in here("show", "a/b").out.replace("source cli", ": cli")
        by_server = [here(*argv) for argv in ALIKE]
        assert not opened
        monkeypatch.setenv("SAGE_RERANK_CANDIDATES", "30")  # otherwise configured: opens itself
        for argv, told in zip(ALIKE, by_server, strict=True):
            assert _untimed(told) == _untimed(here(*argv)), argv
        assert opened


def test_a_quick_verb_beside_a_server_loads_nothing_of_one(tmp_path, postgres_dsn, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("PYTHONPATH", str(INSTALLED))
    with serving(tmp_path, postgres_dsn):
        for verb in (
            ("list",), ("search", "tea"), ("save", "a", "b"), ("stats",), ("sessions",),
            ("context", "tea"), ("forget", UNKNOWN), ("project", "list"),
        ):  # fmt: skip
            argv = [sys.executable, "-c", RUNS, *verb, "--data-dir", tmp_path / "data"]
            ran = subprocess.run(argv, capture_output=True, text=True, check=True)
            code, *modules = ran.stdout.splitlines()[-1].split()
            assert code == ("1" if verb[0] == "forget" else "0"), ran.stderr
            assert not OF_A_SERVER & {*modules}, verb


def test_a_server_that_does_not_take_a_question_leaves_it_to_the_command(here, tmp_path, opened):
    refusal = json.dumps({"type": "urn:sage:problem:no-route", "status": 404}).encode()
    head = b"HTTP/1.1 404 Not Found\r\ncontent-length: %d\r\n\r\n" % len(refusal)
    with standing_in(tmp_path, head + refusal) as asked:
        saved = here("save", "a", "b", "--session", "s")
    assert saved.out == "saved 2 memories in session s\n"
    assert saved.err.count("named by DATABASE_URL") == 1
    assert len(asked) == len(opened) == 1
    assert f"{CONFIGURATION_HEADER}: " in asked[0]
    assert here("stats").code == 0  # the socket is gone


def test_a_database_that_only_the_environment_names_is_part_of_the_question(
    here, tmp_path, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.invalid")
    with standing_in(tmp_path, b"") as asked:
        here("list")
        for name in ("PGUSER", "PGPORT", "PGDATABASE"):
            with monkeypatch.context() as patch:
                patch.setenv(name, "7")
                here("list")
    marks = {re.search(rf"{CONFIGURATION_HEADER}: (\w+)", one)[1] for one in asked}
    assert len(asked) == len(marks) == 4


def test_an_answer_that_is_lost_is_told_and_a_save_can_be_repeated_safely(here, tmp_path, opened):
    with standing_in(tmp_path, b"") as asked:
        listed, saved = here("list"), here("save", "a", "b")
        in_session = here("save", "a", "b", "--session", "s")
    assert listed.code == saved.code == in_session.code == 1
    assert "the running Sage exited before it answered\n" in listed.err
    key = json.loads(asked[1].partition("\r\n\r\n")[2])["idempotency_key"]
    assert f"repeat the command with --idempotency-key {key}" in saved.err
    assert "repeat the command within ten minutes" in in_session.err
    assert len(asked) == 3
    assert not opened
