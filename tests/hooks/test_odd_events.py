"""What cannot be captured holds up nothing else, and is reported."""

import json
import os

import pytest

from tests.hooks.conftest import TURNS, all_captured, stop


@pytest.mark.parametrize("transcript_path", ["/tmp/a\0b", "PIPE"])
def test_an_event_that_cannot_be_captured_holds_up_no_other(
    live_hooks, transcript, kept, tmp_path, transcript_path
):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    odd = {"session_id": "odd", "transcript_path": transcript_path.replace("PIPE", str(pipe))}
    assert live_hooks.run("stop", odd | {"cwd": str(tmp_path)}) == (0, b"")
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert live_hooks.status()["last_error"]["message"]


def test_a_broken_list_of_transcripts_holds_up_no_event(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    positions = live_hooks.data_dir / "hooks/transcripts.json"
    positions.parent.mkdir(exist_ok=True)
    positions.write_text(json.dumps({"/a": {"offset": 1}, "/b": 5}))
    live_hooks.answer("start", {"session_id": "next"})
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS
