"""`connect` without a client, on a machine with transcripts of five, the oldest of 29 days ago."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.clients.command.conftest import TOKEN
from tests.support.homes_with_transcripts import write_transcripts
from tests.support.polling import wait_for

COUNTED = (
    "30 sessions of the last 30 days"
    " (Claude Code 6, Codex 6, Copilot CLI 6, Gemini CLI 6, Qwen Code 6)"
)
UNDOING = (["import", "--undo", "last"], ["connect", "--remove"])


@pytest.fixture
def project(machine):
    project = machine.home / "proj"
    project.mkdir()
    write_transcripts(machine.home, project)
    return project


def say(machine, folder, text, *, session="", at=None):
    """Write what is said, now unless `at` is passed, to the transcript of a session in a folder."""
    said = {"type": "user", "message": {"role": "user", "content": text}, "cwd": str(folder)}
    session = session or folder.name
    told = {"uuid": text, "sessionId": session, "timestamp": f"{at or datetime.now(UTC)}"}
    path = machine.home / f".claude/projects/{folder.name}/{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(said | told) + "\n")


def answer(machine, project, answers, *words):
    """Run the client on a terminal on which somebody answers; return what stood there."""
    ours, theirs = pty.openpty()
    os.write(ours, answers.encode())
    with subprocess.Popen(
        [sys.executable, machine.file, *words],
        env={"HOME": str(machine.home), "PATH": os.defpath, "SAGE_TOKEN": TOKEN},
        cwd=project,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65_536):
                told += piece
        except OSError:
            pass  # it has ended
        os.close(ours)
    text = told.decode().replace("\r\n", "\n")
    assert running.returncode == 0, text
    return text


def test_two_answers_connect_all_and_import_all_and_two_commands_undo_that(
    machine, project, sage_url
):
    before = machine.files()
    told = answer(machine, project, "\n\n", "connect", "--url", sage_url)
    assert told.count("not connected; to change: ") == 5
    (export,) = re.findall(r'^next  (export SAGE_TOKEN=.*?\)")  \(', told, re.MULTILINE)
    shown = subprocess.check_output(["sh", "-c", f'{export}; echo "$SAGE_TOKEN"'], env={})
    assert shown.decode() == f"{TOKEN}\n"
    assert told.count(" deletes 2 of 6 transcripts within 7 days") == 2
    assert told.count(" is connected, with hooks\n") == 5
    assert f"Import {COUNTED}? [Y/n]" in told
    assert told.count(": 12 messages, 12 imported\n") == 5
    known = told.partition("Sage now remembers, among other things:\n")[2].splitlines()[:3]
    assert all("We decided to use RabbitMQ for " in line for line in known)
    begun = machine.fire("start", source="startup", cwd=str(project))
    assert known[0].split("  ")[-1] in begun["hookSpecificOutput"]["additionalContext"]
    again = machine.run("connect")
    assert again.count("connected, with hooks\n") == 5
    assert "deletes" not in machine.run("status")
    for words, line in zip(UNDOING, told.splitlines()[-2:], strict=True):
        assert line.startswith("undo  ")
        assert line.endswith(" ".join(words))
        environ = {"HOME": str(machine.home), "PATH": os.defpath, "SAGE_TOKEN": TOKEN}
        subprocess.run(["sh", "-c", line.removeprefix("undo  ")], cwd="/", env=environ, check=True)
    wait_for(lambda: machine.files() == before)


def test_where_little_is_known_of_the_folder_things_of_the_project_with_most_sessions_are_shown(
    machine, project, sage_url
):
    checkout, other = machine.home / "checkout", machine.home / "other"
    for folder, text in ((checkout, "Thanks."), (other, "Please answer in German from now on.")):
        folder.mkdir()
        say(machine, folder, text)
    told = answer(machine, checkout, "\n\n", "connect", "--url", sage_url)
    first, *others = told.partition("Sage now remembers, among other things:\n")[2].splitlines()[:3]
    assert "Please answer in German from now on." in first
    assert len(others) == 2
    assert all("We decided to use RabbitMQ for " in line for line in others)
    assert project.is_dir()
    machine.run("import", "--undo", "last")


def test_what_was_decided_last_is_shown_before_older_decisions_and_what_was_only_said(
    machine, sage_url
):
    folder = machine.home / "weir"
    folder.mkdir()
    decided = [f"We decided to keep pelican {number} at the weir." for number in range(4)]
    for age, text in zip((9, 8, 7, 6), decided, strict=True):
        say(machine, folder, text, at=datetime.now(UTC) - timedelta(days=age), session=f"w{age}")
    newest = "We decided to use RabbitMQ for the mailer."
    for text in (newest, "The staging database is db7.", "The gate is green."):
        say(machine, folder, text, session="w2")
    told = answer(machine, folder, "\n\n", "connect", "--url", sage_url)
    known = told.partition("Sage now remembers, among other things:\n")[2].splitlines()[:3]
    assert [line.split("  ")[-1] for line in known] == [newest, *decided[:1:-1]]
    machine.run("import", "--undo", "last")


def test_what_was_said_in_a_pause_is_not_imported_with_the_first_answers(machine, sage_url):
    folder = machine.home / "quarry"
    folder.mkdir()
    machine.connect(sage_url)
    say(machine, folder, "The quarry opens at six.")
    machine.run("pause")
    say(machine, folder, "The safe is behind the mirror.")
    machine.run("resume")
    removed = machine.run("connect", "--remove")
    assert (
        f"everything in {machine.data_dir} except {machine.data_dir}/hooks/pauses.json" in removed
    )
    told = machine.run("connect", "--url", sage_url, "--yes")
    assert "claude-code: 1 message, 1 imported\n  skipped: paused 1\n" in told
    assert "imported" not in machine.run("connect", "--import")
    machine.run("import", "--undo", "last")


def test_no_token_is_asked_for_where_no_client_is_there(machine, sage_url):
    (machine.home / ".claude.json").unlink()
    (machine.home / ".claude").rmdir()
    told = machine.run("connect", "--url", sage_url, "--yes", token="")
    assert "no client was found on this machine; supported are " in told
    entry = f"connect generic --url {sage_url}` prints an entry, which requires a token"
    assert f"{entry} for the MCP tools." in told
    assert not machine.files()


def test_each_question_can_be_answered_for_a_script(machine, project, sage_url):
    before = machine.files()
    told = machine.run("connect", "--url", sage_url)
    assert told.count("not connected; to change: ") == 5
    assert "nothing was changed: `python3 " in told
    assert machine.files() == before
    told = machine.run("connect", "--url", sage_url, "--yes", "--no-import")
    assert told.count(" is connected, with hooks\n") == 5
    assert f"not imported: {COUNTED}" in told
    machine.run("import", machine.home / ".codex")
    told = machine.run("connect", "--no-import")
    assert "24 sessions" in told
    assert "Codex 6" not in told
    told = machine.run("connect", "--import")
    assert told.count(": 12 messages, 12 imported\n") == 4
    assert "sessions" not in machine.run("connect", "--import")
    machine.run("import", "--undo", "last")
    machine.run("import", "--undo", "last")
    assert "--yes applies to all clients at once" in machine.run(
        "connect", "codex", "--yes", code=2
    )
    machine.run("connect", "--remove")
    wait_for(lambda: machine.files() == before)
    assert project.is_dir()
