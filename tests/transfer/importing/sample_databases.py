"""Databases of other programs, a function for each."""

from __future__ import annotations

import json

from tests.transfer.importing.sample_files import database

TIME = 1_700_000_000.5


def mcp_memory_service(folder):
    def row(number, content, **more):
        return {
            "id": number,
            "content_hash": f"hash{number}",
            "content": content,
            "tags": "untagged",
            "memory_type": "note",
            "metadata": '{"n": 1}',
            "created_at": TIME,
            "created_at_iso": "2023-11-14T22:13:20.123456Z",
            "deleted_at": None,
            "superseded_by": None,
        } | more

    return database(
        folder / "sqlite_vec.db",
        memories=[
            row(1, "用户喜欢普洱茶", tags="茶,proj:alpha"),
            row(2, "nul \0 inside"),
            row(3, "deleted", deleted_at=TIME),
            row(4, "superseded", superseded_by="hash5"),
            row(5, "the newer one"),
            row(6, "broken metadata", metadata="{"),
        ],
    )


def mem0_history(folder):
    def event(key, kind, old, new, second):
        return {
            "id": f"{key}{kind}",
            "memory_id": key,
            "event": kind,
            "old_memory": old,
            "new_memory": new,
            "created_at": f"2026-01-01T00:00:0{second}+00:00",
            "updated_at": f"2026-01-01T00:00:0{second}+00:00",
            "role": "user",
        }

    return database(
        folder / "history.db",
        history=[
            event("1", "ADD", None, "tea", 1),
            event("2", "ADD", None, "old", 2),
            event("3", "ADD", None, "gone", 3),
            event("2", "UPDATE", "old", "new", 4),
            event("3", "DELETE", "gone", None, 5),
        ],
    )


def mempalace(folder):
    drawers = {
        1: {"chroma:document": "> q1\n> goes on\n\nanswer 1", "authored_at": "2026-03-04T05:06:07"},
        2: {"chroma:document": "only text", "filed_at": "2026-03-04T05:06:08"},
        3: {"chroma:document": "sweep", "room": "_registry"},
    }
    properties = [
        {"id": number, "key": key, "string_value": value, "int_value": None, "float_value": None}
        for number, drawer in drawers.items()
        for key, value in ({"session_id": "s1", "wing": "app"} | drawer).items()
    ]
    return database(
        folder / "palace/chroma.sqlite3",
        collections=[{"id": "c", "name": "mempalace_drawers"}, {"id": "o", "name": "other"}],
        segments=[{"id": "sg", "collection": "c"}, {"id": "so", "collection": "o"}],
        embeddings=[
            *({"id": one, "segment_id": "sg", "embedding_id": f"drawer{one}"} for one in drawers),
            {"id": 9, "segment_id": "so", "embedding_id": "foreign"},
        ],
        embedding_metadata=[*properties, {"id": 9, "key": "chroma:document", "string_value": "no"}],
    )


def claude_mem(folder):
    when = {"created_at_epoch": 1_767_225_600_000}
    return database(
        folder / "claude-mem.db",
        sdk_sessions=[{"id": 1, "content_session_id": "s1", "memory_session_id": "ms1"}],
        user_prompts=[{"id": 1, "content_session_id": "s1", "prompt_text": "你好"} | when],
        observations=[
            {
                "id": 1,
                "memory_session_id": "ms1",
                "project": "proj",
                "type": "decision",
                "title": "选择 Postgres",
                "narrative": "We chose it.",
                "text": None,
                "facts": '["fact 1"]',
                "concepts": '["db"]',
            }
            | when
        ],
        session_summaries=[
            {"id": 1, "memory_session_id": "ms1", "request": "tea", "learned": "likes it"} | when
        ],
    )


def cursor(folder):
    def stored(key, value):
        return {"key": key, "value": value if value is None else json.dumps(value).encode()}

    def bubble(key, kind, text, **more):
        return stored(f"bubbleId:c1:{key}", {"bubbleId": key, "type": kind, "text": text} | more)

    headers = [{"bubbleId": key} for key in ("b1", "b2", "b3", "gone")]
    chat = {"composerId": "c1", "name": "茶", "createdAt": 1_767_225_600_123}
    old = {"bubbleId": "o1", "type": 1, "text": "an older chat"}
    return database(
        folder / "state.vscdb",
        ItemTable=[{"key": "x", "value": "y"}],
        cursorDiskKV=[
            stored("composerData:c1", chat | {"fullConversationHeadersOnly": headers}),
            stored("composerData:c2", chat | {"composerId": "c2", "conversation": [old]}),
            stored("composerData:empty", None),
            bubble("b1", 1, "你好"),
            bubble("b2", 2, "", toolFormerData={"tool": 1}),
            bubble("b3", 2, "好的"),
            bubble("leftover", 1, "of a deleted chat"),
        ],
    )
