"""A conversation that is longer than one call may hold is saved part by part."""

import json

import pytest


@pytest.fixture
def chat(tmp_path, monkeypatch):
    """Write a file of 1,001 messages, and do not wait for their vectors."""
    monkeypatch.setattr("sage.cli.saving.vectors._VECTORS_WAIT_S", 0)
    file = tmp_path / "chat.json"
    messages = [{"role": "user", "content": f"heron {number}"} for number in range(1_001)]
    file.write_text(json.dumps(messages))
    return file


def test_all_parts_are_in_one_session_of_the_space_and_saved_once(sage, chat):
    assert sage("space", "create", "team").code == 0
    command = ("save", "--file", chat, "--space", "team", "--idempotency-key", "k", "--json")
    first = sage(*command)
    assert "saving in 6 parts" in first.err
    assert len(set(first.answer["memory_ids"])) == 1_001
    again = sage(*command).answer
    assert again["saved"] is False
    assert again["memory_ids"] == first.answer["memory_ids"]
    (session,) = sage("sessions", "--space", "team", "--json").answer["sessions"]
    assert (session["session_id"], session["memories"]) == (first.answer["session_id"], 1_001)
