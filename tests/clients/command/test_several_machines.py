"""One session on several machines: nothing is kept twice, and nothing in another place."""

import json
import shutil
import subprocess
import sys
from uuid import uuid4

import pytest

from sage.clients.hooks.capture import spool
from tests.architecture.sources import ROOT
from tests.clients.command.conftest import TOKEN, Machine
from tests.clients.hooks.conftest import line
from tests.support import plain_http
from tests.support.polling import wait_for

WITHOUT_LOCKS = """
import errno, fcntl, sys
sys.path.insert(0, sys.argv[1])
def refuse(*_):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = refuse
from sage.clients.hooks.capture.worker import run
run(sys.argv[2])
"""


@pytest.fixture
def machines(tmp_path, archive, sage_url):
    """Connect two machines, each with a home of its own."""
    both = []
    for name in ("laptop", "desktop"):
        (tmp_path / name).mkdir()
        both.append(Machine(tmp_path / name, archive))
        both[-1].connect(sage_url)
    return both


def kept(sage_url, mark):
    shown = {"authorization": f"Bearer {TOKEN}"}
    answer = plain_http.get(f"{sage_url}/api/v1/sessions/claude-code:{mark}", headers=shown)
    return [one["content"] for one in answer.json().get("memories", ())]


def said(mark, *numbers):
    """Return lines of a transcript: prompts and answers by turns."""
    return "".join(
        line(mark, f"c-{n}", "assistant" if n % 2 else "user", f"Message {n}.") + "\n"
        for n in numbers
    )


def test_a_session_that_is_resumed_on_another_machine_is_kept_once_and_in_order(
    machines, sage_url, tmp_path
):
    laptop, desktop = machines
    mark = uuid4().hex
    path = tmp_path / "laptop" / "session.jsonl"
    path.write_text(said(mark, 0, 1))
    told = {"session_id": mark, "transcript_path": str(path)}
    laptop.fire("stop", **told)
    wait_for(lambda: laptop.captured() == 2)
    there = tmp_path / "desktop" / "session.jsonl"
    shutil.copy(path, there)
    with there.open("a") as file:
        file.write(said(mark, 2, 3))
    desktop.fire("stop", **told | {"transcript_path": str(there)})
    wait_for(lambda: desktop.captured() == 2)
    shutil.copy(there, path)  # synchronized back, and gone on with
    with path.open("a") as file:
        file.write(said(mark, 4, 5))
    laptop.fire("stop", **told)
    wait_for(lambda: laptop.captured() == 4)
    assert kept(sage_url, mark) == [f"Message {number}." for number in range(6)]


def test_two_machines_with_one_home_and_no_locks_send_all_once(machines, sage_url):
    shared, _ = machines
    marks = [uuid4().hex for _ in range(10)]
    for mark in marks:
        path = shared.home / f"{mark}.jsonl"
        path.write_text(said(mark, 0, 1))
        event = {"client": "claude-code", "event": "stop", "session": mark, "answer": "Message 1."}
        spool.add_entry(str(shared.data_dir), event | {"transcript": str(path)})
    command = [sys.executable, "-c", WITHOUT_LOCKS, ROOT, shared.data_dir]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert spool.waiting(str(shared.data_dir)) == spool.aside(str(shared.data_dir)) == []
    assert shared.captured() == 2 * len(marks)
    for mark in marks:
        assert kept(sage_url, mark) == ["Message 0.", "Message 1."]


def test_two_processes_of_one_number_write_whole_files(machines):
    folder = machines[0].data_dir / "hooks/status"
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); os.getpid = lambda: 7\n"
        "from sage.clients.hooks.state_files import write_json\n"
        "for _ in range(300): write_json(sys.argv[2], ['x' * 5_000] * 20)"
    )
    command = [sys.executable, "-c", code, ROOT, folder / "one.json"]
    both = [subprocess.Popen(command) for _ in range(3)]
    assert [one.wait(60) for one in both] == [0, 0, 0]
    assert json.loads((folder / "one.json").read_text()) == ["x" * 5_000] * 20
    assert [*folder.glob("*.new")] == []
