"""Every format: what is read of a sample, and that it comes in once, and goes again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at
from tests.support.postgres import ask
from tests.transfer.importing import sample_databases, sample_exports, sample_notes
from tests.transfer.importing.sample_files import write
from tests.transfer.importing.samples import EXPECTED


def read(path, **selection):
    """Return what is read at a path, which one program has written."""
    (source,) = sources_at([path], Selection(**selection)).sources
    return source, [*source.memories()]


def texts(path, **selection):
    return [one.message.content for one in read(path, **selection)[1]]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_with_these_counts(name, tmp_path):
    make, expected, skipped = EXPECTED[name]
    source, memories = read(make(tmp_path))
    assert name.startswith(source.name)
    assert source.counts.read == expected
    assert source.counts.skipped == skipped
    assert not source.counts.problems
    assert len({one.memory_id for one in memories}) == len(memories)
    assert {one.metadata["source"] for one in memories} == {source.name}


def test_all_samples_are_imported_once_and_can_be_undone(sage, tmp_path):
    paths = []
    for name, (make, *_) in EXPECTED.items():
        (tmp_path / name).mkdir()
        paths.append(make(tmp_path / name))
    assert sage("save", "Which tea?", "Oolong.", "--session", "mine").code == 0
    before = sage("export").out
    counted = sage("import", *paths, "--dry-run", "--json").answer
    assert sage("export").out == before
    first = sage("import", *paths, "--json").answer
    assert first["added"] == counted["added"]
    assert all(one["added"] for one in first["sources"])
    again = sage("import", *paths, "--json").answer
    assert (again["added"], again["import_id"]) == (0, None)
    assert sum(one["there"] for one in again["sources"]) == first["added"]
    assert sage("import", "--undo", "last", "--json").answer["undone"] == first["added"]
    assert sage("export").out == before


def test_claude_speaks_as_itself_and_people_with_what_they_attached(tmp_path):
    said = texts(sample_exports.claude(tmp_path))
    assert said[:5] == ["你好 🍵", "One.\n\nTwo.", "asked anew", "pasted", "nul  and half \ufffd"]
    assert "Work\nWorks on Sage." in said
    assert "Answer in Chinese." in said
    memories = read(sample_exports.claude(tmp_path))[1]
    projects = {one.message.content: one.metadata.get("project") for one in memories}
    assert projects["Answer in Chinese."] == projects["Purpose\n项目记忆"] == "p1"
    included = texts(
        sample_exports.claude(tmp_path), include=frozenset({"branches", "thinking", "tools"})
    )
    assert {"an abandoned answer", "Let me see.", 'artifacts: {"command": "create"}\n\nOK'} <= {
        *included
    }


def test_an_export_of_claude_has_the_same_ids_in_one_zip_and_in_several(tmp_path):
    whole = read(sample_exports.claude(tmp_path))[1]
    (tmp_path / "parts").mkdir()
    parts = read(sample_exports.claude_in_parts(tmp_path / "parts"))[1]
    assert {one.memory_id for one in whole} == {one.memory_id for one in parts}


def test_a_graph_read_by_its_tool_has_the_ids_of_its_file(tmp_path):
    path = sample_notes.mcp_memory(tmp_path)
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n")[:8]]
    graph = write(
        tmp_path / "graph.json",
        {
            "entities": [one for one in lines if one["type"] == "entity"],
            "relations": [one for one in lines if one["type"] == "relation"],
        },
    )
    assert {one.memory_id for one in read(graph)[1]} == {one.memory_id for one in read(path)[1]}


def test_an_entity_keeps_its_name_and_what_was_said_twice(tmp_path):
    source, memories = read(sample_notes.mcp_memory(tmp_path))
    assert [one.message.content for one in memories if one.message.name == "张三"] == [
        *("喜欢普洱茶", "住在杭州", "喜欢普洱茶")
    ]
    assert "张三 knows ghost" in [one.message.content for one in memories]
    assert (source.counts.repaired, source.counts.split) == (2, 1)
    assert source.counts.undated == source.counts.read


def test_the_first_sage_keeps_its_sessions_and_times(tmp_path):
    memories = read(sample_notes.original_csv(tmp_path), timezone=ZoneInfo("Asia/Shanghai"))[1]
    by_text = {one.message.content: one for one in memories}
    assert {one.session_id for one in memories} == {"default", "s-1"}
    said = by_text['Tea, "green"\nsecond line']
    assert said.message.created_at == datetime(2025, 8, 10, 4, 34, 56, 123456, UTC)
    assert said.metadata["original"] == {"source": "x"}
    assert by_text["你好"].message.created_at == datetime(2025, 7, 13, 4, tzinfo=UTC)
    assert "back\\slash\ttab" in by_text


def test_the_database_of_the_first_sage_is_read_by_its_address(sage, tmp_path, empty_postgres_dsn):
    ask(
        empty_postgres_dsn,
        "CREATE TABLE memories (id uuid, session_id text, user_input text, assistant_response text,"
        " embedding float[], metadata jsonb, created_at timestamptz);"
        " INSERT INTO memories VALUES ('5f0b6f1e-0000-4000-8000-000000000001', 'default',"
        " E'Tea, \"green\"\\nsecond line', '好的', '{1}', '{\"source\": \"x\"}',"
        " '2025-08-10 04:34:56.123456Z')",
    )
    assert sage("import", empty_postgres_dsn, "--json").answer["added"] == 2
    dump = sample_notes.original_csv(tmp_path) / "dump.sql"
    assert sage("import", dump, "--json").answer["sources"][0]["there"] == 2


def test_a_database_without_tables_of_the_first_sage_is_refused(sage, empty_postgres_dsn):
    told = sage("import", empty_postgres_dsn)
    assert told.code == 2
    assert "no tables of the first version of Sage" in told.err


def test_a_database_in_use_is_read_with_its_newest_rows_and_left_as_it_is(tmp_path):
    path = sample_databases.mcp_memory_service(tmp_path)
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("UPDATE memories SET content = 'written a moment ago' WHERE id = 1")
        writing.commit()
        assert "written a moment ago" in texts(path)
    before = sorted(tmp_path.iterdir())
    assert "written a moment ago" in texts(path)
    assert sorted(tmp_path.iterdir()) == before


def test_several_answers_of_cherry_studio_are_kept_with_their_models(tmp_path):
    memories = read(sample_exports.cherry_studio(tmp_path))[1]
    assert [one.metadata.get("model") for one in memories] == [None, "deepseek", "other"]
    assert {one.metadata["title"] for one in memories} == {"普洱茶"}


def test_a_note_of_basic_memory_is_kept_whole_or_in_sections(tmp_path):
    memories = read(sample_notes.basic_memory(tmp_path))[1]
    by_session = {}
    for one in memories:
        by_session.setdefault(one.session_id, []).append(one)
    assert {name: len(found) for name, found in by_session.items()} == {
        "basic-memory:main/tea": 1,
        "basic-memory:main/张三": 1,
        "basic-memory:main/long": 3,
    }
    assert by_session["basic-memory:main/tea"][0].metadata["tags"] == ["茶", "t1"]


def test_notes_stand_under_the_days_of_their_headings_in_any_encoding(tmp_path):
    memories = read(sample_notes.notes(tmp_path))[1]
    days = [one.message.created_at.date().isoformat() for one in memories][:3]
    assert days == ["2026-03-04", "2026-03-04", "2026-03-05"]
    assert [one.message.content for one in memories[3:]] == ["普洱茶", "第二段", "龙井"]
    assert "# code" in memories[2].message.content


def test_dates_of_a_memory_list_may_be_partial_or_unknown(tmp_path):
    memories = read(sample_notes.memory_list(tmp_path))[1]
    assert [one.message.content for one in memories] == [
        *("喜欢普洱茶", "Works on Sage", "Answers in Chinese\nand goes on")
    ]
    assert [one.metadata.get("undated", False) for one in memories] == [False, True, False]


def test_a_drawer_of_mempalace_gives_a_question_and_an_answer(tmp_path):
    memories = read(sample_databases.mempalace(tmp_path))[1]
    assert [(one.message.role, one.message.content) for one in memories] == [
        ("user", "q1\ngoes on"),
        ("assistant", "answer 1"),
        ("assistant", "only text"),
    ]


def test_claude_mem_comes_into_the_sessions_of_claude_code(tmp_path):
    memories = read(sample_databases.claude_mem(tmp_path))[1]
    assert {one.session_id for one in memories} == {"claude-mem:s1"}
    assert memories[1].message.content == "选择 Postgres\n\nWe chose it.\n\n- fact 1"


def test_what_open_webui_thought_is_cut(tmp_path):
    assert texts(sample_exports.open_webui(tmp_path)) == ["你好", "again", "an old chat"]


def test_activities_of_gemini_become_sessions_by_their_silence(tmp_path):
    memories = read(sample_exports.gemini(tmp_path))[1]
    assert [one.message.content for one in memories] == [
        *("你好", "What tea?", "- A", "later", "Later & more.")
    ]
    assert len({one.session_id for one in memories}) == 2


def test_deleted_memories_come_when_they_are_asked_for(tmp_path):
    included = texts(sample_databases.mcp_memory_service(tmp_path), include=frozenset({"deleted"}))
    assert {"deleted", "superseded"} <= {*included}


def test_a_folder_of_many_programs_is_told_by_program(sage, tmp_path):
    for name in ("mcp-memory", "mem0", "csv", "notes"):
        (tmp_path / "all" / name).mkdir(parents=True)
        EXPECTED[name][0](tmp_path / "all" / name)
    told = sage("import", tmp_path / "all", "--include", "notes")
    assert told.code == 0
    for name in ("mcp-memory", "mem0", "csv", "notes"):
        assert f"{name}: {EXPECTED[name][1]} messages" in told.out
