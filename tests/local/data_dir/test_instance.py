"""One Sage a data directory, however the last one ended."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys

import pytest

from sage.errors import StartupError
from sage.local.data_dir.instance import Instance, RunningInstance
from sage.local.data_dir.locks import FileLock

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
            pass_fds=(lock.fd,),
        )
        started.append(child)
        instance.record(lock, RunningInstance(child.pid, "127.0.0.1", 17800))
        lock.close()
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
    assert instance.running() == RunningInstance(child.pid, "127.0.0.1", 17800)
    assert instance.claim() is None


def test_a_killed_sage_no_longer_runs_and_leaves_the_lock(instance, hold):
    child = hold()
    child.kill()
    child.wait()
    assert instance.running() is None
    lock = instance.claim()
    assert lock is not None
    lock.close()


def test_a_process_id_that_went_to_another_program_is_not_taken_for_sage(instance):
    instance.claim().close()
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
    instance.claim().close()
    assert instance.data_dir.stat().st_mode & 0o777 == 0o700


def test_a_number_of_another_program_is_not_ended(instance, hold):
    hold()
    with pytest.raises(StartupError, match="is not visible from here"):
        instance.end(RunningInstance(os.getpid(), "127.0.0.1", 17800), wait_s=1)


def test_what_a_sage_uses_is_told(instance, hold):
    child = hold()
    running = RunningInstance(
        child.pid, "127.0.0.1", 17800, "database x on db:5432", "/var/log/sage.log"
    )
    with FileLock(instance.data_dir / "other") as lock:
        instance.record(lock, running)
    assert instance.running() == running


def begin(instance):
    with instance.claim() as lock:
        os.close(instance.log.open())
        instance.record(lock, RunningInstance(1, "127.0.0.1", 17800))


@pytest.mark.skipif(os.geteuid() != 0, reason="root is missing, to be lured")
@pytest.mark.parametrize("name", ["sage.pid", "sage.address", "sage.log"])
def test_root_follows_no_link_in_the_folder_of_a_user(instance, tmp_path, name):
    nobody = pwd.getpwnam("nobody")
    secret = tmp_path / "secret"
    secret.write_text("root:SECRET\n")
    secret.chmod(0o600)
    instance.data_dir.mkdir(mode=0o700)
    os.chown(instance.data_dir, nobody.pw_uid, nobody.pw_gid)
    (instance.data_dir / name).symlink_to(secret)
    with pytest.raises(StartupError, match=f"{name} is a symbolic link"):
        begin(instance)
    assert secret.read_text() == "root:SECRET\n"
    assert secret.stat().st_uid == 0
