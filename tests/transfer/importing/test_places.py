"""`sage import --list` finds what other programs have kept, counts it, and changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.transfer.importing.samples import EXPECTED, MAKERS

SERVER = ".npm/_npx/0a1b/node_modules/@modelcontextprotocol/server-memory/dist"
PLACES = {
    "claude-code-memory": ".claude/projects",
    "cursor": ".config/Cursor/User/globalStorage/state.vscdb",
    "mcp-memory": f"{SERVER}/memory.jsonl",
    "mcp-memory-service": ".local/share/mcp-memory/sqlite_vec.db",
    "mem0-history": ".mem0/history.db",
    "mempalace": ".mempalace/palace/chroma.sqlite3",
    "claude-mem": ".claude-mem/claude-mem.db",
    "basic-memory": "basic-memory",
}


@pytest.fixture
def home(tmp_path):
    """Put each sample where its program would."""
    for name, place in PLACES.items():
        (tmp_path / "made" / name).mkdir(parents=True)
        to = tmp_path / "home" / place
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(MAKERS[name](tmp_path / "made" / name), to)
    return tmp_path / "home"


def everything_below(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_what_is_found_is_counted_and_nothing_changes(sage, home):
    before = everything_below(home)
    told = sage("import", "--list", "--json")
    assert told.code == 0
    assert told.answer["refused"] == []
    found = {one["source"]: (one["read"], one["at"]) for one in told.answer["sources"]}
    assert found.keys() == {name.removesuffix("-history") for name in PLACES}
    for name, place in PLACES.items():
        read, at = found[name.removesuffix("-history")]
        assert read == EXPECTED[name][1]
        assert at.startswith(str(home / place))
    assert everything_below(home) == before
    assert sage("export").out == ""


def test_a_file_elsewhere_is_found_by_the_variable_of_its_program(sage, tmp_path, monkeypatch):
    path = MAKERS["mcp-memory"](tmp_path)
    monkeypatch.setenv("MEMORY_FILE_PATH", str(path))
    (one,) = sage("import", "--list", "--json").answer["sources"]
    assert (one["source"], one["at"]) == ("mcp-memory", str(path))


def test_what_cannot_be_read_is_a_line_and_no_end(sage, home, monkeypatch):
    (home / PLACES["claude-mem"]).write_bytes(b"no database")
    (home / PLACES["mempalace"]).write_bytes(b"SQLite format 3\0 and no more")
    locked, opened = home / PLACES["mcp-memory"], Path.open

    def open_unless_locked(path, *args, **kwargs):
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_unless_locked)
    told = sage("import", "--list")
    assert told.code == 0
    for name in ("claude-mem", "mempalace", "mcp-memory"):
        assert str(home / PLACES[name]) in told.err
    assert "Permission denied" in told.err
    assert "is not recognized" in told.err
    listed = {line.split()[0] for line in told.out.splitlines()}
    assert listed == {"claude-code-memory", "cursor", "mcp-memory-service", "mem0", "basic-memory"}


def test_nothing_is_found_in_an_empty_home(sage):
    assert "no memories or transcripts of other programs were found" in sage("import", "--list").out


MOVED = {
    "claude-code": ("CLAUDE_CONFIG_DIR", "projects/-home-user-proj/s.jsonl"),
    "codex": ("CODEX_HOME", "sessions/2026/11/25/rollout-s.jsonl"),
    "gemini-cli": ("GEMINI_CLI_HOME", ".gemini/tmp/proj/chats/session-s.jsonl"),
    "qwen-code": ("QWEN_HOME", "projects/-home-user-proj/chats/s.jsonl"),
}


@pytest.mark.parametrize("client", MOVED)
def test_transcripts_are_found_where_a_variable_of_their_client_moves_them(
    sage, tmp_path, monkeypatch, client
):
    variable, place = MOVED[client]
    path = tmp_path / "moved" / place
    path.parent.mkdir(parents=True)
    shutil.move(MAKERS[client](tmp_path), path)
    monkeypatch.setenv(variable, str(tmp_path / "moved"))
    found = sage("import", "--list", "--json").answer["sources"]
    assert {one["source"]: one["read"] for one in found} == {client: 2}
