import io
import json
from datetime import UTC, datetime

import pytest

from sage.cli.saving.message_file import read_messages
from sage.domain.memories import Message, Role
from sage.errors import InvalidInputError

TEA = {"role": "user", "content": "Which tea?"}
OOLONG = {
    "role": "assistant",
    "content": "烏龍",
    "name": "Sage",
    "created_at": "2026-05-08T13:56:00Z",
}
SAID_AT = datetime(2026, 5, 8, 13, 56, tzinfo=UTC)
GIVEN_AT = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def read(tmp_path):
    def run(text, created_at=None):
        file = tmp_path / "conversation"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_messages(str(file), created_at)

    return run


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([TEA, OOLONG]),
        json.dumps([TEA, OOLONG], indent=2),
        json.dumps({"messages": [TEA, OOLONG]}),
        f"{json.dumps(TEA)}\n{json.dumps(OOLONG)}",
        f"\n{json.dumps(TEA)}\r\n\n{json.dumps(OOLONG, ensure_ascii=False)}\n",
        "\ufeff" + json.dumps([TEA, OOLONG]),
    ],
    ids=["list", "indented", "object", "lines", "blank lines", "byte order mark"],
)
def test_a_conversation_is_read_in_every_shape(read, text):
    assert read(text) == (
        Message(Role.USER, "Which tea?"),
        Message(Role.ASSISTANT, "烏龍", "Sage", SAID_AT),
    )


def test_a_single_line_is_a_single_message(read):
    assert read(json.dumps(TEA)) == (Message(Role.USER, "Which tea?"),)


def test_a_time_given_for_all_counts_where_a_message_has_none(read):
    messages = read(json.dumps([TEA, OOLONG]), GIVEN_AT)
    assert [message.created_at for message in messages] == [GIVEN_AT, SAID_AT]


def test_standard_input_is_read_for_a_dash(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps([TEA]).encode())))
    assert read_messages("-", None) == (Message(Role.USER, "Which tea?"),)


def test_a_closed_standard_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InvalidInputError, match="closed"):
        read_messages("-", None)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "--file", "is empty"),
        (" \n ", "--file", "is empty"),
        ("[]", "--file", "no message"),
        ('{"messages": []}', "--file", "no message"),
        ("tea", "--file", "line 1 is not JSON"),
        ('{"role": "user",', "--file", "line 1 is not JSON"),
        (f"{json.dumps(TEA)}\n{{", "--file", "line 2 is not JSON"),
        (b"\xff\xfe", "--file", "is not UTF-8"),
        ("[" * 100_000, "--file", "nested too deep"),
        ("3", "--file", "no list of messages"),
        ('{"turns": []}', "--file", "no list of messages"),
        ('{"messages": [], "session": "tea"}', "--file", "no list of messages"),
        (json.dumps([TEA, 3]), "messages[1]", "is not a JSON object"),
        (json.dumps([TEA | {"text": "x"}]), "messages[0]", "unknown key 'text'"),
        (json.dumps([{"content": "x"}]), "messages[0].role", "must be a string"),
        (json.dumps([TEA | {"role": "bard"}]), "messages[0].role", "is unknown"),
        (json.dumps([{"role": "user"}]), "messages[0].content", "must be a string"),
        (json.dumps([TEA | {"content": " "}]), "messages[0].content", "is empty"),
        (json.dumps([TEA | {"content": "a\0b"}]), "messages[0].content", "NUL"),
        (json.dumps([TEA | {"content": "\ud800"}]), "messages[0].content", "surrogate"),
        (json.dumps([TEA | {"name": 3}]), "messages[0].name", "must be a string"),
        (json.dumps([TEA | {"created_at": "soon"}]), "messages[0].created_at", "is not a date"),
    ],
)
def test_what_cannot_be_kept_is_named_with_a_fix(read, text, field, message):
    with pytest.raises(InvalidInputError) as refusal:
        read(text)
    assert refusal.value.field == field
    assert message in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_named(name):
    with pytest.raises(InvalidInputError) as refusal:
        read_messages(name, None)
    assert refusal.value.field == "--file"
