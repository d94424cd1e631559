"""Exports of web applications, a function for each."""

from __future__ import annotations

import json
import zipfile

from tests.transfer.importing.sample_files import write

TIME = 1_700_000_000.5


ISO = "2025-03-30T04:49:36.505000+08:00"


ROOT = "00000000-0000-4000-8000-000000000000"


def claude_message(key, parent, sender, text="", **more):
    return {
        "uuid": key,
        "parent_message_uuid": parent,
        "sender": sender,
        "text": text,
        "content": [{"type": "text", "text": text}] if text else [],
        "created_at": f"2026-03-04T05:06:0{key[-1]}.123456Z",
        "attachments": [],
    } | more


CLAUDE_BRANCHED = {
    "uuid": "c1",
    "name": "普洱茶",
    "created_at": "2026-03-04T05:06:01Z",
    "chat_messages": [
        claude_message("m1", ROOT, "human", "你好 🍵"),
        claude_message(
            "m2",
            "m1",
            "assistant",
            content=[
                {"type": "thinking", "thinking": "Let me see."},
                {"type": "text", "text": "One."},
                {"type": "tool_use", "name": "artifacts", "input": {"command": "create"}},
                {"type": "tool_result", "content": [{"type": "text", "text": "OK"}]},
                {"type": "text", "text": "Two."},
            ],
        ),
        claude_message("m3", "m2", "human", "edited away"),
        claude_message("m4", "m3", "assistant", "an abandoned answer"),
        claude_message("m5", "m2", "human", "asked anew"),
        claude_message(
            "m6", "m5", "human", attachments=[{"file_name": "a", "extracted_content": "pasted"}]
        ),
        claude_message("m7", "m6", "assistant", "nul \0 and half \ud83d"),
        claude_message("m8", "m7", "assistant"),
    ],
}


CLAUDE_FLAT = {
    "uuid": "c2",
    "name": "",
    "created_at": "2024-01-01T00:00:00Z",
    "chat_messages": [
        claude_message("f1", None, "human", "flat question"),
        claude_message("f2", None, "assistant", "flat answer"),
    ],
}


CLAUDE_PROJECT = {
    "uuid": "p1",
    "name": "项目",
    "prompt_template": "Answer in Chinese.",
    "created_at": "2026-01-01T00:00:00+00:00",
    "docs": [
        {"filename": "笔记.md", "content": "# 笔记\n内容", "created_at": "2026-01-01T00:00:00Z"}
    ],
}


CLAUDE_MEMORIES = {
    "conversations_memory": "**Work**\nWorks on Sage.\n\n**Personal**\n喜欢普洱茶。",
    "project_memories": {"p1": "**Purpose**\n项目记忆"},
    "account_uuid": "a1",
}


def claude(folder):
    """Write an export as it was until 2026: all in one zip."""
    path = folder / "data-2026.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("conversations.json", json.dumps([CLAUDE_BRANCHED, CLAUDE_FLAT]))
        made.writestr("projects.json", json.dumps([CLAUDE_PROJECT]))
        made.writestr("memories.json", json.dumps([CLAUDE_MEMORIES]))
        made.writestr("users.json", json.dumps([{"uuid": "a1", "full_name": "U"}]))
    return path


def claude_in_parts(folder):
    """Write an export as it is now: several zips, and memories as one object."""
    parts = {
        "conversations-000.zip": {"conversations.json": [CLAUDE_BRANCHED]},
        "conversations-001.zip": {"conversations.json": [CLAUDE_FLAT]},
        "projects-000.zip": {"projects/p1.json": CLAUDE_PROJECT},
        "memories-000.zip": {"memories.json": CLAUDE_MEMORIES},
    }
    for name, members in parts.items():
        with zipfile.ZipFile(folder / name, "w") as made:
            for member, value in members.items():
                made.writestr(member, json.dumps(value))
    return folder


def deepseek(folder):
    def said(kind, text):
        return {"type": kind, "content": text}

    def node(key, parent, second, *fragments):
        at = ISO.replace("36.505", f"{second}.505")
        message = {"model": "deepseek-chat", "inserted_at": at, "fragments": list(fragments)}
        return {key: {"id": key, "parent": parent, "message": message if fragments else None}}

    one = {"id": "d1", "title": "测试", "inserted_at": ISO, "updated_at": ISO}
    mapping = (
        node("root", None, 30)
        | node("1", "root", 37, said("REQUEST", "你好"))
        | node("2", "1", 38, said("THINK", "hm"), said("RESPONSE", "first answer"))
        | node("3", "1", 39, {"type": "SEARCH", "results": []}, said("RESPONSE", "again"))
    )
    other = one | {"id": "d2", "mapping": {"1": mapping["1"] | {"parent": None}}}
    broken = [5, {"id": "d3", "inserted_at": ISO, "mapping": {"1": "no node"}}]
    return write(folder / "conversations.json", [one | {"mapping": mapping}, other, *broken])


