"""One Sage a data directory, however the last one ended."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sage.cli.launcher.instance import Instance, Running

WAITS = "import sys; print('up', flush=True); sys.stdin.read()"
IGNORES_SIGTERM = f"import signal; signal.signal(15, signal.SIG_IGN); {WAITS}"


@pytest.fixture
def instance(tmp_path):
    return Instance(tmp_path / "data")


@pytest.fixture
def hold(instance):
    """Start a process that holds the lock as Sage does; it is killed after the test."""
    started = []

    def start(program=WAITS):
        lock = instance.claim()
        child = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(lock,),
        )
        started.append(child)
        instance.record(lock, Running(child.pid, "127.0.0.1", 17800))
        os.close(lock)
        child.stdout.readline()
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


def test_nothing_runs_where_there_is_no_folder(instance):
    assert instance.running() is None


def test_a_holder_of_the_lock_runs_and_keeps_others_out(instance, hold):
    child = hold()
    assert instance.running() == Running(child.pid, "127.0.0.1", 17800)
    assert instance.claim() is None


def test_a_killed_sage_no_longer_runs_and_leaves_the_lock(instance, hold):
    child = hold()
    child.kill()
    child.wait()
    assert instance.running() is None
    lock = instance.claim()
    assert lock is not None
    os.close(lock)


def test_a_process_id_that_went_to_another_program_is_not_taken_for_sage(instance):
    os.close(instance.claim())
    (instance.data_dir / "sage.pid").write_text(f"{os.getpid()}\n")
    assert instance.running() is None


def test_ending_waits_until_sage_is_gone(instance, hold):
    child = hold()
    assert instance.end(instance.running(), wait_s=10)
    assert instance.running() is None
    assert child.wait() == -15


def test_ending_gives_up_on_a_sage_that_does_not_listen(instance, hold):
    hold(IGNORES_SIGTERM)
    assert not instance.end(instance.running(), wait_s=0.2)


def test_the_data_directory_is_for_its_owner_only(instance):
    os.close(instance.claim())
    assert instance.data_dir.stat().st_mode & 0o777 == 0o700


def test_a_large_log_is_put_aside(instance, monkeypatch):
    monkeypatch.setattr("sage.cli.launcher.instance._KEPT_LOG_BYTES", 3)
    instance.data_dir.mkdir()
    instance.log_file.write_text("long")
    os.close(instance.open_log())
    assert instance.log_file.read_text() == ""
    assert (instance.data_dir / "sage.log.1").read_text() == "long"
