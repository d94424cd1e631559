"""What could not be captured at its event is captured later, and only once."""

import json
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from sage.clients.hooks.capture.spool import MAX_BYTES
from tests.clients.hooks.conftest import ANSWER, TURNS, all_captured, line, stop
from tests.support import broken_sage
from tests.support.faults.disk import fill, small_disk
from tests.support.polling import wait_for
from tests.support.ports import free_port

EVENTS = ("start", "prompt", "stop", "compact", "end")


@pytest.fixture
def late(live_hooks, transcript):
    """Capture a turn whose answer the client writes down too late; give a way to write it."""
    path, mark = transcript("claude-code")
    whole = path.read_text().splitlines(keepends=True)
    answer = next(number for number, text in enumerate(whole) if "by the mill" in text)
    path.write_text("".join(whole[:answer]))
    stop(live_hooks, path, mark, last_assistant_message=ANSWER)
    all_captured(live_hooks)

    def write():
        with path.open("a") as file:
            file.write("".join(whole[answer:]))

    return path, mark, write


@pytest.mark.parametrize("event", ["start", "stop", "compact", "end"])
def test_an_answer_that_comes_too_late_is_kept_with_the_next_event_of_its_session(
    late, live_hooks, kept, event
):
    path, mark, write_answer = late
    assert kept(f"claude-code:{mark}") == TURNS[:1]
    write_answer()
    payload = {"session_id": mark, "transcript_path": str(path)}
    assert live_hooks.run(event, payload) == (0, b"")
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert live_hooks.status()["captured"] == 2


def test_an_answer_that_comes_too_late_is_kept_when_another_session_starts(late, live_hooks, kept):
    _, mark, write_answer = late
    for start in ("before it came", "after it came", "once more"):
        live_hooks.run("start", {"session_id": start})
        all_captured(live_hooks)
        if start == "before it came":
            write_answer()
    assert kept(f"claude-code:{mark}") == TURNS
    assert live_hooks.status()["captured"] == 2


@contextmanager
def growing(path):
    """Have a client write into a transcript, but nothing that is said, while the block runs."""
    ended = threading.Event()

    def write():
        with path.open("a") as file:
            while not ended.wait(0.001):
                file.write('{"type": "progress"}\n')
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def test_a_session_that_was_under_way_when_its_start_was_captured_is_kept_when_another_starts(
    live_hooks, transcript, kept
):
    path, mark = transcript("claude-code")
    whole = path.read_text().splitlines(keepends=True)
    answer = next(number for number, text in enumerate(whole) if "by the mill" in text)
    path.write_text("".join(whole[:answer]))
    with growing(path):
        stop(live_hooks, path, mark, event="start")
        all_captured(live_hooks)
    with path.open("a") as file:
        file.write("".join(whole[answer:]))
    live_hooks.run("start", {"session_id": "next"})
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_a_session_whose_other_hooks_were_killed_is_kept_when_another_starts(
    live_hooks, transcript, kept
):
    path, mark = transcript("claude-code")
    said = path.read_text()
    path.unlink()  # as at the start of a session
    stop(live_hooks, path, mark, event="start")
    all_captured(live_hooks)
    path.write_text(said)
    live_hooks.run("start", {"session_id": "of another client"}, "codex")
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == []
    live_hooks.run("start", {"session_id": "next"})
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_what_is_said_with_hooks_off_in_a_session_that_had_ended_is_not_caught_up(
    live_hooks, transcript, kept
):
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark)
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    with path.open("a") as file:
        file.write(line(mark, "o-1", "user", "Between the two of us.") + "\n")
    live_hooks.run("start", {"session_id": "next"})
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def is_silent(hooks, event, path, mark):
    """Run a hook; return whether it says nothing but that Sage is not there."""
    payload = {"session_id": mark, "transcript_path": str(path), "prompt": TURNS[0][1]}
    code, out = hooks.run(event, payload)
    return code == 0 and (not out or set(json.loads(out)) == {"systemMessage"})