def cherry_studio(folder):
    topics = [{"id": "t1", "name": "普洱茶"}]
    assistants = json.dumps({"assistants": [{"id": "a", "topics": topics}]})

    def message(key, role, *blocks, **more):
        when = "2026-01-01T00:00:01.000Z"
        return {"id": key, "role": role, "createdAt": when, "blocks": list(blocks)} | more

    messages = [
        message("m1", "user", "b1"),
        message("m2", "assistant", "b2", "b3", askId="m1", model={"id": "deepseek"}),
        message("m3", "assistant", "b4", askId="m1", model={"id": "qwen"}),
        message("m4", "assistant", "b5", askId="m1", model={"id": "other"}),
    ]
    blocks = [
        {"id": "b1", "type": "main_text", "content": "你好"},
        {"id": "b2", "type": "thinking", "content": "hm"},
        {"id": "b3", "type": "main_text", "content": "好的"},
        {"id": "b4", "type": "error"},
        {"id": "b5", "type": "main_text", "content": "Hi."},
    ]
    data = {
        "time": 1,
        "version": 5,
        "localStorage": {"persist:cherry-studio": json.dumps({"assistants": assistants})},
        "indexedDB": {"topics": [{"id": "t1", "messages": messages}], "message_blocks": blocks},
    }
    path = folder / "cherry-studio.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("data.json", json.dumps(data))
        made.writestr("Data/Files/note.md", "# a file that was sent along\n\ntext")
    return path


def open_webui(folder):
    def message(key, parent, role, content, second):
        return {
            "id": key,
            "parentId": parent,
            "role": role,
            "content": content,
            "timestamp": int(TIME) + second,
        }

    thought = '<details type="reasoning" done="true">\nhm\n</details>\n'
    chats = [
        {
            "id": "w1",
            "title": "茶",
            "created_at": int(TIME),
            "meta": {"tags": ["tea"]},
            "chat": {
                "timestamp": int(TIME) * 1000,
                "history": {
                    "currentId": "a2",
                    "messages": {
                        "u1": message("u1", None, "user", "你好", 1),
                        "a1": message("a1", "u1", "assistant", "first", 3),
                        "a2": message("a2", "u1", "assistant", f"{thought}again", 2),
                    },
                },
            },
        },
        {
            "id": "w2",
            "created_at": int(TIME),
            "chat": {"messages": [{"id": "o1", "role": "user", "content": "an old chat"}]},
        },
    ]
    return write(folder / "chat-export.json", chats)


def librechat(folder):
    def message(key, parent, second, **more):
        when = f"2026-01-01T00:00:0{second}.000Z"
        return {"messageId": key, "parentMessageId": parent, "createdAt": when} | more

    answer = message(
        "l2",
        "l1",
        2,
        content=[
            {"type": "think", "think": "hm"},
            {"type": "text", "text": {"value": "好的"}},
            {"type": "tool_call", "tool_call": {}},
        ],
    )
    one = {
        "conversationId": "lc1",
        "title": "茶",
        "exportAt": "10:00:00",
        "messages": [message("l1", ROOT, 1, text="你好", isCreatedByUser=True), answer],
    }
    tree = message("t1", ROOT, 1, text="a tree", isCreatedByUser=True)
    tree["children"] = [message("t2", "t1", 2, text="left"), message("t3", "t1", 3, text="right")]
    write(folder / "chats/one.json", one)
    write(folder / "chats/two.json", {"conversationId": "lc2", "messagesTree": [tree]})
    return folder / "chats"


def gemini(folder):
    def activity(title, time, *answers, product="Gemini Apps"):
        html = [{"html": answer} for answer in answers]
        return {"header": product, "title": title, "time": time, "safeHtmlItem": html}

    return write(
        folder / "MyActivity.json",
        [
            activity("Used Gemini Apps", "2026-01-01T12:00:00Z"),
            activity("Prompted later", "2026-01-01T11:00:00Z", "<p>Later &amp; more.</p>"),
            activity(
                "Prompted What tea? Attached 1 file.", "2026-01-01T10:10:00Z", "<ul><li>A</ul>"
            ),
            activity("Prompted 你好", "2026-01-01T10:00:00.123Z"),
            activity("搜索 茶", "2026-01-01T09:00:00Z"),
        ],
    )
