"""Whatever happens, a hook exits with 0, says nothing but its answer, and does not hold up."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import pytest

from sage.clients.hooks import main
from sage.clients.hooks.launcher import launcher_path
from tests.support.broken_sage import answering, slowly
from tests.support.each import each
from tests.support.polling import wait_for

EVENTS = ("start", "prompt", "stop", "compact", "end")
PROMPT = {"session_id": "s", "prompt": "Where do the herons nest this year?"}


@contextmanager
def sage_that(answers, hooks):
    """Pretend to be a Sage that answers in its own way."""
    with answering(answers) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        yield


@each(
    ("event", "raw"),
    product(
        [*EVENTS, "PreToolUse", "Notification", "", "--nonsense"],
        [b"", b"{", b"[]", b"\xff\xfe", b"{}", b"[" * 5000],
    ),
)
def test_broken_input_and_unknown_events_are_met_with_silence(hooks, event, raw):
    if (event, raw) != ("start", b"{}"):
        assert hooks.run(event, raw) == (0, b"")


@pytest.mark.parametrize("event", EVENTS)
def test_without_sage_a_hook_is_silent(hooks, event):
    code, out = hooks.run(event, PROMPT)
    assert code == 0
    assert out == b"" or set(json.loads(out)) == {"systemMessage"}


def test_nothing_is_searched_for_where_the_client_cannot_show_it(hooks):
    shapes = {
        "cursor": {"conversation_id": "s", "cursor_version": "3"},
        "copilot": {"sessionId": "s", "hookEventName": "UserPromptSubmit"},
        "windsurf": {
            "agent_action_name": "pre_user_prompt",
            "tool_info": {"user_prompt": PROMPT["prompt"]},
        },
        "claude-code": {"session_id": "s"},
    }
    for client, told in shapes.items():
        assert hooks.run("prompt", PROMPT | told, client) == (0, b"")
    calls = {
        name: hooks.status(name)["hooks"]["prompt"] for name in ("cursor", "vscode", "windsurf")
    }
    assert not [name for name, call in calls.items() if "last_error" in call]
    assert "not running" in hooks.status()["hooks"]["prompt"]["last_error"]["message"]


def test_a_hook_of_no_known_client_leaves_no_trace(hooks):
    assert hooks.run("stop", {"session_id": "s", "messages": [{"id": "1"}]}, "") == (0, b"")
    assert not (hooks.data_dir / "hooks/status").exists()
    assert not hooks.spooled()


def test_the_user_is_told_once_that_sage_is_not_running_and_that_what_is_said_is_kept(hooks):
    first = hooks.answer("start", {"session_id": "s"})
    assert first["systemMessage"] == (
        "Sage recalls nothing here: Sage is not running."
        " Messages are queued, and saved once Sage responds."
    )
    assert hooks.spooled()
    assert hooks.answer("start", {"session_id": "t"}) is None
    assert hooks.answer("start", {"session_id": "t"}, client="gemini-cli") is None


@pytest.mark.parametrize(
    "answer",
    [
        b"this is not HTTP",
        b"HTTP/1.1 200 OK\r\n\r\nthis is not json {",
        b"HTTP/1.1 200 OK\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\n\r\n{"text": 5, "memory_ids": {}}',
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n{}",
        b"HTTP/1.1 401 Unauthorized\r\n\r\n{}",
        b"",
    ],
)
def test_garbage_in_place_of_an_answer_reaches_nobody(hooks, answer):
    with sage_that(lambda connection, _: connection.sendall(answer), hooks):
        assert hooks.run("prompt", PROMPT) == (0, b"")


def test_a_slow_sage_is_given_up_within_a_second(hooks):
    with sage_that(slowly, hooks):
        began = time.monotonic()
        assert hooks.run("prompt", PROMPT) == (0, b"")
        assert time.monotonic() - began < 2.0  # one second, and what a busy machine adds


def test_an_answer_that_trickles_in_is_given_up_too(hooks):
    def trickle(connection, ended):
        while not ended.wait(0.05):
            try:
                connection.sendall(b"H")
            except OSError:
                return

    with sage_that(trickle, hooks):
        assert hooks.run("prompt", PROMPT) == (0, b"")


def test_a_client_that_keeps_the_pipe_open_is_answered(hooks):
    process = subprocess.Popen(
        [hooks.launcher, "prompt", "--client", "codex"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdin.write(json.dumps(PROMPT).encode())
        process.stdin.flush()
        assert process.wait(5) == 0
        process.stdin.close()


def tell_after(hooks, delay_s, raw):
    """Run a hook of a client that takes its time; return how long the hook took, and its code."""
    command = [hooks.launcher, "stop", "--client", "claude-code"]
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0) as process:
        time.sleep(delay_s)
        with suppress(BrokenPipeError):
            process.stdin.write(raw)
        code = process.wait(5)
    return time.monotonic() - began, code


def test_an_event_that_a_busy_client_tells_late_is_kept(hooks):
    told = {"session_id": "s", "messages": [{"id": "1", "role": "user", "text": "Hello."}]}
    took_s, code = tell_after(hooks, 0.6, json.dumps(told).encode())
    assert code == 0
    assert took_s < 2.0
    assert len(hooks.spooled()) == 1
    assert "last_error" not in hooks.status()["hooks"]["stop"]


@pytest.mark.parametrize(
    ("delay_s", "raw", "why"),
    [
        (1.2, b"{}", "did not send the whole event in time"),
        (0, b'{"session_id": "s"', "did not send the whole event in time"),
        (0, b'{"messages": "' + b"x" * 4_100_000 + b'"}', "larger than 4,000,000 bytes"),
        (0, b'["{}"]{}', "in time"),
    ],
)
def test_an_event_that_cannot_be_read_leaves_the_reason_in_the_status(hooks, delay_s, raw, why):
    took_s, code = tell_after(hooks, delay_s, raw)
    assert code == 0
    assert took_s < 2.0
    assert why in hooks.status()["hooks"]["stop"]["last_error"]["message"]
    assert hooks.spooled() == []


@pytest.mark.parametrize("raw", [b"", b"[]", b"{"])
def test_an_event_that_is_no_object_leaves_the_reason_in_the_status(hooks, raw):
    assert hooks.run("stop", raw) == (0, b"")
    assert "not a JSON object" in hooks.status()["hooks"]["stop"]["last_error"]["message"]


def test_what_captures_in_the_background_holds_no_pipe_of_the_client(hooks, project):
    transcript = project / "t.jsonl"
    transcript.write_text("")
    payload = {
        "session_id": "s",
        "transcript_path": str(transcript),
        "last_assistant_message": "an answer that never comes to the file",
    }
    with sage_that(slowly, hooks):
        began = time.monotonic()
        code, out = hooks.run("stop", payload)  # reads both pipes to their ends
        assert (code, out) == (0, b"")
        assert time.monotonic() - began < 1.5  # the worker waits two seconds for the answer


def test_a_hook_whose_python_is_gone_is_silent(hooks, tmp_path):
    launcher = launcher_path(hooks.data_dir)
    text = launcher.read_text().replace(sys.executable, str(tmp_path / "gone"))
    launcher.write_text(text)
    assert hooks.run("stop", PROMPT) == (0, b"")


def test_a_hook_whose_code_is_broken_is_silent(hooks, tmp_path):
    broken = tmp_path / "main.py"
    broken.write_text("this is not Python")
    launcher = launcher_path(hooks.data_dir)
    launcher.write_text(launcher.read_text().replace(main.__file__, str(broken)))
    assert hooks.run("stop", PROMPT) == (0, b"")


def test_it_can_be_turned_off(live_hooks, monkeypatch):
    monkeypatch.setenv("SAGE_HOOK", "off")
    assert live_hooks.run("stop", PROMPT) == (0, b"")
    assert live_hooks.spooled() == []
    assert live_hooks.status() == {}


@pytest.mark.parametrize("cause", ["off", "code is gone"])
def test_a_hook_that_is_off_takes_what_its_client_writes_and_waits_for_no_end(
    hooks, monkeypatch, cause
):
    if cause == "off":
        monkeypatch.setenv("SAGE_HOOK", "off")
    else:
        launcher = launcher_path(hooks.data_dir)
        launcher.write_text(launcher.read_text().replace(main.__file__, "/no/such/main.py"))
    command = [hooks.launcher, "stop", "--client", "codex"]
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0) as process:
        time.sleep(0.3)
        process.stdin.write(b"x" * 1_000_000)  # a closed pipe would end the client
        assert process.wait(5) == 0
        assert time.monotonic() - began < 3
    assert not (hooks.data_dir / "hooks/status").exists()


def test_a_hook_that_is_off_ends_with_what_its_client_writes(hooks, monkeypatch):
    monkeypatch.setenv("SAGE_HOOK", "off")
    began = time.monotonic()
    assert hooks.run("stop", b"{}") == (0, b"")
    assert time.monotonic() - began < 0.8


def test_a_data_directory_that_cannot_be_written_to_is_met_with_silence(hooks):
    (hooks.data_dir / "hooks").rename(hooks.data_dir / "elsewhere")
    (hooks.data_dir / "hooks").write_text("a file")
    for event in EVENTS:
        assert hooks.run(event, PROMPT) == (0, b"")


@pytest.mark.parametrize("words", [["hook"], ["hook", "stop", "--no-such-option"], ["hook", "x"]])
def test_the_verb_answers_like_the_launcher_whatever_it_is_called_with(words, tmp_path):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "sage", *words]
    done = subprocess.run(command, input=b"{", capture_output=True, env=environ, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_the_verb_obeys_a_data_directory_wherever_it_is_named(tmp_path):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    event = ["hook", "prompt", "--client", "claude-code"]
    for number, place in enumerate(("before", "after", "whole")):
        data_dir = tmp_path / place
        data_dir.mkdir(mode=0o700)
        (data_dir / ".env").touch()
        named = [f"--data-dir={data_dir}"] if place == "whole" else ["--data-dir", str(data_dir)]
        words = [*event, *named] if place == "after" else ["--log-level", "DEBUG", *named, *event]
        command = [sys.executable, "-m", "sage", *words]
        prompt = json.dumps(PROMPT | {"session_id": str(number)}).encode()
        done = subprocess.run(command, input=prompt, capture_output=True, env=environ, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (data_dir / "hooks/status/claude-code.json").exists(), place
    assert not (tmp_path / ".local/share/sage").exists()


def test_a_hook_costs_little_more_than_the_modules_that_it_cannot_do_without(hooks):
    def least_cpu_s(command):
        times = []
        for _ in range(7):
            before = os.times()
            subprocess.run(command, input=b"{}", capture_output=True, check=False)
            after = os.times()
            times.append(sum(after[2:4]) - sum(before[2:4]))  # of children that have ended
        return min(times)

    bare = least_cpu_s([sys.executable, "-c", "import json, socket"])
    hook = least_cpu_s([hooks.launcher, "prompt", "--client", "claude-code"])
    assert hook < 2 * bare + 0.02, f"{hook * 1000:.0f} ms, and {bare * 1000:.0f} ms for the modules"


def test_a_hook_imports_none_of_the_libraries_of_the_server(hooks):
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]);"
        "from sage.clients.hooks import events; from sage.clients.hooks.capture import worker;"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    root = str(Path(main.__file__).parents[3])
    command = [sys.executable, "-I", "-S", "-c", code, str(hooks.data_dir), root]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {*imported} - {*sys.stdlib_module_names} - {"sage", "__main__"}


def test_a_hook_that_is_killed_leaves_nothing_half_written(hooks, project):
    for _ in range(10):
        process = subprocess.Popen(
            [hooks.launcher, "stop", "--client", "claude-code"],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        process.stdin.write(json.dumps({"session_id": "s", "cwd": str(project)}).encode())
        process.stdin.close()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    hooks.run("stop", {"session_id": "s", "cwd": str(project)})
    wait_for(lambda: not (hooks.data_dir / "hooks/spool").glob("*.json") or hooks.spooled())
    for path in hooks.spooled():
        assert json.loads(path.read_text())["session"] == "s"
