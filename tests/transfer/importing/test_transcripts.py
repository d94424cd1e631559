"""Transcripts of AI clients come in once, with the ids that hooks give their messages."""

import json
import shutil
from pathlib import Path

import pytest

from sage.clients.formats.transcripts import PLACES
from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at
from tests.clients.transcripts.taken_back import TAKEN_BACK, write
from tests.support.postgres import ask

SAMPLES = Path(__file__).parents[2] / "clients/hooks/samples"
SOURCES = ("claude-code", "codex", "gemini-cli", "qwen-code", "copilot")


@pytest.fixture
def logs(tmp_path):
    """Copy the samples to where their clients keep them."""
    names = {
        "claude-code": "-home-user/a.jsonl",
        "codex": "sessions/2026/11/20/rollout-a.jsonl",
        "gemini-cli": "proj/chats/session-a.jsonl",
        "qwen-code": "-home-user/chats/a.jsonl",
        "copilot": "a/events.jsonl",
    }
    for source, name in names.items():
        path = tmp_path / "home" / PLACES[source][0] / name
        path.parent.mkdir(parents=True)
        shutil.copy(SAMPLES / f"{source}.jsonl", path)
    return tmp_path / "home"


@pytest.mark.parametrize("source", SOURCES)
def test_a_transcript_is_recognized_by_its_content(source, tmp_path):
    path = tmp_path / "renamed.jsonl"
    shutil.copy(SAMPLES / f"{source}.jsonl", path)
    assert [one.name for one in sources_at([path]).sources] == [source]


@pytest.mark.parametrize("text", ["", "{}\n", '{"role": "user", "content": "x"}\n', "# notes\n"])
def test_another_file_is_not_taken_for_a_transcript(text, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    assert sources_at([path]).sources == []


def test_all_that_is_on_the_machine_is_listed_and_nothing_imported(sage, logs):
    assert logs.is_dir()
    told = sage("import", "--list", "--json")
    assert told.code == 0
    listed = {one["source"]: one["read"] for one in told.answer["sources"]}
    assert listed == dict.fromkeys(SOURCES, 2)
    assert "claude-code" in sage("import", "--list").out
    assert sage("export").out == ""


def test_a_folder_is_imported_once(sage, logs):
    assert sage("import", logs, "--dry-run", "--json").answer["added"] == 10
    answer = sage("import", logs, "--json").answer
    assert answer["added"] == 10
    assert {one["source"] for one in answer["sources"]} == {*SOURCES}
    again = sage("import", logs, "--json").answer
    assert again["added"] == 0
    assert sum(one["there"] for one in again["sources"]) == 10
    assert "Herons nest by the mill." in sage("search", "Where do herons nest?").out


def test_a_grown_file_adds_what_is_new_and_a_fork_no_copies(sage, logs):
    sage("import", logs)
    (claude,) = (logs / PLACES["claude-code"][0]).glob("*/*.jsonl")
    fork = claude.with_name("fork.jsonl")
    line = json.loads(claude.read_text().splitlines()[1])
    line |= {"uuid": "new", "message": {"role": "user", "content": "And where do storks?"}}
    fork.write_text(claude.read_text() + json.dumps(line) + "\n" + '{"half": ')
    answer = sage("import", claude.parent, "--json").answer
    assert answer["added"] == 1
    assert answer["sources"][0]["copies"] == 2


def test_messages_before_a_time_are_left_out(sage, logs):
    assert sage("import", logs, "--since", "2026-11-21", "--json").answer["added"] == 0
    assert sage("import", logs, "--since", "2026-11-19", "--json").answer["added"] == 10


def test_a_folder_without_transcripts_is_refused(sage, tmp_path):
    (tmp_path / "empty").mkdir()
    told = sage("import", tmp_path / "empty")
    assert told.code == 2
    assert "--list" in told.err


def test_ids_and_texts_are_those_of_capture(tmp_path):
    shutil.copy(SAMPLES / "claude-code.jsonl", tmp_path / "a.jsonl")
    (found,) = sources_at([tmp_path]).sources
    first = next(iter(found.memories()))
    assert str(first.memory_id) == "d374c053-60e2-5131-af61-80130bfabd17"  # as hooks give it
    assert first.session_id.startswith("claude-code:")


def test_lines_of_poison_are_counted_and_the_others_kept(tmp_path):
    text = (SAMPLES / "claude-code.jsonl").read_text()
    path = tmp_path / "a.jsonl"
    poison = (b'{"type":"user"', b"\xff\xfe", b'{"type":"user","message":5}', b"[" * 9_000)
    path.write_bytes(b"\n".join((*poison, text.encode(), *poison)))
    (found,) = sources_at([path]).sources
    assert len([*found.memories()]) == 2
    assert found.counts.skipped["unreadable"] == 8


def claude_line(key, text, kind="user", **more):
    message = {"role": kind, "content": text}
    when = "2026-11-20T10:00:00Z"
    return {
        "type": kind,
        "uuid": key,
        "sessionId": "s",
        "timestamp": when,
        "message": message,
    } | more


def test_what_claude_code_wrote_itself_is_left_out_and_told_by_reason(tmp_path):
    lines = [
        claude_line("1", "Where do herons nest?"),
        claude_line("2", "By the mill.", "assistant"),
        claude_line("3", "a delegated question", isSidechain=True),
        claude_line("4", "a caveat", isMeta=True),
        claude_line("5", "a summary", isCompactSummary=True),
        claude_line("6", [{"type": "tool_result", "content": "x"}]),
        claude_line("7", "<command-name>/clear</command-name>"),
        claude_line("8", "", "assistant", message={"model": "<synthetic>", "content": "No."}),
        {"type": "queue-operation", "sessionId": "s"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (found,) = sources_at([path]).sources
    assert len([*found.memories()]) == 2
    assert found.counts.skipped == {
        "sidechains": 1,
        "client's own": 1,
        "summaries": 1,
        "tools": 1,
        "empty": 1,
        "errors": 1,
    }
    (found,) = sources_at([path], Selection(include=frozenset({"sidechains"}))).sources
    assert "a delegated question" in [one.message.content for one in found.memories()]


def test_an_import_supersedes_what_was_kept_of_branches_before_and_adds_nothing(
    sage, tmp_path, postgres_dsn
):
    path = write(tmp_path / "a.jsonl", TAKEN_BACK["Qwen Code"][1])
    assert sage("import", path, "--include", "branches", "--json").answer["added"] == 5
    superseded = "SELECT count(*) FROM sage.memories WHERE superseded_at IS NOT NULL"
    assert ask(postgres_dsn, superseded) == "0"
    for _ in range(2):
        assert sage("import", path, "--json").answer["added"] == 0
        assert ask(postgres_dsn, superseded) == "2"
