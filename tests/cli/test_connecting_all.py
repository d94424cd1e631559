"""`sage connect` alone, in a home with transcripts of five clients, the oldest of 29 days ago."""

import json
import os
import pty
import sys

import pytest

from sage.cli.views.program_name import script_path
from tests.support.homes_with_transcripts import write_transcripts

COUNTED = (
    "30 sessions of the last 30 days"
    " (Claude Code 6, Codex 6, Copilot CLI 6, Gemini CLI 6, Qwen Code 6)"
)
UNDOING = (["import", "--undo", "last"], ["connect", "--remove"])
CLIENTS = ["claude-code", "codex", "copilot", "gemini-cli", "qwen-code"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("COLUMNS", "200")
    write_transcripts(home, home / "proj")
    (home / "proj").mkdir()
    monkeypatch.chdir(home / "proj")
    monkeypatch.setattr(sys, "argv", [os.path.relpath(script_path())])
    return home


@pytest.fixture
def answering(kept, monkeypatch):
    """Run it on a terminal on which somebody answers."""

    def run(answers, *argv):
        ours, theirs = pty.openpty()
        os.write(ours, answers.encode())
        with os.fdopen(theirs, encoding="utf-8") as keys:
            monkeypatch.setattr(sys, "stdin", keys)
            monkeypatch.setattr("sage.cli.connecting.local_setup.can_ask", lambda _: True)
            monkeypatch.setattr("sage.cli.terminal.prompt.can_ask", lambda _: True)
            outcome = kept(*argv)
        os.close(ours)
        return outcome

    return run


def files_in(home):
    return {one: one.read_bytes() for one in home.rglob("*") if one.is_file()}


def memories(kept):
    """Count what is kept, also by other tests."""
    return json.loads(kept("stats", "--json").out)["memories"]


def test_nothing_is_changed_where_nobody_answers(kept, home):
    before = files_in(home)
    outcome = kept("connect")
    assert outcome.code == 0
    assert [line.split("  ")[0].split()[0] for line in outcome.out.splitlines()] == CLIENTS
    assert outcome.out.count("not connected; to change: ") == 5
    assert f"not imported: {COUNTED}" in outcome.err
    assert outcome.err.count(" deletes 2 of 6 transcripts within 7 days") == 2
    assert files_in(home) == before


def test_two_answers_connect_all_and_import_all_and_two_commands_undo_that(answering, kept, home):
    before, others = files_in(home), memories(kept)
    outcome = answering("\n\n", "connect")
    assert outcome.code == 0, outcome.err
    assert outcome.out.count(" is connected, with hooks\n") == 5
    assert f"Import {COUNTED}? [Y/n]" in outcome.err
    assert outcome.out.count(": 12 messages, 12 imported\n") == 5
    following, *undoing = outcome.out.splitlines()[-3:]
    assert following.startswith("next  start `claude` in a project")
    again = kept("connect")
    assert [*map(str.split, again.out.splitlines())] == [
        [name, "connected,", "with", "hooks"] for name in CLIENTS
    ]
    assert "deletes" not in again.err
    assert "sessions" not in again.err
    for words, line in zip(UNDOING, undoing, strict=True):
        assert line.startswith("undo  /")  # it works from any folder
        assert " ".join(words) in line
        assert kept(*words).code == 0
    assert files_in(home) == before
    assert memories(kept) == others


def test_each_question_can_be_answered_with_no_and_for_a_script(answering, kept, home):
    before = files_in(home)
    outcome = answering("n\nn\n", "connect")
    assert "nothing was changed: `" in outcome.err
    assert f"not imported: {COUNTED}" in outcome.err
    assert files_in(home) == before
    outcome = kept("connect", "--yes", "--no-import")
    assert outcome.out.count(" is connected, with hooks\n") == 5
    assert f"not imported: {COUNTED}" in outcome.err
    assert "import --undo" not in outcome.out
    assert "Start Sage; until then, hooks queue what they capture" in outcome.err
    assert kept("connect", "--import").out.count(": 12 messages") == 5
    assert kept("import", "--undo", "last").code == 0
    removed = kept("connect", "--remove")
    assert removed.code == 0
    assert "saved memories remain: `" in removed.err
    assert files_in(home) == before
    refused = kept("connect", "codex", "--yes")
    assert (refused.code, "--yes applies to all clients at once" in refused.err) == (2, True)
