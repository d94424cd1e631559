import io

import pytest

from sage.cli.terminal.console import Console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal():
    """Build a console on a terminal of so many columns."""

    def build(columns=80, **colours):
        return Console(Terminal(), Terminal(), columns=columns, **colours)

    return build


@pytest.fixture
def typing(monkeypatch):
    """Type at a terminal."""

    def type_in(text):
        monkeypatch.setattr("sys.stdin", Terminal(text))

    return type_in


@pytest.fixture
def pipe():
    """Build a console whose streams are no terminals."""
    return Console(io.StringIO(), io.StringIO())
