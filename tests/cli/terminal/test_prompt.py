import io

import pytest

from sage.cli.terminal.prompt import confirm


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False), ("x\n", False)],
)
def test_only_yes_agrees(terminal, typing, typed, agreed):
    console = terminal()
    typing(typed)
    assert confirm(console, "forget 2 memories") is agreed
    assert console.err.getvalue().startswith("forget 2 memories? [y/N] ")


def test_scripts_are_not_asked(pipe, terminal, typing, monkeypatch):
    typing("n\n")
    assert confirm(pipe, "forget 2 memories")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert confirm(terminal(), "forget 2 memories")
    assert pipe.err.getvalue() == ""


def test_a_question_that_is_interrupted_ends_its_line(terminal, typing, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    console = terminal()
    typing("")
    monkeypatch.setattr("sys.stdin.readline", interrupt, raising=False)
    with pytest.raises(KeyboardInterrupt):
        confirm(console, "forget 2 memories")
    assert console.err.getvalue().endswith("[y/N] \n")
