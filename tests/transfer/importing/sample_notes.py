"""Notes, tables and lists of facts, a function for each."""

from __future__ import annotations

import json

from tests.transfer.importing.sample_files import write


def mcp_memory(folder):
    """Write a graph with what its server takes without complaint."""
    lines = [
        {
            "type": "entity",
            "name": "张三",
            "entityType": "人物",
            "observations": ["喜欢普洱茶", "住在杭州", "喜欢普洱茶"],
        },
        {
            "type": "entity",
            "name": "odd",
            "entityType": "x",
            "observations": ["a\0b", "half \ud83d"],
        },
        {"type": "entity", "name": "long", "entityType": "x", "observations": ["长文 " * 40_000]},
        {"type": "entity", "name": "empty", "entityType": "concept", "observations": []},
        {"type": "entity", "name": "blank", "entityType": "", "observations": ["", " "]},
        {"type": "entity", "name": "", "entityType": "x", "observations": ["no name"]},
        {"type": "entity", "name": "lines", "entityType": "x", "observations": ["a\u2028b\x85c"]},
        {"type": "relation", "from": "张三", "to": "ghost", "relationType": "knows"},
    ]
    texts = [json.dumps(line).encode() for line in lines[:2]]
    texts += [json.dumps(line, ensure_ascii=False).encode() for line in lines[2:]]
    path = folder / "memory.jsonl"
    path.write_bytes(b"\n".join([*texts, b'{"type":"entity","name":', b"5", b"\xff"]))
    return path


def original_csv(folder):
    """Write both tables of the first Sage as CSV, and the first once more as a dump."""
    key = "5f0b6f1e-0000-4000-8000-000000000001"
    write(
        folder / "memories.csv",
        "id,session_id,user_input,assistant_response,metadata,created_at\r\n"
        f'{key},default,"Tea, ""green""\nsecond line",好的,"{{""source"": ""x""}}",'
        "2025-08-10 12:34:56.123456+08\r\n",
    )
    write(
        folder / "conversations.csv",
        "id,session_id,turn_id,role,content,created_at\n"
        "1,s-1,1,user,你好,2025-07-13 12:00:00\n2,s-1,1,assistant,Hello.,2025-07-13 12:00:01\n",
    )
    write(
        folder / "dump.sql",
        "CREATE TABLE public.memories (id uuid, user_input text, assistant_response text);\n"
        "COPY public.memories (id, session_id, user_input, assistant_response, embedding, metadata,"
        " created_at) FROM stdin;\n"
        f'{key}\tdefault\tTea, "green"\\nsecond line\t好的\t\\N\t{{"source": "x"}}\t'
        "2025-08-10 12:34:56.123456+08\n"
        "5f0b6f1e-0000-4000-8000-000000000002\tdefault\tback\\\\slash\\ttab\t\\N\t[0.1]\t\\N\t"
        "2025-08-11 00:00:00+08\n\\.\n\nSELECT 1;\n",
    )
    return folder


def basic_memory(folder):
    head = "---\ntitle: {0}\ntype: note\npermalink: main/{0}\ntags:\n- 茶\n- t1\n---\n\n"
    write(
        folder / "notes/tea.md",
        head.format("tea") + "- [偏好] 普洱茶 #茶\n- [ ] a task\n- 负责 [[X]]\n",
    )
    write(folder / "notes/人物/张三.md", head.format("张三") + "住在杭州\n")
    long = "".join(f"## Part {number}\n\n{'text ' * 200}\n\n" for number in range(3))
    write(folder / "notes/long.md", head.format("long") + long)
    return folder / "notes"


def auto_memory(folder):
    place = folder / "-home-user-proj/memory"
    write(place / "MEMORY.md", "- [Tea](tea.md) — 喜欢普洱茶\n")
    write(place / "tea.md", "---\nname: tea\ndescription: 喜好\ntype: user\n---\n\n喜欢普洱茶\n")
    return folder


def memory_tool(folder):
    write(folder / "memories/preferences.xml", "<preferences>\n喜欢普洱茶\n</preferences>\n")
    write(folder / "memories/projects/sage.md", "# Sage\n- uses Postgres\n")
    return folder / "memories"


def memory_list(folder):
    return write(
        folder / "memory.txt",
        "Here they are:\n```\n[2026-01-05] - 喜欢普洱茶\n[unknown] - Works on Sage\n"
        "[2025-12] - Answers in Chinese\n  and goes on\n```\nThat is the complete set.\n",
    )


def notes(folder):
    place = folder / "diary"
    write(
        place / "diary.md",
        "# 2026-03-04\n\n喝了普洱茶。\n\n## 下午\n\n- met 张三\n\n"
        "# 2026年3月5日 周四\n\nsame text\n\n```\n# code\n```\n",
    )
    (place / "gbk.txt").write_bytes("普洱茶\n\n第二段".encode("gbk"))
    (place / "utf16.txt").write_bytes("龙井\r\n".encode("utf-16"))
    return place


def csv(folder):
    return write(
        folder / "notes.csv",
        '\ufeffdate,role,content\r\n2026-03-04 05:06:07,user,"你好, ""quoted""\nline two"\r\n'
        ",assistant,no date\r\n04/03/2026,user,day or month\r\n2026/3/5,user,again\r\n"
        "2026/3/5,user,again\r\n,,\r\n",
    )


def mem0(folder):
    def fact(key, memory, **more):
        return {"id": key, "memory": memory, "created_at": "2026-01-01T00:00:00+00:00"} | more

    facts = [
        fact("1", "喜欢普洱茶", user_id="u", role="user", actor_id="张三"),
        fact("2", "dup", run_id="r"),
        fact("3", "dup", run_id="r", metadata={"k": 1}),
    ]
    return write(folder / "get_all.json", {"results": facts})