def test_what_was_said_without_sage_is_kept_once_it_is_back(hooks, transcript, kept, sage_url):
    said = [transcript("claude-code") for _ in range(3)]
    for path, mark in said:
        stop(hooks, path, mark)
    wait_for(lambda: hooks.status().get("failing"))
    assert len(hooks.spooled()) == 3
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in hooks.spooled())
    assert ((hooks.data_dir / "hooks").stat().st_mode & 0o777) == 0o700
    warned = hooks.answer("start", {"session_id": "next"})
    assert "Sage" in warned["systemMessage"]
    hooks.find_sage(sage_url)
    hooks.drain()
    all_captured(hooks)
    for _, mark in said:
        assert kept(f"claude-code:{mark}") == TURNS
    assert "failing" not in hooks.status()


def test_what_waited_while_sage_was_stopped_waits_for_no_answers(hooks, transcript, kept, sage_url):
    path, mark = transcript("claude-code")
    for _ in range(8):  # only the first finds something new
        stop(hooks, path, mark)
    wait_for(lambda: not broken_sage.hooks_of(hooks.data_dir))
    for number, event in enumerate(hooks.spooled()):
        minute_ago = time.time_ns() - 60 * 10**9 + number
        event.rename(event.with_name(f"{minute_ago:020d}-1.json"))
    hooks.find_sage(sage_url)
    began = time.monotonic()
    hooks.drain()
    all_captured(hooks)
    assert time.monotonic() - began < 7  # two seconds for each would be fourteen
    assert kept(f"claude-code:{mark}") == TURNS


def test_each_client_that_can_show_a_warning_shows_it_once(hooks):
    def warns(client):
        said = hooks.answer("start", {"session_id": "next"}, client)
        return said is not None and "Sage" in said["systemMessage"]

    assert not warns("gemini-cli")
    assert warns("claude-code")
    assert not warns("claude-code")
    assert warns("codex")


PROBLEM = b'{"type": "about:blank", "title": "No", "status": 422, "detail": "no", "hint": "no"}'


@pytest.mark.parametrize(
    "answers",
    [
        broken_sage.with_added_true,
        *(broken_sage.refusing(status) for status in (400, 401, 403, 404, 413, 422)),
        broken_sage.refusing(422, PROBLEM),
        broken_sage.refusing(422, b'["status", 422]'),
    ],
)
def test_what_waits_survives_another_program_on_the_port_of_sage(
    hooks, transcript, kept, sage_url, answers
):
    path, mark = transcript("claude-code")
    told = {"conversation_id": mark, "generation_id": f"g-{mark}", "cursor_version": "3"}
    with broken_sage.answering(answers) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        hooks.run("stop", told | {"text": ANSWER}, "cursor")
        stop(hooks, path, mark)
        wait_for(lambda: hooks.status("cursor").get("failing"))
        wait_for(lambda: not broken_sage.hooks_of(hooks.data_dir))
        assert len(hooks.spooled()) == 2
        why = hooks.status("cursor")["failing"]["message"]
        assert "not Sage's" in why or "another program responded at the address of Sage" in why
    hooks.find_sage(sage_url)
    wait_for(lambda: hooks.drain() or not hooks.spooled())
    assert kept(f"cursor:{mark}") == TURNS[1:]
    assert kept(f"claude-code:{mark}") == TURNS


def test_warnings_that_take_turns_are_each_shown_once_a_day(hooks):
    def warning():
        answer = hooks.answer("start", {"session_id": "next"}) or {}
        return answer.get("systemMessage", "")

    nowhere = f"http://127.0.0.1:{free_port()}"
    with broken_sage.answering(broken_sage.refusing(400)) as port:
        shown = []
        for _ in range(2):
            for url in (nowhere, f"http://127.0.0.1:{port}"):
                hooks.find_sage(url)
                shown.append(warning())
    assert "not running" in shown[0]
    assert "another program" in shown[1]
    assert shown[2:] == ["", ""]
    path = hooks.data_dir / "hooks/warned.json"
    day_ago = {text: time.time() - 86_401 for text in json.loads(path.read_text())["claude-code"]}
    path.write_text(json.dumps({"claude-code": day_ago}))
    assert "not running" in warning()


