"""Exports of ChatGPT: the branch that was current, once, whatever the file is called."""

import json
import os
import zipfile
from datetime import UTC, datetime

import pytest

from sage.clients.importing.selection import Selection
from sage.clients.importing.sources import sources_at

TIME = 1_700_000_000.5


def node(key, parent, role, parts, **more):
    content = {"content_type": "text", "parts": parts}
    message = {
        "id": key,
        "author": {"role": role},
        "create_time": TIME,
        "content": content,
        "recipient": "all",
    }
    return {key: {"id": key, "parent": parent, "message": message | more}}


def conversation(*nodes, **more):
    mapping = {"root": {"id": "root", "parent": None, "message": None}}
    for one in nodes:
        mapping |= one
    return {
        "title": "普洱茶",
        "create_time": TIME,
        "mapping": mapping,
        "conversation_id": "c",
    } | more


BRANCHED = conversation(
    node("s", "root", "system", [""], metadata={"is_visually_hidden_from_conversation": True}),
    node("u1", "s", "user", ["Which tea?"]),
    node("a1", "u1", "assistant", ["Regenerated away."]),
    node("a1b", "u1", "assistant", ["Oolong \ue200cite\ue201it is."]),
    node("t", "a1b", "assistant", ["search()"], recipient="browser"),
    node("w", "t", "assistant", ["no weight"], weight=0),
    node("u2", "w", "user", [{"content_type": "image_asset_pointer"}, "Like this?"]),
    current_node="u2",
)


