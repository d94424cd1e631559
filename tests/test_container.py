"""The start inside a container, without one: what it tells, waits for and refuses."""

import io
import re

import pytest

from sage.cli.parsing import build_parser
from sage.cli.terminal.console import Console
from sage.container import get_ready
from sage.errors import ConfigurationError, StartupError

TOKEN = "t" * 40
NOWHERE = "postgresql://sage:secret-password@127.0.0.1:9/sage"


def options(*argv):
    """Give what `sage serve` would be called with."""
    return build_parser().parse_args(["serve", *argv])


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def console():
    return Console(out=io.StringIO(), err=io.StringIO(), colours_out=False, colours_err=False)


@pytest.fixture
def terminal():
    return Console(out=io.StringIO(), err=Terminal(), colours_out=False, colours_err=True)


@pytest.fixture(autouse=True)
def in_container(monkeypatch, tmp_path):
    """Give the environment of the image."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("SAGE_DATA_DIR", str(tmp_path)),
        ("MCP_SERVER_HOST", "0.0.0.0"),
        ("SAGE_TOKEN", TOKEN),
        ("SAGE_LOG_FORMAT", "console"),
    ):
        monkeypatch.setenv(name, value)
    return monkeypatch.setenv


def test_the_database_is_waited_for_and_migrated(in_container, console, empty_postgres_dsn):
    in_container("DATABASE_URL", empty_postgres_dsn)
    get_ready(options(), console)
    first = console.err.getvalue()
    assert "responded after" in first
    assert "schema: applied 0033_schema" in first
    get_ready(options(), console)
    assert "schema: is current" in console.err.getvalue().removeprefix(first)


def test_a_database_that_never_answers_is_named_without_its_password(in_container, terminal):
    in_container("DATABASE_URL", NOWHERE)
    in_container("TERM", "xterm")
    with pytest.raises(StartupError, match=r"127\.0\.0\.1:9 did not respond within 6 s") as caught:
        get_ready(options(), terminal, deadline_s=6)  # the pool itself waits 5 s before it says why
    shown = terminal.err.getvalue()
    assert re.search(r"\S waiting for the database at 127\.0\.0\.1:9 \d s", shown)
    assert shown.endswith("\r\x1b[1A\x1b[2K")
    assert "secret-password" not in shown + caught.value.detail + caught.value.hint
    assert caught.value.__cause__.message in caught.value.detail


def test_all_that_is_wrong_is_told_before_anything_is_tried(in_container, console):
    in_container("SAGE_TOKEN", "short")
    in_container("SAGE_LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigurationError) as caught:
        get_ready(options(), console)
    assert {problem.variable for problem in caught.value.problems} == {
        "SAGE_TOKEN",
        "SAGE_LOG_LEVEL",
    }
    assert console.err.getvalue() == ""


def test_a_missing_database_is_told_with_the_rest(in_container, console, monkeypatch):
    monkeypatch.setattr("sage.local.postgres.binaries.find_spec", lambda _name: None)
    in_container("SAGE_LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigurationError) as caught:
        get_ready(options(), console)
    assert [problem.variable for problem in caught.value.problems] == [
        "SAGE_LOG_LEVEL",
        "DATABASE_URL",
    ]


def test_no_database_is_refused_where_none_is_built_in(console, monkeypatch):
    monkeypatch.setattr("sage.local.postgres.binaries.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError) as caught:
        get_ready(options(), console)
    (problem,) = caught.value.problems
    assert problem.message.startswith("no database is configured")
    assert "DATABASE_URL" in problem.hint


def test_the_local_model_is_refused_where_it_was_left_out(in_container, console, monkeypatch):
    in_container("DATABASE_URL", NOWHERE)
    monkeypatch.setattr("sage.providers.registry.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError) as caught:
        get_ready(options(), console)
    assert [problem.variable for problem in caught.value.problems] == ["EMBEDDING_PROVIDER"]


def test_options_of_serve_count(in_container, console, monkeypatch):
    monkeypatch.delenv("SAGE_TOKEN")
    in_container("DATABASE_URL", NOWHERE)
    with pytest.raises(StartupError):
        get_ready(options("--host", "127.0.0.1"), console, deadline_s=0.2)
