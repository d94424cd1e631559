"""`sage-client.pyz import`: files are read on the machine that has them, and kept elsewhere."""

import json
import re
from uuid import uuid4

import pytest

from tests.clients.command.conftest import TOKEN
from tests.support import plain_http

KEY = "sk-proj-" + "4f9AbZ7qLm2KxT8w" * 3
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def transcripts(machine):
    """Put a transcript where Claude Code keeps it, with ids of its own; return its folder."""
    folder = machine.home / ".claude/projects/-home-anna-mill"
    folder.mkdir(parents=True)
    said = {"user": "Where do herons nest?", "assistant": f"By the mill. The key is {KEY}."}
    session = str(uuid4())
    lines = [
        {
            "type": role,
            "uuid": str(uuid4()),
            "sessionId": session,
            "timestamp": "2026-11-20T10:00:00.000Z",
            "cwd": "/home/anna/mill",
            "message": {"role": role, "content": [{"type": "text", "text": text}]},
        }
        for role, text in said.items()
    ]
    (folder / "s.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return folder


def imports(url):
    return plain_http.get(f"{url}/api/v1/imports", headers=SHOWN).json()["imports"]


def test_what_is_here_is_listed_counted_imported_once_and_taken_back(
    machine, sage_url, transcripts
):
    machine.connect(sage_url)
    listed = machine.run("import", "--list")
    found = re.search(r"claude-code +(\d+) messages in 1 file: .+s\.jsonl", listed)
    messages = int(found[1])
    assert messages > 1
    before = imports(sage_url)
    told = machine.run("import", transcripts, "--dry-run")
    assert f"claude-code: {messages} messages, {messages} new" in told
    assert imports(sage_url) == before
    told = machine.run("import", transcripts)
    assert f"claude-code: {messages} messages, {messages} imported" in told
    undo = re.search(
        rf"to undo: `\S+ '{machine.data_dir}/sage-client.pyz' import --undo (\w{{8}})`", told
    )[1]
    assert imports(sage_url)[0]["memories"] == messages
    told = machine.run("import", transcripts)
    assert f"{messages} messages, 0 imported, {messages} already stored" in told
    assert "to undo: `" not in told
    assert "you have no import" in machine.run("import", "--undo", "00000000", code=2)
    assert f"undone: deleted {messages} memories of import {undo}" in machine.run(
        "import", "--undo", undo
    )
    assert imports(sage_url) == before


def test_what_a_hook_captured_is_not_imported_again(machine, sage_url, transcripts):
    machine.connect(sage_url)
    transcript = transcripts / "s.jsonl"
    machine.fire("stop", transcript_path=str(transcript), prompt_id="p")
    machine.wait_until_captured()
    told = machine.run("import", transcript)
    assert " 0 imported, " in told
    assert f"{machine.captured()} already stored" in told


def test_a_message_that_is_longer_than_is_wished_is_kept_as_its_ends_and_imported_so(
    machine, sage_url, transcripts
):
    machine.connect(sage_url)
    transcript, settings = transcripts / "s.jsonl", machine.token_file.with_name("client.env")
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    whole, long = "😀" * 1_000, f"First {'苍鹭' * 125_000} last"
    for line, text in zip(lines, (whole, long), strict=True):
        line["message"]["content"] = text
    transcript.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    settings.write_text("SAGE_HOOK_MAX_CHARS=1000\n")
    machine.fire("stop", transcript_path=str(transcript), prompt_id="p")
    machine.wait_until_captured()
    session = f"{sage_url}/api/v1/sessions/claude-code:{lines[0]['sessionId']}"
    kept = plain_http.get(session, headers=SHOWN).json()["memories"]
    assert kept[0]["content"] == whole
    assert re.fullmatch(
        r"First [苍鹭]+\n\[... 249,0\d\d characters left out]\n[苍鹭]+ last", kept[1]["content"]
    )
    assert " 0 imported, 2 already stored" in machine.run("import", transcript)
    settings.unlink()
    assert " 2 imported, 2 already stored" in machine.run("import", transcript)  # of three parts
    again = plain_http.get(session, headers=SHOWN).json()["memories"]
    assert again[1]["content"] == kept[1]["content"]


def test_a_folder_that_is_ignored_is_left_out(machine, sage_url, transcripts):
    machine.connect(sage_url)
    machine.token_file.with_name("client.env").write_text("SAGE_HOOK_IGNORE=/home/anna/mill\n")
    told = machine.run("import", transcripts)
    assert "claude-code: 0 messages, 0 imported\n  skipped: ignored folders 2\n" in told


def test_nothing_has_to_be_connected_for_an_import_and_nothing_is_left_behind(
    machine, sage_url, transcripts, tmp_path
):
    (tmp_path / "token").write_text(TOKEN)
    named = ("--url", f"{sage_url}/", "--token-file", tmp_path / "token")
    before = machine.files()
    refused = machine.run("import", transcripts, token="", code=1)
    assert "no Sage is connected" in refused
    assert "--token-file FILE`; or connect a client first" in refused
    told = machine.run("import", transcripts, *named, "--since", "2020-01-01", token="")
    assert re.search(r", (\d+) imported", told)
    assert machine.files() == before
    assert "undone: " in machine.run("import", "--undo", "last", *named, token="")


def test_what_is_wrong_is_said_and_nothing_is_kept(machine, sage_url, transcripts, tmp_path):
    machine.connect(sage_url)
    before = imports(sage_url)
    (tmp_path / "odd.bin").write_bytes(b"\0\1")
    for words, text, code in (
        ((), "PATH is missing", 2),
        ((tmp_path / "none",), "cannot be read", 2),
        ((tmp_path / "odd.bin",), "nothing that Sage can import was found there", 2),
        ((transcripts, "--since", "some day"), "--since is not a date and time", 2),
        ((transcripts, "--include", "odd"), "--include: 'odd' is unknown", 2),
        ((transcripts, "--space", "odd"), "does not give access to a space 'odd'", 1),
        (
            (transcripts, "--undo", "last", "--space", "odd"),
            "does not give access to a space 'odd'",
            1,
        ),
    ):
        told = machine.run("import", *words, code=code)
        assert text in told
        assert "fix: " in told
    assert imports(sage_url) == before


def test_notes_among_other_things_are_imported_only_when_asked_for(machine, sage_url, tmp_path):
    machine.connect(sage_url)
    for name in ("a", "b"):
        (tmp_path / "notes" / name).mkdir(parents=True)
        (tmp_path / "notes" / name / "n.md").write_text(f"# {tmp_path.name} {name}\n\nOolong.")
    told = machine.run("import", tmp_path / "notes", code=2)
    assert "2 files of notes in 2 directories, which are only imported on request" in told
    told = machine.run("import", tmp_path / "notes", "--include", "notes")
    assert "notes: 2 messages, 2 imported" in told
    machine.run("import", "--undo", "last")


def test_lines_of_sage_are_all_checked_before_any_is_sent(machine, sage_url, tmp_path):
    machine.connect(sage_url)
    before = imports(sage_url)
    line = {"role": "user", "content": f"Oolong for {tmp_path.name}.", "space": "elsewhere"}
    file = tmp_path / "chat.jsonl"

    def write(*lines):
        file.write_text("".join(f"{json.dumps(one)}\n" for one in lines))

    write(line, line, {"role": "user"})
    told = machine.run("import", file, "--session", tmp_path.name, code=2)
    assert "chat.jsonl: 1 invalid line; nothing was imported" in told
    write(line, line)
    assert "line 1.session_id is missing" in machine.run("import", file, code=2)
    assert "--dry-run only applies to exports of other programs" in machine.run(
        "import", file, "--dry-run", code=2
    )
    assert imports(sage_url) == before
    assert "imported 2 memories" in machine.run("import", file, "--session", tmp_path.name)
    told = machine.run("import", file, "--session", tmp_path.name)
    assert "imported 0 memories\n2 memories already exist" in told
    machine.run("import", "--undo", "last")
