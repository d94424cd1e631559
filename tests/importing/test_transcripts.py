"""Transcripts of AI clients come in once, with the ids that hooks give their messages."""

import json
import shutil
from pathlib import Path

import pytest

from sage.cli.main import main
from sage.importing.sources import sources_at
from sage.importing.transcripts import PLACES, Transcripts, read_heading

SAMPLES = Path(__file__).parents[1] / "hooks/samples"
SOURCES = ("claude-code", "codex", "gemini-cli", "qwen-code", "copilot")


@pytest.fixture
def sage(postgres_dsn, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        code = main([*map(str, argv), "--data-dir", str(tmp_path / "data")])
        return code, capsys.readouterr()

    return run


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
    path = tmp_path / "renamed"
    shutil.copy(SAMPLES / f"{source}.jsonl", path)
    assert read_heading(path).source == source


@pytest.mark.parametrize(
    "text", ["", "{}\n", '{"role": "user", "content": "x"}\n', "# notes\n", '[{"mapping": {}}]']
)
def test_another_file_is_not_taken_for_a_transcript(text, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    assert read_heading(path) is None


def test_all_that_is_on_the_machine_is_listed_and_nothing_imported(sage, logs):
    code, told = sage("import", "--list", "--json")
    assert code == 0
    listed = {one["source"]: one["read"] for one in json.loads(told.out)["sources"]}
    assert listed == dict.fromkeys(SOURCES, 2)
    assert "claude-code" in sage("import", "--list")[1].out
    assert logs.is_dir()


def test_a_folder_is_imported_once(sage, logs):
    code, told = sage("import", logs, "--dry-run", "--json")
    assert json.loads(told.out)["added"] == 10
    code, told = sage("import", logs, "--json")
    assert code == 0
    answer = json.loads(told.out)
    assert answer["added"] == 10
    assert {one["source"] for one in answer["sources"]} == {*SOURCES}
    again = json.loads(sage("import", logs, "--json")[1].out)
    assert again["added"] == 0
    assert sum(one["there"] for one in again["sources"]) == 10
    assert "Herons nest by the mill." in sage("search", "Where do herons nest?")[1].out


def test_a_grown_file_adds_what_is_new_and_a_fork_no_copies(sage, logs):
    sage("import", logs)
    (claude,) = (logs / PLACES["claude-code"][0]).glob("*/*.jsonl")
    fork = claude.with_name("fork.jsonl")
    line = json.loads(claude.read_text().splitlines()[1])
    line |= {"uuid": "new", "message": {"role": "user", "content": "And where do storks?"}}
    fork.write_text(claude.read_text() + json.dumps(line) + "\n" + '{"half": ')
    answer = json.loads(sage("import", claude.parent, "--json")[1].out)
    assert answer["added"] == 1
    assert answer["sources"][0]["copies"] == 2


def test_messages_before_a_time_are_left_out(sage, logs):
    assert json.loads(sage("import", logs, "--since", "2026-11-21", "--json")[1].out)["added"] == 0
    assert json.loads(sage("import", logs, "--since", "2026-11-19", "--json")[1].out)["added"] == 10


def test_a_folder_without_transcripts_is_refused(sage, tmp_path):
    (tmp_path / "empty").mkdir()
    code, told = sage("import", tmp_path / "empty")
    assert code == 2
    assert "--list" in told.err


def test_ids_and_texts_are_those_of_capture(tmp_path):
    shutil.copy(SAMPLES / "claude-code.jsonl", tmp_path / "a.jsonl")
    (found,) = sources_at([tmp_path])
    first = next(iter(found.memories()))
    assert str(first.memory_id) == "d374c053-60e2-5131-af61-80130bfabd17"  # as hooks give it
    assert first.session_id.startswith("claude-code:")


def test_lines_of_poison_are_passed_over(tmp_path):
    text = (SAMPLES / "claude-code.jsonl").read_text()
    path = tmp_path / "a.jsonl"
    poison = (b'{"type":"user"', b"\xff\xfe", b'{"type":"user","message":5}', b"[" * 9_000)
    path.write_bytes(b"\n".join((*poison, text.encode(), *poison)))
    assert len([*Transcripts("claude-code", [path]).memories()]) == 2
