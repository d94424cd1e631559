"""Capture is alive, or says so: in stats, doctor, health and metrics."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from sage.cli.main import main
from sage.clients.hooks import main as hook_main
from sage.clients.hooks.capture.capture_report import read_captures
from sage.clients.hooks.capture.status import last_failure, record_failure
from sage.clients.hooks.launcher import hook_address, launcher_path, resume_hooks, write_launcher
from sage.clients.hooks.state_files import is_own
from sage.phrases import as_json, phrase
from tests.clients.hooks.conftest import Hooks
from tests.support import plain_http
from tests.support.polling import wait_for
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for

TURN = [
    {"id": "l-1", "role": "user", "text": "Where do herons nest?"},
    {"id": "l-2", "role": "assistant", "text": "By the mill."},
]


@pytest.fixture
def run(postgres_dsn, monkeypatch, capsys):
    """Run a verb of the command line on the data directory of the hooks."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("COLUMNS", "300")

    def verb(hooks, *argv):
        capsys.readouterr()
        code = main([*argv, "--data-dir", str(hooks.data_dir)])
        return code, capsys.readouterr().out

    return verb


@pytest.fixture
def captured(hooks, postgres_dsn):
    """Capture a turn; give the hooks and the address of their Sage."""
    with serving(settings_for(postgres_dsn, hooks.data_dir)) as url:
        hooks.find_sage(url)
        hooks.run("stop", {"session_id": "s", "messages": TURN}, "opencode")
        wait_for(lambda: not hooks.spooled())
        yield hooks, url


def test_stats_tell_when_what_was_captured_and_by_which_hooks(captured, run):
    hooks, _ = captured
    code, out = run(hooks, "stats")
    assert code == 0
    assert "2 messages from opencode" in out
    assert "hooks called: stop 1" in out


def test_health_and_metrics_tell_it_too(captured):
    _, url = captured
    check = plain_http.get(f"{url}/health/detailed").json()["checks"]["capture"]
    assert check["status"] == "healthy"
    assert "opencode: 2 messages captured" in check["detail"]
    text = plain_http.get(f"{url}/metrics").text
    assert float(re.search(r"^sage_capture_last_success\S+ (\S+)", text, re.MULTILINE)[1]) > 1e9
    assert "\nsage_capture_waiting_events 0.0\n" in text
    assert "\nsage_capture_failing_clients 0.0\n" in text
    counted = r'^sage_memories_captured_total\{client="opencode"\} (\S+)'
    assert float(re.search(counted, text, re.MULTILINE)[1]) >= 2  # of this process


def test_what_fails_is_told_with_its_reason_and_what_waits(captured, run):
    hooks, url = captured
    hooks.find_sage("http://127.0.0.1:9")
    hooks.run("stop", {"session_id": "s", "messages": TURN}, "opencode")
    wait_for(lambda: hooks.status("opencode").get("failing"))
    _, out = run(hooks, "doctor", "--json")
    check = next(one for one in json.loads(out)["checks"] if one["name"] == "capture")
    assert check["status"] == "warning"
    assert "now failing: Sage is not running" in check["detail"]
    assert "1 event queued" in check["detail"]
    assert check["hint"]
    assert "failing: Sage is not running" in run(hooks, "stats")[1]
    checks = plain_http.get(f"{url}/health/detailed").json()["checks"]
    assert checks["capture"]["status"] == "degraded"
    assert "\nsage_capture_waiting_events 1.0\n" in plain_http.get(f"{url}/metrics").text


def test_an_event_that_comes_to_no_end_holds_up_no_other_and_is_named_by_doctor(
    captured, run, tmp_path
):
    hooks, _ = captured
    hanging, before = tmp_path / "hanging", hooks.status("opencode")["captured"]
    event = {"client": "opencode", "event": "stop", "messages": TURN}
    code = (
        "import sys, time; from sage.clients.hooks.capture import worker; worker._EVENT_S = 1;"
        "real, place = worker.project_of, sys.argv[2];"
        "worker.project_of = lambda cwd: time.sleep(60) if cwd == place else real(cwd);"
        "worker.run(sys.argv[1])"
    )
    spool = hooks.data_dir / "hooks/spool"
    (spool / "00000000000000000001-1.json").write_text(json.dumps(event | {"cwd": str(hanging)}))
    for number in range(3):
        messages = [{**one, "id": f"{number}-{one['id']}"} for one in TURN]
        (spool / f"0000000000000000001{number}-1.json").write_text(
            json.dumps(event | {"messages": messages})
        )
        subprocess.run([sys.executable, "-c", code, hooks.data_dir, hanging], check=True)
        assert hooks.status("opencode")["captured"] == before + 2 * (number + 1)
    assert hooks.spooled() == []
    (aside,) = (hooks.data_dir / "hooks/aside").iterdir()
    assert json.loads(aside.read_text())["messages"] == TURN
    _, out = run(hooks, "doctor", "--json")
    check = next(one for one in json.loads(out)["checks"] if one["name"] == "capture")
    assert check["status"] == "warning"
    assert f"1 event set aside in {aside.parent}" in check["detail"]
    assert f"move them to {spool}" in check["hint"]


