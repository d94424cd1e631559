"""A record that is not as its program writes it is counted, and takes no other with it."""

import json
import zipfile

import pytest

from sage.clients.importing.sources import sources_at
from tests.transfer.importing.sample_files import database, write
from tests.transfer.importing.test_versions_of_exports import WHEN_MS, of_chatgpt, read

ENTITY = {"type": "entity", "name": "A", "entityType": "x", "observations": ["tea"]}


def test_a_block_of_cherry_studio_without_an_id(tmp_path):
    message = {"id": "m", "role": "user", "blocks": ["b"], "createdAt": "2026-01-01T00:00:00Z"}
    blocks = [{"type": "x"}, 5, {"id": "b", "type": "main_text", "content": "hi"}]
    topics = [{"id": "t", "messages": [message]}, {"id": "u", "messages": None}]
    backup = {"version": 4, "localStorage": {}}
    backup["indexedDB"] = {"topics": topics, "message_blocks": blocks}
    said, counts = read(write(tmp_path / "data.json", backup))
    assert said == [("user", "hi")]
    assert counts.skipped == {"unreadable": 1}


def test_facts_of_mem0_without_a_text_or_with_another_id(tmp_path):
    facts = [{"id": "1", "memory": "tea"}, {"id": "2", "memory": None}, {"id": 3, "memory": "x"}]
    facts += [{"id": "4", "memory": "x", "role": {"x": 1}}, {"id": "5", "memory": "coffee"}]
    said, counts = read(write(tmp_path / "get_all.json", facts))
    assert [text for _, text in said] == ["tea", "coffee"]
    assert counts.skipped == {"unreadable": 3}


def test_an_end_that_is_cut_off_is_no_end_of_the_import(sage, tmp_path):
    path = write(tmp_path / "memory.json", json.dumps(ENTITY) + "\n\n{broken\n")
    told = sage("import", path)
    assert told.code == 0
    assert "mcp-memory: 1 message, 1 imported" in told.out
    assert "unreadable 1" in told.out


def test_conversations_of_chatgpt_inside_an_object(tmp_path):
    one = {"conversation_id": "c", "mapping": of_chatgpt("u", None, text="hi")}
    path = write(tmp_path / "conversations.json", {"conversations": [one]})
    assert read(path)[0] == [("user", "hi")]


def test_memories_of_projects_of_claude_in_a_list(tmp_path):
    memories = {
        "conversations_memory": "",
        "project_memories": [{"project_uuid": "p", "memory": "y"}],
    }
    assert read(write(tmp_path / "memories.json", memories))[0] == [("assistant", "y")]


def test_an_observation_of_claude_mem_with_a_time_in_words(tmp_path):
    observation = {
        "id": 1,
        "sdk_session_id": "m",
        "title": "t",
        "created_at": "2026-01-01T00:00:00Z",
    }
    prompt = {"id": 1, "claude_session_id": "s", "prompt_text": "p", "created_at_epoch": WHEN_MS}
    sessions = [{"claude_session_id": "s", "sdk_session_id": "m"}]
    export = {
        "observations": [observation],
        "sessions": sessions,
        "summaries": [],
        "prompts": [prompt],
    }
    said, counts = read(write(tmp_path / "export.json", export))
    assert said == [("user", "p"), ("assistant", "t")]
    assert not counts.undated


def test_a_note_with_the_line_ends_of_windows(tmp_path):
    text = "---\r\ntitle: x\r\npermalink: main/x\r\ntags:\r\n- a\r\n---\r\nOolong."
    path = tmp_path / "x.md"
    path.write_bytes(text.encode())
    (source,) = sources_at([path]).sources
    (memory,) = source.memories()
    assert (source.name, memory.message.content) == ("basic-memory", "Oolong.")
    assert memory.metadata["tags"] == ["a"]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_table_with_speakers_and_any_mark_between_columns(tmp_path, between):
    rows = [("sender", "text", "time"), ("User", "hi", "2026-01-01"), ("GPT-4", "yo", "2026-01-02")]
    rows += [("Anna", "well", "2026-01-03")]
    text = "".join(between.join(row) + "\n" for row in rows)
    (source,) = sources_at([write(tmp_path / "chat.csv", text)]).sources
    said = [
        (one.message.role.value, one.message.name, one.message.content) for one in source.memories()
    ]
    assert said == [("user", None, "hi"), ("assistant", "GPT-4", "yo"), ("user", "Anna", "well")]


@pytest.mark.parametrize("name", ["data", "version", "schema", "kind"])
def test_a_damaged_file_in_a_folder_is_named_and_the_others_are_imported(sage, tmp_path, name):
    write(tmp_path / "memory.json", json.dumps(ENTITY))
    if name == "kind":
        write(tmp_path / "damaged.jsonl", json.dumps({"type": ["user"], "uuid": 1}))
    elif name == "schema":
        path = database(tmp_path / "damaged.db", conversations=[{"content": "x"}])
        path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE T\xe7BLE"))
    else:
        with zipfile.ZipFile(tmp_path / "damaged.zip", "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("conversations.json", json.dumps([{"mapping": {}, "text": "tea" * 99}]))
        raw = bytearray((tmp_path / "damaged.zip").read_bytes())
        if name == "data":
            raw[48:60] = b"\xff" * 12
        else:
            raw[raw.index(b"PK\1\2") + 6] = 106  # the version that is needed to unpack it
        (tmp_path / "damaged.zip").write_bytes(raw)
    told = sage("import", tmp_path)
    assert "mcp-memory: 1 message, 1 imported" in told.out
    assert "damaged" in told.err
    assert "unexpected" not in told.err
