"""Exports of ChatGPT: the branch that was current, once, whatever the file is called."""

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest

from sage.errors import InvalidInputError
from sage.importing.chatgpt import ChatGptExport, is_chatgpt
from sage.importing.json_stream import read_elements

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


def texts(path, **options):
    return [one.message.content for one in ChatGptExport([path], **options).memories()]


def test_only_the_branch_that_was_current_is_read(export):
    branched = json.loads(json.dumps(BRANCHED))
    branched["mapping"]["u2"]["message"]["content"]["content_type"] = "multimodal_text"
    found = ChatGptExport([export(branched)])
    memories = [*found.memories()]
    assert [(one.message.role, one.message.content) for one in memories] == [
        ("user", "Which tea?"),
        ("assistant", "Oolong it is."),
        ("user", "[image]\n\nLike this?"),
    ]
    assert {one.session_id for one in memories} == {"chatgpt:c"}
    assert memories[0].metadata == {"source": "chatgpt", "title": "普洱茶"}
    assert memories[0].message.created_at == datetime.fromtimestamp(TIME, UTC)
    assert (found.read, found.skipped) == (3, 3)


def test_without_a_current_message_the_newest_end_counts(export):
    later = node("new", "u1", "assistant", ["Newest."], create_time=TIME + 5)
    del (branched := json.loads(json.dumps(BRANCHED)))["current_node"]
    branched["mapping"] |= later
    assert texts(export(branched)) == ["Which tea?", "Newest."]


def test_a_circle_of_messages_ends(export):
    a, b = node("a", "b", "user", ["one"]), node("b", "a", "user", ["two"])
    assert sorted(texts(export(conversation(a, b, current_node="a")))) == ["one", "two"]


def test_what_is_not_to_be_remembered_is_left_out(export):
    assert texts(export(BRANCHED | {"is_do_not_remember": True})) == []


def test_a_message_copied_into_another_conversation_is_read_once(export):
    found = ChatGptExport([export(BRANCHED, BRANCHED | {"conversation_id": "copy"})])
    assert len([*found.memories()]) == 3
    assert found.copies == 3


def test_a_message_without_a_time_gets_that_of_the_file(export):
    timeless = conversation(
        node("u", "root", "user", ["When?"], create_time=None), current_node="u", create_time=None
    )
    path = export(timeless)
    os.utime(path, (TIME, TIME))
    (memory,) = ChatGptExport([path]).memories()
    assert memory.message.created_at == datetime.fromtimestamp(TIME, UTC)
    assert memory.metadata["undated"] is True


def test_a_long_message_is_kept_in_parts(export):
    long = conversation(node("u", "root", "user", ["word " * 30_000]), current_node="u")
    assert [len(text) <= 100_000 for text in texts(export(long))] == [True, True]


def test_a_zip_is_read_with_all_its_parts_as_it_is(export, tmp_path):
    other = conversation(node("o", "root", "user", ["Other."]), current_node="o")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("data/conversations-000.json", json.dumps([BRANCHED]))
        made.writestr("data/conversations-001.json", json.dumps([other]))
        made.writestr("chat.html", "<html>")
    assert is_chatgpt(archive)
    assert texts(archive)[-1] == "Other."
    assert is_chatgpt(export(BRANCHED, name="renamed"))


@pytest.mark.parametrize(
    "text", ["", "[]", "[1]", '{"a": 1}', '[{"mapping": {}, "inserted_at": "x"}]', "[{", "\x00"]
)
def test_another_file_is_not_taken_for_an_export(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert not is_chatgpt(path)


def test_a_file_that_was_cut_off_is_refused_after_what_is_whole(export):
    path = export(BRANCHED, BRANCHED)
    path.write_bytes(path.read_bytes()[:-40])
    found = ChatGptExport([path]).memories()
    assert next(found)
    with pytest.raises(InvalidInputError, match="ends early"):
        list(found)


def test_a_list_is_read_element_by_element_with_little_memory(tmp_path):
    path = tmp_path / "long.json"
    element = json.dumps({"text": "猫" * 300_000})
    with path.open("w", encoding="utf-8") as file:
        file.write("[" + ", ".join([element] * 100) + "]")
    code = (
        "import resource, sys; from sage.importing.json_stream import read_elements;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print(sum(1 for _ in read_elements(open(sys.argv[1], 'rb'))),"
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    ).stdout.split()
    assert out[0] == "100"
    grown_bytes = int(out[1]) * (1 if sys.platform == "darwin" else 1024)
    assert grown_bytes < path.stat().st_size / 2


def test_numbers_at_the_seam_of_two_blocks_stay_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("sage.importing.json_stream._FIRST_BYTES", 3)
    path = tmp_path / "x.json"
    path.write_text(' [1234567, "猫猫猫", {"a": [1]}, -5.5e3 ]')
    with path.open("rb") as stream:
        assert [*read_elements(stream)] == [1234567, "猫猫猫", {"a": [1]}, -5500.0]
