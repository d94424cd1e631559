"""An import is undone exactly: what was there stays, what it brought goes."""

from __future__ import annotations

import json

from tests.support.postgres import ask
from tests.transfer.importing import sample_exports, sample_notes


def line(memory_id, text, **more):
    return json.dumps(
        {"memory_id": memory_id, "session_id": "tea", "role": "user", "content": text} | more
    )


def test_of_two_imports_one_is_undone_by_its_id(sage, tmp_path):
    first = sage("import", sample_notes.mem0(tmp_path), "--json").answer["import_id"]
    kept = sage("export").out
    assert sage("import", sample_exports.deepseek(tmp_path)).code == 0
    told = sage("import", "--undo", "nothing")
    assert told.code == 2
    assert "deepseek, 3" in told.err
    assert "mem0, 3" in told.err
    assert sage("import", "--undo", "last").out.startswith("undone: deleted 3 memories")
    assert sage("export").out == kept
    assert sage("import", "--undo", first[-8:]).code == 0
    assert sage("export").out == ""
    refused = sage("import", "--undo", "last").err
    assert "no import to undo" in refused
    assert "import --list` shows what could be imported" in refused


def test_what_was_there_before_stays_also_in_the_same_session(sage, tmp_path, postgres_dsn):
    old, new = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "12")
    path = tmp_path / "first.jsonl"
    path.write_text(line(old, "green tea"))
    assert sage("import", path).code == 0
    before = sage("export").out
    path.write_text(line(old, "green tea") + "\n" + line(new, "black tea", replaces=[old]))
    assert "to undo: `" in sage("import", path).out
    superseded = f"SELECT superseded_at IS NULL FROM sage.memories WHERE memory_id = '{old}'"
    assert ask(postgres_dsn, superseded) == "f"
    assert sage("import", "--undo", "last", "--json").answer["undone"] == 1
    assert sage("export").out == before
    assert ask(postgres_dsn, superseded) == "t"
    assert sage("import", path, "--json").answer["added"] == 1


def test_nothing_is_left_in_any_table(sage, tmp_path, postgres_dsn):
    assert sage("import", sample_exports.claude(tmp_path)).code == 0
    rows = "SELECT (SELECT count(*) FROM sage.{0})"
    assert ask(postgres_dsn, rows.format("sessions")) != "0"
    assert sage("import", "--undo", "last").code == 0
    for table in ("memories", "sessions", "embedding_queue", "replacements"):
        assert ask(postgres_dsn, rows.format(table)) == "0"


def test_forgotten_memories_of_an_import_go_with_it(sage, tmp_path, postgres_dsn):
    assert sage("import", sample_notes.mem0(tmp_path)).code == 0
    assert sage("forget", "--session", "mem0:r", "--yes").code == 0
    assert sage("import", "--undo", "last", "--json").answer["undone"] == 3
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.memories") == "0"