@pytest.fixture
def export(tmp_path):
    def write(*conversations, name="conversations.json"):
        path = tmp_path / name
        path.write_text(json.dumps(conversations, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def read(path, **selection):
    (source,) = sources_at([path], Selection(**selection)).sources
    assert source.name == "chatgpt"
    return source, [*source.memories()]


def texts(path, **selection):
    return [one.message.content for one in read(path, **selection)[1]]


def test_only_the_branch_that_was_current_is_read(export):
    source, memories = read(export(BRANCHED))
    assert [(one.message.role, one.message.content) for one in memories] == [
        ("user", "Which tea?"),
        ("assistant", "Oolong it is."),
        ("user", "[image]\n\nLike this?"),
    ]
    assert {one.session_id for one in memories} == {"chatgpt:c"}
    assert memories[0].metadata == {"source": "chatgpt", "title": "普洱茶"}
    assert memories[0].message.created_at == datetime.fromtimestamp(TIME, UTC)
    assert source.counts.read == 3
    assert source.counts.skipped == {"hidden": 2, "tools": 1, "branches": 1}


def test_branches_tools_and_thoughts_come_when_they_are_asked_for(export):
    thought = node(
        "th", "u2", "assistant", None, content={"content_type": "thoughts", "content": "Hm."}
    )
    path = export(BRANCHED | {"mapping": BRANCHED["mapping"] | thought, "current_node": "th"})
    assert len(texts(path)) == 3
    wanted = frozenset({"branches", "tools", "thinking"})
    assert {*texts(path, include=wanted)} - {*texts(path)} == {
        *("Regenerated away.", "search()", "Hm.")
    }


def test_thoughts_and_the_profile_come_as_chatgpt_writes_them(export):
    def told(key, parent, kind, role="assistant", **content):
        hidden = {"is_visually_hidden_from_conversation": True}
        return node(
            key, parent, role, None, content={"content_type": kind, **content}, metadata=hidden
        )

    def talk(name):
        return conversation(
            told(
                f"p{name}",
                "root",
                "user_editable_context",
                "user",
                user_profile="I am 张三.",
                user_instructions="Be brief.",
            ),
            told(f"m{name}", f"p{name}", "model_editable_context", model_set_context="Likes tea."),
            told(
                f"t{name}",
                f"m{name}",
                "thoughts",
                thoughts=[{"summary": "s", "content": f"Hm {name}."}, {"content": None}, 7],
            ),
            told(f"r{name}", f"t{name}", "reasoning_recap", content=f"Thought for {name} s"),
            current_node=f"r{name}",
            conversation_id=name,
        )

    path = export(talk("1"), talk("2"))
    assert texts(path) == []
    profile, memories = read(path, include=frozenset({"profile"}))
    assert [(one.message.role, one.message.content) for one in memories] == [
        ("user", "I am 张三.\n\nBe brief."),
        ("assistant", "Likes tea."),
    ]
    assert profile.counts.copies == 2
    thoughts = ["Hm 1.", "Thought for 1 s", "Hm 2.", "Thought for 2 s"]
    assert texts(path, include=frozenset({"thinking"})) == thoughts


def test_without_a_current_message_the_newest_end_counts(export):
    later = node("new", "u1", "assistant", ["Newest."], create_time=TIME + 5)
    del (branched := json.loads(json.dumps(BRANCHED)))["current_node"]
    branched["mapping"] |= later
    assert texts(export(branched)) == ["Which tea?", "Newest."]


def test_a_circle_of_messages_ends(export):
    a, b = node("a", "b", "user", ["one"]), node("b", "a", "user", ["two"])
    assert sorted(texts(export(conversation(a, b, current_node="a")))) == ["one", "two"]


def test_an_answer_told_to_be_before_its_question_stays_behind_it(export):
    answer = node("a", "u", "assistant", ["Earlier?"], create_time=TIME - 5)
    path = export(conversation(node("u", "root", "user", ["When?"]), answer, current_node="a"))
    first, second = (one.message.created_at for one in read(path)[1])
    assert first < second


def test_what_is_not_to_be_remembered_is_left_out(export):
    assert texts(export(BRANCHED | {"is_do_not_remember": True})) == []


def test_a_message_copied_into_another_conversation_is_read_once(export):
    source, memories = read(export(BRANCHED, BRANCHED | {"conversation_id": "copy"}))
    assert len(memories) == 3
    assert source.counts.copies == 3


def test_a_message_without_a_time_gets_that_of_the_file(export):
    timeless = conversation(
        node("u", "root", "user", ["When?"], create_time=None), current_node="u", create_time=None
    )
    path = export(timeless)
    os.utime(path, (TIME, TIME))
    ((memory,)) = read(path)[1]
    assert memory.message.created_at == datetime.fromtimestamp(TIME, UTC)
    assert memory.metadata["undated"] is True


@pytest.mark.parametrize("text", ["word " * 30_000, "\ufdfa " * 20_000])
def test_a_message_that_is_long_as_it_is_searched_is_kept_in_parts(export, sage, text):
    path = export(conversation(node("u", "root", "user", [text]), current_node="u"))
    source, memories = read(path)
    assert source.counts.split == 1
    assert len(memories) == memories[0].metadata["parts"] > 1
    assert sage("import", path, "--json").answer["added"] == len(memories)


def test_a_zip_is_read_with_all_its_parts_as_it_is(export, tmp_path):
    other = conversation(node("o", "root", "user", ["Other."]), current_node="o")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("data/conversations-000.json", json.dumps([BRANCHED]))
        made.writestr("data/conversations-001.json", json.dumps([other]))
        made.writestr("chat.html", "<html>")
    assert texts(archive)[-1] == "Other."
    assert len(texts(export(BRANCHED, name="renamed"))) == 3


@pytest.mark.parametrize("text", ["", "[]", "[1]", '{"a": 1}', "[{", "\x00", '[{"mapping": 5}]'])
def test_another_file_is_not_taken_for_an_export(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert sources_at([path]).sources == []


def test_a_broken_conversation_is_counted_and_the_others_are_kept(export):
    poison = [5, None, {"mapping": {"a": {"message": {"author": 3}}}}, {"mapping": "x"}]
    source, memories = read(export(BRANCHED, *poison, BRANCHED | {"mapping": {}}))
    assert len(memories) == 3
    assert source.counts.skipped["unreadable"] == 3


def test_a_file_that_was_cut_off_in_its_first_conversation_is_named(export, sage):
    path = export(BRANCHED)
    path.write_bytes(path.read_bytes()[:-40])
    alone = sage("import", path)
    assert (alone.code, alone.out) == (2, "")
    assert f"{path.name}: is truncated, or not JSON" in alone.err
    path.with_name("facts.csv").write_text("text,date\nWalnuts are out.,2026-05-08\n")
    beside = sage("import", path.parent)
    assert "1 imported" in beside.out
    assert f"{path.name}: is truncated, or not JSON" in " ".join(beside.err.split())


def test_of_a_file_that_was_cut_off_what_is_whole_is_kept_and_it_is_told(export, sage):
    path = export(BRANCHED, BRANCHED)
    path.write_bytes(path.read_bytes()[:-40])
    told = sage("import", path)
    assert told.code == 1
    assert "3 imported" in told.out
    assert "ends early" in told.err
