"""After a move of Sage, hooks keep what they are told until it has started again."""

import json
import os
import stat
import subprocess
import sys
from uuid import uuid4

import pytest

from sage.clients.hooks.capture import spool
from sage.clients.hooks.launcher import write_launcher
from tests.clients.hooks.conftest import ANSWER, SAMPLES, TURNS, line, stop
from tests.support.polling import wait_for


@pytest.fixture
def moved(live_hooks):
    """Take away the Python that the launcher calls."""
    launcher = live_hooks.launcher
    launcher.write_text(launcher.read_text().replace(sys.executable, "/no/such/python"))
    return live_hooks


def come_back(hooks):
    """Start Sage where it is now, as far as hooks see it."""
    write_launcher(hooks.data_dir)
    hooks.drain()
    wait_for(lambda: not spool.is_waiting(str(hooks.data_dir)), 20)


def test_what_was_said_after_a_move_is_kept_by_every_way_of_telling_it(
    moved, transcript, kept, tmp_path, monkeypatch
):
    claude, mark = transcript("claude-code")
    with claude.open("a") as file:
        file.write(line(mark, "w-1", "user", 'Quotes " and \\ and 苍鹭') + "\n")
    stop(moved, claude, mark)
    cursor = {"conversation_id": mark, "generation_id": f"g-{mark}", "cursor_version": "3"}
    secret = "My key is sk-" + "a1B2c3D4" * 4
    assert moved.run("prompt", cursor | {"prompt": secret}, "claude-code") == (0, b"")
    assert moved.run("stop", cursor | {"text": ANSWER}, "cursor", "--space", "") == (0, b"")
    in_odd_folder = tmp_path / "it's a \\ folder\nof two lines"
    in_odd_folder.mkdir()
    monkeypatch.chdir(in_odd_folder)
    told = json.loads((SAMPLES / "windsurf/post_cascade_response.json").read_text())
    moved.run("stop", told | {"trajectory_id": mark, "execution_id": mark}, "windsurf")
    codex, other = transcript("codex")
    command = [moved.launcher, "stop", "--client", "codex"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0) as held:
        raw = json.dumps({"session_id": other, "transcript_path": str(codex)}).encode()
        held.stdin.write(raw)
        assert held.wait(5) == 0  # the pipe is open still
    assert moved.run("PreToolUse", {"session_id": mark}) == (0, b"")
    folder = moved.data_dir / "hooks/spool"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {0o700, 0o600}
    come_back(moved)
    assert [text for _, text in kept(f"claude-code:{mark}")] == [
        *(text for _, text in TURNS),
        'Quotes " and \\ and 苍鹭',
    ]
    assert kept(f"cursor:{mark}") == [("user", "My key is [masked]"), ("assistant", ANSWER)]
    assert [role for role, _ in kept(f"windsurf:{mark}")] == ["assistant"]
    assert kept(f"codex:{other}") == TURNS
    assert not (moved.data_dir / "hooks/aside").exists()


def test_an_event_of_odd_values_that_waits_after_a_move_holds_up_no_other(moved, kept):
    mark = uuid4().hex
    message = {"id": mark, "role": "user", "text": "Herons again."}
    for messages in (5, [message]):
        told = moved.run("stop", {"session_id": mark, "messages": messages}, "opencode")
        assert told == (0, b"done\n"), "its plugin need not tell it again"
    come_back(moved)
    assert kept(f"opencode:{mark}") == [("user", "Herons again.")]
    assert len(spool.aside(str(moved.data_dir))) == 1


def test_what_waits_after_a_move_is_bounded_and_none_of_it_when_hooks_are_off(moved, monkeypatch):
    waiting = moved.data_dir / "hooks/spool"
    message = {"id": uuid4().hex, "role": "user", "text": "x" * 6_000_000}
    moved.run("stop", {"session_id": "s", "messages": [message]}, "opencode")
    (large,) = waiting.iterdir()
    assert large.stat().st_size <= 4_100_000
    assert moved.run("drain", {}) == (0, b"")
    monkeypatch.setenv("SAGE_HOOK", "off")
    assert moved.run("stop", {"session_id": "s"}) == (0, b"")
    monkeypatch.delenv("SAGE_HOOK")
    with (waiting / "full").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, spool.MAX_BYTES)
    assert moved.run("stop", {"session_id": "s"}) == (0, b"")
    assert {path.name for path in waiting.iterdir()} == {large.name, "full"}
    come_back(moved)
    assert large.name in {path.name for path in (moved.data_dir / "hooks/aside").iterdir()}
    assert "not a JSON object" in moved.status("opencode")["last_error"]["message"]