def test_hooks_that_call_what_was_moved_away_are_named_with_what_mends_them(captured, run):
    hooks, _ = captured
    launcher = hooks.launcher.read_text()
    for program, gone in ((sys.executable, "/gone/python"), (hook_main.__file__, "/gone/main.py")):
        hooks.launcher.write_text(launcher.replace(program, gone))
        _, out = run(hooks, "doctor", "--json")
        check = next(one for one in json.loads(out)["checks"] if one["name"] == "capture")
        assert check["status"] == "warning"
        assert f"the hooks call {gone}, which no longer exists" in check["detail"]
        assert "start-sage-mcp.sh --detach" in check["hint"]


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("Sage is not running", "`sage up`"),
        ("the transcript: Permission denied", "can read the transcript"),
        ("a message was refused: Sage rejected it (HTTP 422)", "nothing is queued"),
        ("an event cannot be captured: KeyError: 'open'", "other messages are not affected"),
        ("there is no token for the space team; connect the client again", "--space NAME --write"),
        ("Sage rejected it (HTTP 401)", "`sage connect CLIENT --hooks --write`"),
        ("the running Sage is older than its hooks", "`sage down`"),
        ("Sage does not recognize 127.0.0.1:1 as its own address", "SAGE_PUBLISHED_ADDRESSES"),
        ("there is no key to verify Sage with; restart Sage", "restart Sage"),
        ("another program responded at the address of Sage (HTTP 400)", "MCP_SERVER_PORT"),
        ("the answer is not Sage's", "which program"),
    ],
)
def test_doctor_hints_at_what_helps_against_the_reason(hooks, run, reason, hint):
    record_failure(str(hooks.data_dir), "opencode", "", reason)
    _, out = run(hooks, "doctor", "--json")
    check = next(one for one in json.loads(out)["checks"] if one["name"] == "capture")
    assert f"now failing: {reason}" in check["detail"]
    assert hint in check["hint"]
    assert ("start Sage with `sage up`" in check["hint"]) == (reason == "Sage is not running")


def test_a_transcript_that_cannot_be_read_is_not_blamed_on_sage(captured, run, tmp_path):
    hooks, _ = captured
    (tmp_path / "folder").mkdir()
    told = {"session_id": "s", "transcript_path": str(tmp_path / "folder")}
    hooks.run("stop", told)
    wait_for(lambda: hooks.status().get("failing"))
    _, out = run(hooks, "doctor", "--json")
    check = next(one for one in json.loads(out)["checks"] if one["name"] == "capture")
    assert "can read the transcript" in check["hint"]
    assert "sage up" not in check["hint"]


def test_a_client_that_never_calls_its_hooks_is_shown_until_it_is_disconnected(
    hooks, run, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    (tmp_path / ".codex").mkdir()
    run(hooks, "connect", "codex", "--hooks", "--write")
    for verb in ("stats", "doctor"):
        out = run(hooks, verb)[1]
        assert "codex" in out
        assert "hooks called: none yet, though they are set up" in out
    run(hooks, "connect", "codex", "--remove")
    assert "codex" not in run(hooks, "stats")[1]


def test_without_hooks_nothing_is_said_of_capture(hooks, run):
    assert "captur" not in run(hooks, "stats")[1]
    _, out = run(hooks, "doctor", "--json")
    assert "capture" not in [one["name"] for one in json.loads(out)["checks"]]


def test_a_sage_that_starts_has_hooks_find_it_and_captures_what_waits(tmp_path, sage_url):
    address = urlsplit(sage_url)
    server = hook_address(address.hostname, address.port)
    share_key(tmp_path)
    resume_hooks(tmp_path, server | {"port": 1})
    assert launcher_path(tmp_path).exists()
    hooks = Hooks(tmp_path)
    hooks.run("stop", {"session_id": "s", "messages": TURN}, "opencode")
    wait_for(lambda: "failing" in hooks.status("opencode"))
    assert hooks.spooled()
    resume_hooks(tmp_path, server)
    wait_for(lambda: not hooks.spooled())


def test_root_runs_nothing_and_reads_nothing_in_the_folder_of_another_user(hooks):
    if os.geteuid() != 0:
        assert is_own(str(hooks.data_dir))
        return
    hooks.run("stop", {"session_id": "s", "messages": TURN}, "opencode")
    assert read_captures(hooks.data_dir).clients
    mark = hooks.data_dir / "ran"
    launcher_path(hooks.data_dir).write_text(f'#!/bin/sh\n: > "{mark}"\n')
    os.chown(hooks.data_dir, 12345, 12345)
    resume_hooks(hooks.data_dir, hook_address("127.0.0.1", 1))
    assert not mark.exists()
    assert not read_captures(hooks.data_dir).clients
    with pytest.raises(PermissionError):
        write_launcher(hooks.data_dir)


def test_why_capture_fails_is_kept_as_it_was_worded(tmp_path):
    refused = phrase("Sage rejected it (HTTP {status})", status=422)
    told = phrase("a message was refused: {reason}", reason=refused)
    record_failure(str(tmp_path), "codex", "", told)
    for read in (
        read_captures(tmp_path).clients["codex"].failing_text,
        last_failure(str(tmp_path), "codex")[0],
    ):
        assert (read, as_json(read)) == (told, as_json(told))
    record_failure(str(tmp_path), "codex", "", "it is away")
    assert read_captures(tmp_path).clients["codex"].failing_text == "it is away"
