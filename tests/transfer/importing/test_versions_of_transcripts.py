"""Transcripts that other versions of the clients wrote than the one that the samples are of."""

import json

import pytest

from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at

QUESTION = "Where do herons nest?"
ANSWER = "By the mill."
SAID = [("user", QUESTION), ("assistant", ANSWER)]


def read(*paths, **selection):
    """Return what the one source at some paths holds, and what was left out of it."""
    (source,) = sources_at(paths, Selection(**selection)).sources
    memories = [*source.memories()]
    return memories, source.counts.skipped


def said(memories):
    return [(one.message.role.value, one.message.content) for one in memories]


def written(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def of_codex(role, text, **more):
    kind = "input_text" if role == "user" else "output_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}], **more}


def wrapped(payload, at, kind="response_item"):
    return {"timestamp": f"2025-10-01T09:00:{at:02}.000Z", "type": kind, "payload": payload}


def meta(session, **more):
    return wrapped({"id": session, "cwd": "/nowhere", **more}, 0, "session_meta")


def test_a_codex_that_gave_messages_no_ids(tmp_path):
    lines = [
        meta("s-1"),
        wrapped(of_codex("user", "<environment_context>x</environment_context>"), 1),
        wrapped(of_codex("user", QUESTION), 2),
        wrapped({"type": "user_message", "message": QUESTION}, 2, "event_msg"),
        wrapped({"type": "reasoning", "summary": [], "encrypted_content": "x"}, 3),
        wrapped(of_codex("assistant", ANSWER), 4),
        wrapped({"type": "agent_message", "message": ANSWER}, 4, "event_msg"),
        wrapped(of_codex("user", QUESTION), 5),
        wrapped(of_codex("user", "half \ud83d"), 6),
    ]
    path = written(tmp_path / "sessions/2025/10/01/rollout-a.jsonl", lines)
    memories, _ = read(path)
    assert said(memories) == [*SAID, SAID[0], ("user", "half \ufffd")]
    assert {one.session_id for one in memories} == {"codex:s-1"}
    assert memories[0].message.created_at.isoformat() == "2025-10-01T09:00:02+00:00"
    again, _ = read(written(tmp_path / "moved/rollout-b.jsonl", lines))
    assert [one.memory_id for one in again] == [one.memory_id for one in memories]


def test_a_codex_whose_lines_had_no_wrapping(tmp_path):
    heading = {"id": "s-2", "timestamp": "2025-07-01T09:00:00.000Z", "instructions": None}
    lines = [heading, {"record_type": "state"}, of_codex("user", QUESTION)]
    lines += [of_codex("assistant", ANSWER), of_codex("user", QUESTION)]
    memories, _ = read(written(tmp_path / "sessions/2025/07/01/rollout-a.jsonl", lines))
    assert said(memories) == [*SAID, SAID[0]]
    assert {one.message.created_at.day for one in memories} == {1}
    other, _ = read(written(tmp_path / "rollout-b.jsonl", [{**heading, "id": "s-3"}, *lines[1:]]))
    assert not {one.memory_id for one in other} & {one.memory_id for one in memories}


def test_the_codex_that_wrote_one_object(tmp_path):
    path = tmp_path / "rollout-2025-04-17-a.json"
    session = {"id": "s-4", "timestamp": "2025-04-17T09:00:00.000Z", "instructions": ""}
    items = [of_codex("user", QUESTION), {"type": "reasoning"}, of_codex("assistant", ANSWER)]
    path.write_text(json.dumps({"session": session, "items": items}, indent=2))
    memories, _ = read(path)
    assert said(memories) == SAID
    assert memories[0].session_id == "codex:s-4"
    assert memories[0].message.created_at.isoformat()[:10] == "2025-04-17"


@pytest.mark.parametrize(
    "mark", [{"thread_source": "subagent"}, {"source": {"subagent": "review"}}]
)
def test_delegated_work_of_codex_is_left_out_unless_it_is_wanted(tmp_path, mark):
    lines = [meta("s-5", **mark), wrapped(of_codex("user", QUESTION, id="msg_1"), 1)]
    path = written(tmp_path / "rollout-a.jsonl", lines)
    assert read(path) == ([], {"sidechains": 1})
    assert said(read(path, include=frozenset({"sidechains"}))[0]) == [SAID[0]]


def test_what_the_editor_tells_codex_is_no_part_of_the_request(tmp_path):
    setup = "# Context from my IDE setup:\n\n## Active file: a.py\n\n"
    told = f"{setup}## My request for Codex:\n{QUESTION}"
    lines = [meta("s-6"), wrapped(of_codex("user", told, id="msg_1"), 1)]
    assert said(read(written(tmp_path / "rollout-a.jsonl", lines))[0]) == [SAID[0]]


def of_gemini(key, kind, text):
    content = [{"text": text}] if kind == "user" else text
    return {"id": key, "timestamp": "2025-12-01T09:00:00Z", "type": kind, "content": content}


def gemini_heading(**more):
    return {"sessionId": "g", "projectHash": "0", "startTime": "2025-12-01T09:00:00Z", **more}


def test_a_gemini_cli_that_wrote_one_object(tmp_path):
    path = tmp_path / "home/.gemini/tmp/0/chats/session-2025-12-01T09-00-a.json"
    path.parent.mkdir(parents=True)
    messages = [of_gemini("1", "user", QUESTION), of_gemini("2", "info", "Update available")]
    messages += [of_gemini("3", "gemini", ANSWER), of_gemini("4", "gemini", "")]
    path.write_text(json.dumps(gemini_heading(messages=messages), indent=2))
    memories, _ = read(path)
    assert said(memories) == SAID
    assert {one.session_id for one in memories} == {"gemini-cli:g"}


def test_a_session_that_gemini_cli_took_over_is_read_once(tmp_path):
    older = [of_gemini("1", "user", QUESTION), of_gemini("2", "gemini", ANSWER)]
    later = [of_gemini("3", "user", "And cranes?"), of_gemini("4", "gemini", "Nowhere near.")]
    lines = [gemini_heading(), {"$set": {"messages": [*older, 5]}}, *later]
    lines += [{"$set": {"messages": [*older, *later]}}, {"$set": {"lastUpdated": "x"}}]
    memories, skipped = read(written(tmp_path / "session-a.jsonl", lines))
    assert len(said(memories)) == 4
    assert said(memories)[:2] == SAID
    assert skipped == {"unreadable": 1}


def test_delegated_work_of_gemini_cli_is_left_out(tmp_path):
    lines = [gemini_heading(kind="subagent"), of_gemini("1", "user", QUESTION)]
    assert read(written(tmp_path / "session-a.jsonl", lines)) == ([], {"sidechains": 1})


def test_older_and_newer_lines_of_claude_code(tmp_path):
    def line(key, role, content, **more):
        message = {"role": role, "content": content}
        common = {"sessionId": "c", "timestamp": "2025-06-01T09:00:00Z", "uuid": key}
        return {"type": role, "message": message, **common, **more}

    opened = {"type": "text", "text": "<ide_opened_file>The user opened a.py</ide_opened_file>"}
    continued = (
        "This session is being continued from a previous conversation that ran out of context. x"
    )
    lines = [
        {"type": "summary", "summary": "Herons", "leafUuid": "x"},
        line("1", "user", [opened, {"type": "text", "text": QUESTION}]),
        line("2", "assistant", [{"type": "text", "text": ANSWER}], costUSD=0.1, durationMs=9),
        line("3", "user", continued),  # before there was isCompactSummary
        line("4", "user", "<local-command-stderr>no</local-command-stderr>"),
        line("5", "assistant", "API Error: 529", isApiErrorMessage=True),
        {"type": "a kind to come", "uuid": "6", "payload": {}},
    ]
    memories, skipped = read(written(tmp_path / "c.jsonl", lines))
    assert said(memories) == SAID
    assert skipped == {"empty": 2, "errors": 1}


def test_all_of_them_are_found_in_their_places(sage, tmp_path):
    home = tmp_path / "home"
    written(home / ".codex/archived_sessions/rollout-a.jsonl", [meta("a")])
    lines = [meta("b"), wrapped(of_codex("user", QUESTION), 1)]
    written(home / ".codex/archived_sessions/rollout-b.jsonl", lines)
    lines = [meta("c"), wrapped(of_codex("user", QUESTION), 2)]
    written(home / ".codex/sessions/2025/10/01/rollout-c.jsonl", lines)
    old = home / ".gemini/tmp/0/chats/session-a.json"
    old.parent.mkdir(parents=True)
    old.write_text(json.dumps(gemini_heading(messages=[of_gemini("1", "user", QUESTION)])))
    listed = sage("import", "--list", "--json").answer["sources"]
    assert {one["source"]: one["read"] for one in listed} == {"codex": 2, "gemini-cli": 1}