@pytest.mark.parametrize("answers", [broken_sage.slowly, broken_sage.with_garbage])
def test_what_was_said_to_a_sage_that_is_slow_or_wrong_is_kept_once_it_is_well(
    hooks, transcript, kept, sage_url, answers
):
    path, mark = transcript("claude-code")
    with broken_sage.answering(answers) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        for event in EVENTS:
            assert is_silent(hooks, event, path, mark)
        wait_for(lambda: hooks.status().get("failing"))
    hooks.find_sage(sage_url)
    wait_for(lambda: hooks.drain() or not hooks.spooled())
    assert kept(f"claude-code:{mark}") == TURNS
    assert hooks.status()["captured"] == 2


@pytest.mark.parametrize("event", EVENTS)
def test_what_was_said_is_kept_though_a_hook_and_what_it_leaves_behind_are_killed(
    hooks, transcript, kept, sage_url, event
):
    path, mark = transcript("claude-code")
    asked = threading.Event()
    kill = broken_sage.killing_hooks_of(hooks.data_dir)

    def answer(*_):
        kill()
        asked.set()

    with broken_sage.answering(answer) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        payload = {"session_id": mark, "transcript_path": str(path), "prompt": TURNS[0][1]}
        command = [hooks.launcher, event, "--client", "claude-code"]
        killed = subprocess.run(
            command, input=json.dumps(payload).encode(), capture_output=True, check=False
        )
        assert killed.returncode in {0, -signal.SIGKILL}
        assert killed.stdout == b""
        assert asked.wait(20)
    hooks.find_sage(sage_url)
    stop(hooks, path, mark, event="end")
    all_captured(hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert hooks.status()["captured"] == 2


def test_what_was_said_on_a_full_disk_is_kept_once_there_is_room(
    hooks, transcript, kept, sage_url, tmp_path
):
    path, mark = transcript("claude-code")
    filler = hooks.data_dir / "hooks/filler"
    (hooks.data_dir / "hooks").rename(tmp_path / "aside")
    with small_disk(hooks.data_dir / "hooks", mebibytes=1) as mounted:
        if not mounted:
            pytest.skip("the right to mount a small file system is missing")
        hooks.find_sage(sage_url)
        fill(filler)
        for event in EVENTS:
            assert is_silent(hooks, event, path, mark)
        assert hooks.spooled() == []
        filler.unlink()
        stop(hooks, path, mark, event="end")
        all_captured(hooks)
        assert hooks.status()["captured"] == 2
        wait_for(lambda: not broken_sage.hooks_of(hooks.data_dir))  # none holds the disk
    assert kept(f"claude-code:{mark}") == TURNS


def test_the_spool_is_bounded(hooks, transcript):
    path, mark = transcript("claude-code")
    stop(hooks, path, mark)
    (first,) = hooks.spooled()
    oldest = first.with_name("00000000000000000000-1.json")
    oldest.write_text(json.dumps({"client": "x", "messages": ["x" * MAX_BYTES]}))
    stop(hooks, path, mark)
    assert oldest not in hooks.spooled()
    assert first in hooks.spooled()


def test_an_event_that_a_full_spool_drops_is_made_up_for_by_the_next(
    hooks, transcript, kept, sage_url
):
    (first, mark), (second, other) = (transcript("claude-code") for _ in range(2))
    stop(hooks, first, mark)
    (dropped,) = hooks.spooled()
    with dropped.with_name(f"{dropped.stem}z.json").open("wb") as file:
        file.truncate(MAX_BYTES)
    stop(hooks, second, other)
    assert dropped not in hooks.spooled()
    stop(hooks, first, mark, event="end")
    hooks.find_sage(sage_url)
    hooks.drain()
    all_captured(hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert kept(f"claude-code:{other}") == TURNS
