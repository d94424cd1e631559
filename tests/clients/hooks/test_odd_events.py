"""What cannot be captured holds up nothing else, and is reported."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from sage.clients.hooks.capture import spool
from tests.architecture.sources import INSTALLED
from tests.clients.hooks.conftest import TURNS, all_captured, stop
from tests.support import plain_http

_SLOW = """
import sys, time
sys.path.insert(0, {root!r})
from sage.clients.hooks import main

class Slow:
    def find_spec(self, name, *_):
        if name.endswith("hooks.events"):
            time.sleep(30)

sys.meta_path.insert(0, Slow())
main.run({data_dir!r}, ["stop", "--client", "claude-code"])
"""
"""A hook on a machine so busy that it has not begun to read its event after a second."""


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


def test_an_event_that_there_was_no_time_to_read_is_captured_with_the_next(
    live_hooks, transcript, kept
):
    path, mark = transcript("claude-code")
    code = _SLOW.format(root=str(INSTALLED), data_dir=str(live_hooks.data_dir))
    told = {"session_id": mark, "transcript_path": str(path), "cwd": str(path.parent)}
    command = [sys.executable, "-I", "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as hook:
        hook.stdin.write(json.dumps(told).encode())
        hook.stdin.flush()  # the pipe stays open
        assert hook.wait(10) == 0
        assert hook.stdout.read() == b""
    (waiting,) = spool.waiting(str(live_hooks.data_dir))
    assert stat.S_IMODE(Path(waiting).stat().st_mode) == 0o600
    live_hooks.run("stop", {"session_id": "next"})
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_a_broken_list_of_transcripts_holds_up_no_event(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    positions = live_hooks.data_dir / "hooks/transcripts.json"
    positions.parent.mkdir(exist_ok=True)
    positions.write_text(json.dumps({"/a": {"offset": 1}, "/b": 5}))
    live_hooks.answer("start", {"session_id": "next"})
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_files_of_a_folder_that_are_pipes_or_no_text_hold_up_no_capture(
    live_hooks, sage_url, tmp_path
):
    git_dir = tmp_path / "common/worktrees/w"
    git_dir.mkdir(parents=True)
    folders = {mark: tmp_path / mark for mark in (uuid4().hex for _ in range(4))}
    for folder in folders.values():
        (folder / "x").mkdir(parents=True)
    pipe, second, third, fourth = folders.values()
    os.mkfifo(pipe / ".git")
    (second / ".git").write_text("gitdir: x")
    os.mkfifo(second / "x/commondir")
    (third / ".git").write_text(f"gitdir: {git_dir}")
    os.mkfifo(git_dir / "gitdir")
    (fourth / ".git").write_bytes(b"gitdir: \xff\xfe")
    for mark, folder in folders.items():
        messages = [{"id": mark, "role": "user", "text": f"We are in {mark}."}]
        told = {"session_id": mark, "cwd": str(folder), "messages": messages}
        assert live_hooks.run("stop", told, "opencode") == (0, b"done\n")
    all_captured(live_hooks)
    projects = {
        mark: [one["metadata"]["project"] for one in session.json()["memories"]]
        for mark in folders
        if (session := plain_http.get(f"{sage_url}/api/v1/sessions/opencode:{mark}")).is_success
    }
    assert projects == {mark: [str(folder)] for mark, folder in folders.items()}
