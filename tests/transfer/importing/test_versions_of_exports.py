"""Files that other versions of the programs wrote than the ones that the samples are of."""

import json
import sqlite3

import pytest

from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at
from tests.transfer.importing.sample_databases import database
from tests.transfer.importing.sample_files import write

WHEN_MS = 1_767_225_600_000


def read(path, **selection):
    """Return what the one source at a path holds, and what was left out of it."""
    (source,) = sources_at([path], Selection(**selection)).sources
    memories = [*source.memories()]
    assert not source.counts.problems
    return [(one.message.role.value, one.message.content) for one in memories], source.counts


def of_chatgpt(key, parent, *, role="user", text="x", **more):
    content = {"content_type": "text", "parts": [text]}
    message = {"id": key, "author": {"role": role}, "create_time": 1.7e9, "content": content}
    return {key: {"id": key, "parent": parent, "message": message | more}}


def test_a_broken_message_of_chatgpt_takes_no_other_with_it(tmp_path):
    mapping = of_chatgpt("u", None, text="a question")
    mapping |= of_chatgpt("b", "u", role="assistant", author=None, content={"parts": 5})
    mapping |= of_chatgpt("c", "b", role="assistant", text="an answer")
    mapping |= {"d": 5, "e": {"parent": "c", "message": [1]}}
    one = {"conversation_id": "c", "mapping": mapping, "current_node": "c"}
    said, counts = read(write(tmp_path / "conversations.json", [one]))
    assert said == [("user", "a question"), ("assistant", "an answer")]
    assert sum(counts.skipped.values()) == 2


def of_claude(key, sender, text, parent=None):
    one = {"uuid": key, "sender": sender, "text": text, "created_at": "2026-01-01T09:00:00Z"}
    return one | ({"parent_message_uuid": parent} if parent else {})


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "a list"])
def test_a_broken_message_of_claude_takes_no_other_with_it(tmp_path, linked):
    messages = [
        of_claude("1", "human", "a question", "00000000-0000-4000-8000-000000000000"),
        of_claude("2", "a sender to come", "unknown", "1"),
        of_claude("3", "assistant", "an answer", "2") | {"content": None, "attachments": None},
        {"sender": "human", "text": "without an id"},
        5,
    ]
    if not linked:
        for one in messages[:3]:
            del one["parent_message_uuid"]
    conversation = {"uuid": "c", "name": "", "chat_messages": messages}
    said, counts = read(write(tmp_path / "conversations.json", [conversation]))
    assert said == [("user", "a question"), ("assistant", "an answer")]
    assert counts.skipped == {"unreadable": 3}


def test_a_deepseek_that_had_no_fragments(tmp_path):
    def node(key, parent, **message):
        message["inserted_at"] = "2025-03-30T04:49:36.505000+08:00"
        return {key: {"id": key, "parent": parent, "message": message}}

    mapping = node("1", None, role="USER", content="你好")
    mapping |= node("2", "1", role="ASSISTANT", content="好的", reasoning_content="hm")
    one = {"id": "d", "title": "t", "inserted_at": "2025-03-30T04:49:36Z", "mapping": mapping}
    said, counts = read(write(tmp_path / "conversations.json", [one]))
    assert said == [("user", "你好"), ("assistant", "好的")]
    assert counts.skipped == {"thinking": 1}


def test_an_open_webui_whose_messages_have_parts_and_calls(tmp_path):
    call = '<details type="tool_calls" done="true">\n<summary>x</summary>\n</details>\nSunny.'
    image = {"type": "image_url", "image_url": {"url": "data:"}}
    messages = {
        "u": {"parentId": None, "role": "user", "content": [{"type": "text", "text": "?"}, image]},
        "a": {"parentId": "u", "role": "assistant", "content": call},
        "b": {"parentId": "a", "role": "assistant"} | {"content": 5},
        "c": 5,
    }
    history = {"currentId": "b", "messages": messages}
    chats = [{"id": "w", "created_at": 1.7e9, "chat": {"history": history}}]
    listed = [{"role": "user", "content": "no ids yet"}]
    chats += [{"id": "o", "created_at": 1.7e9, "chat": {"messages": listed}}]
    said, counts = read(write(tmp_path / "chats.json", chats))
    assert said == [("user", "?"), ("assistant", "Sunny."), ("user", "no ids yet")]
    assert counts.skipped == {"empty": 1, "unreadable": 1}


def test_a_librechat_whose_messages_are_a_tree(tmp_path):
    answer = {"messageId": "2", "parentMessageId": "1", "text": "", "content": "an answer"}
    question = {"messageId": "1", "parentMessageId": None, "text": "a question"}
    question |= {"isCreatedByUser": True, "children": [answer, 5]}
    one = {"conversationId": "c", "endpoint": "x", "messages": [question]}
    said, counts = read(write(tmp_path / "chat.json", one))
    assert said == [("user", "a question"), ("assistant", "an answer")]
    assert counts.skipped == {"unreadable": 1}


def test_a_claude_mem_that_called_its_columns_otherwise(tmp_path):
    when = {"created_at_epoch": WHEN_MS}
    path = database(
        tmp_path / "claude-mem.db",
        sdk_sessions=[{"id": 1, "claude_session_id": "s", "sdk_session_id": "m"}],
        observations=[{"id": 1, "sdk_session_id": "m", "text": "tea", "title": None} | when],
        user_prompts=[{"id": 1, "claude_session_id": "s", "prompt_text": "Which tea?"} | when],
    )  # there are no summaries yet
    (source,) = sources_at([path]).sources
    memories = [*source.memories()]
    assert [one.message.content for one in memories] == ["Which tea?", "tea"]
    assert {one.session_id for one in memories} == {"claude-mem:s"}


def test_a_cursor_that_kept_its_chats_in_tabs(tmp_path):
    bubbles = [{"type": "user", "id": "x", "text": "a question"}]
    bubbles += [{"type": "ai", "rawText": "an answer"}, {"type": "ai", "text": ""}]
    tab = {"tabId": "t", "chatTitle": "Tea", "lastSendTime": WHEN_MS, "bubbles": bubbles}
    composer = {"composerId": "c", "createdAt": WHEN_MS, "name": "in the composer"}
    inside = {"bubbleId": "1", "type": 1, "text": "said there"}
    stored = {
        "workbench.panel.aichat.view.aichat.chatdata": {"tabs": [tab, 5, {}]},
        "composer.composerData": {
            "allComposers": [composer | {"conversation": [inside]}, composer, 5]
        },
        "unrelated": 5,
    }
    rows = [{"key": key, "value": json.dumps(value)} for key, value in stored.items()]
    said, counts = read(database(tmp_path / "state.vscdb", ItemTable=rows))
    assert said == [("user", "a question"), ("assistant", "an answer"), ("user", "said there")]
    assert counts.skipped == {"empty": 1, "unreadable": 3}


def test_the_state_of_another_editor_is_not_taken_for_chats_of_cursor(tmp_path):
    path = database(tmp_path / "state.vscdb", ItemTable=[{"key": "x", "value": "{}"}])
    assert sources_at([path]).sources == []


def test_a_broken_value_in_the_database_of_cursor_is_counted(tmp_path):
    good = {
        "composerId": "g",
        "createdAt": WHEN_MS,
        "fullConversationHeadersOnly": [{"bubbleId": "1"}],
    }
    rows = {
        "composerData:a": "{broken",
        "composerData:g": json.dumps(good),
        "bubbleId:g:0": "{broken",
        "bubbleId:g:1": json.dumps({"bubbleId": "1", "type": 1, "text": "kept"}),
        "composerData:n": None,
    }
    cells = [{"key": key, "value": value} for key, value in rows.items()]
    said, counts = read(database(tmp_path / "state.vscdb", cursorDiskKV=cells))
    assert said == [("user", "kept")]
    assert counts.skipped == {"unreadable": 1}


def test_observations_of_a_graph_may_be_objects(tmp_path):
    observations = ["drinks tea", {"content": "lives in Hangzhou"}, 5]
    entity = {"type": "entity", "name": "A", "entityType": "x", "observations": observations}
    said, _ = read(write(tmp_path / "memory.jsonl", entity))
    assert [text for _, text in said] == ["drinks tea", "lives in Hangzhou", "5"]


@pytest.mark.parametrize(
    ("product", "title", "prompt"),
    [
        ("Gemini-Apps", "Eingegebener Prompt: Welcher Tee?", "Welcher Tee?"),
        ("Geminiアプリ", "Which tea? と入力しました", "Which tea? と入力しました"),
        ("Gemini 应用", "Which tea?", "Which tea?"),
    ],
)
def test_activities_of_gemini_in_other_languages(tmp_path, product, title, prompt):
    one = {"header": product, "title": title, "time": "2026-01-01T09:00:00Z"}
    one |= {"products": [product], "safeHtmlItem": [{"html": "<p>Oolong.</p>"}]}
    said, _ = read(write(tmp_path / "MeineAktivitäten.json", [one]))
    assert said == [("user", prompt), ("assistant", "Oolong.")]


def test_a_page_of_takeout_is_refused_in_any_language(sage, tmp_path):
    style = "<html><head><style>.mdl-button{}</style></head>"
    page = write(tmp_path / "Gemini-Apps/MeineAktivitäten.html", f"{style}Gemini-Apps")
    told = sage("import", page)
    assert told.code == 2
    assert "choose JSON" in told.err


def test_a_memory_service_without_the_later_columns(tmp_path):
    path = tmp_path / "sqlite_vec.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE memories (id INTEGER, content_hash, content, tags, metadata)")
        made.execute("INSERT INTO memories VALUES (1, 'h', 'tea', 'a,b', NULL)")
    made.close()
    said, counts = read(path)
    assert said == [("assistant", "tea")]
    assert counts.undated == 1


@pytest.mark.parametrize("name", ["created", "modified", "date"])
def test_a_note_of_basic_memory_has_the_date_above_it(tmp_path, name):
    text = (
        f"---\ntitle: Tea\npermalink: main/tea\n{name}: 2025-03-04T05:06:07\n---\n# Tea\n\nOolong."
    )
    (source,) = sources_at([write(tmp_path / "tea.md", text)]).sources
    (memory,) = source.memories()
    assert memory.message.created_at.isoformat() == "2025-03-04T05:06:07+00:00"
    assert memory.session_id == "basic-memory:main/tea"
