"""The embedded Postgres survives the death of its owners, and its owners survive its death."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import psutil
import pytest

from sage.errors import StartupError
from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.binaries import clean_environment, find_binaries
from tests.support.embedded_lab import is_over, is_running, kill_server, pid_of
from tests.support.polling import wait_for
from tests.support.postgres import ask


def test_owner_killed_leaves_a_server_that_the_next_one_attaches_to(embedded, data_dir, new_owner):
    owner = new_owner(data_dir)
    ask(owner.do("start"), "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = pid_of(data_dir)
    owner.kill()
    assert ask(embedded.start(), "SELECT answer FROM kept") == "42"
    assert pid_of(data_dir) == pid
    embedded.stop()
    assert not is_running(data_dir)


def test_owner_killed_while_the_server_starts_does_not_harm_the_next_start(
    embedded, data_dir, new_owner
):
    embedded.start()
    embedded.stop()
    owner = new_owner(data_dir)
    owner.send("start")
    wait_for((data_dir / "postgres" / "postmaster.pid").exists)
    owner.kill()
    assert ask(embedded.start(), "SELECT 1") == "1"


def test_server_runs_until_its_last_user_leaves(embedded, data_dir, new_owner):
    other = new_owner(data_dir)
    dsn = other.do("start")
    assert embedded.start() == dsn
    other.do("stop")
    assert ask(dsn, "SELECT 1") == "1"
    embedded.stop()
    assert not is_running(data_dir)


def test_user_that_was_killed_does_not_keep_the_server_running(embedded, data_dir, new_owner):
    other = new_owner(data_dir)
    other.do("start")
    embedded.start()
    other.kill()
    embedded.stop()
    assert not is_running(data_dir)


def test_first_starts_at_the_same_time_share_one_server(data_dir, new_owner):
    owners = [new_owner(data_dir) for _ in range(4)]
    for owner in owners:
        owner.send("start")
    [dsn] = {owner.answer() for owner in owners}
    assert ask(dsn, "SELECT 1") == "1"
    for owner in owners:
        owner.send("stop")
    assert {owner.answer() for owner in owners} == {"None"}
    assert not is_running(data_dir)


def test_starts_and_stops_at_random_never_leave_a_user_without_server(data_dir):
    def use() -> None:
        server = EmbeddedPostgres(data_dir)
        for _ in range(5):
            answers.append(ask(server.start(), "SELECT 1"))
            server.stop()

    answers: list[str] = []
    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert answers == ["1"] * 20
    assert not is_running(data_dir)


def test_two_data_dirs_have_two_servers(workspace):
    servers = [EmbeddedPostgres(workspace / name) for name in ("one", "two")]
    try:
        for name, dsn in {server: server.start() for server in servers}.items():
            ask(dsn, f"CREATE TABLE whose AS SELECT '{servers.index(name)}' AS name")
        assert [ask(server.start(), "SELECT name FROM whose") for server in servers] == ["0", "1"]
        servers[0].stop()
        assert ask(servers[1].start(), "SELECT 1") == "1"
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("with_children", [True, False], ids=["all processes", "postmaster"])
def test_killed_server_is_started_again_with_the_same_address(embedded, data_dir, with_children):
    dsn = embedded.start()
    ask(dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert embedded.ensure_running() is False
    kill_server(data_dir, with_children=with_children)
    assert embedded.ensure_running() is True
    assert ask(dsn, "SELECT answer FROM kept") == "42"
    assert embedded.ensure_running() is False


def test_child_that_outlives_a_killed_server_does_not_block_the_next(embedded, data_dir):
    dsn = embedded.start()
    with _session(dsn):
        [lingering] = [
            child
            for child in psutil.Process(pid_of(data_dir)).children()
            if "pg_sleep" in ask(dsn, f"SELECT query FROM pg_stat_activity WHERE pid={child.pid}")
        ]
        lingering.send_signal(signal.SIGSTOP)
        kill_server(data_dir, with_children=False)
        assert embedded.ensure_running() is True
        wait_for(lambda: is_over(lingering))
    assert ask(dsn, "SELECT 1") == "1"


def test_other_users_notice_that_the_server_was_started_again(embedded, data_dir, new_owner):
    other = new_owner(data_dir)
    other.do("start")
    dsn = embedded.start()
    kill_server(data_dir, with_children=True)
    assert other.do("ensure") == "True"
    assert embedded.ensure_running() is True
    other.kill()
    assert ask(dsn, "SELECT 1") == "1"


def test_ensure_running_after_stop_starts_nothing(embedded, data_dir):
    embedded.start()
    embedded.stop()
    assert embedded.ensure_running() is False
    assert not is_running(data_dir)


def test_frozen_server_is_left_to_thaw(embedded, data_dir):
    embedded.start()
    server = psutil.Process(pid_of(data_dir))
    server.suspend()
    assert embedded.ensure_running() is False
    server.resume()


@pytest.mark.usefixtures("embedded")
def test_a_server_is_not_taken_for_dead_while_file_descriptors_are_short(data_dir, new_owner):
    owner = new_owner(data_dir)
    dsn = owner.do("start")
    pid = pid_of(data_dir)
    assert owner.do("exhaust") == "Too many open files"
    assert owner.do("ensure") == "False"
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    assert owner.do("relieve") == "None"
    assert owner.do("ensure") == "False"
    assert pid_of(data_dir) == pid
    assert ask(dsn, "SELECT 1") == "1"
    assert owner.do("stop") == "None"


def test_server_whose_socket_folder_was_removed_is_started_again(embedded, data_dir):
    dsn = embedded.start()
    shutil.rmtree(data_dir / "run")
    assert embedded.ensure_running() is True
    assert ask(dsn, "SELECT 1") == "1"


@pytest.mark.parametrize("holder", ["nobody", "another program", "this process", "a zombie"])
def test_stale_pid_file_is_no_obstacle(embedded, data_dir, holder):
    embedded.start()
    pid_file = data_dir / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill_server(data_dir, with_children=True)
    embedded.stop()
    with _program(holder) as pid:
        pid_file.write_text("\n".join([str(pid), *lines[1:]]) + "\n")
        assert ask(embedded.start(), "SELECT 1") == "1"
        assert pid_of(data_dir) != pid


def test_stopping_does_not_touch_a_program_that_reused_the_number(embedded, data_dir):
    embedded.start()
    pid_file = data_dir / "postgres" / "postmaster.pid"
    with _program("another program") as pid:
        kill_server(data_dir, with_children=True)
        pid_file.write_text(f"{pid}\n{data_dir}/postgres\n")
        embedded.stop()
        assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_server_that_cannot_be_seen_is_not_raced(embedded, data_dir):
    embedded.start()
    embedded.stop()
    hold = "import fcntl, time; fcntl.flock(0, fcntl.LOCK_EX); print(flush=True); time.sleep(600)"
    with (
        (data_dir / "postgres.alive").open() as alive,
        subprocess.Popen(
            [sys.executable, "-c", hold], stdin=alive, stdout=subprocess.PIPE
        ) as holder,
    ):
        holder.stdout.readline()
        with pytest.raises(StartupError, match="another PostgreSQL uses"):
            embedded.start()
        holder.kill()
    assert ask(embedded.start(), "SELECT 1") == "1"


@contextmanager
def _session(dsn):
    psql = find_binaries().program("psql")
    with subprocess.Popen(
        [psql, dsn, "--no-psqlrc", "-qAtc", "SELECT 'up'", "-c", "SELECT pg_sleep(600)"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    ) as session:
        session.stdout.readline()
        wait_for(
            lambda: (
                ask(dsn, "SELECT count(*) FROM pg_stat_activity WHERE wait_event='PgSleep'") == "1"
            )
        )
        yield
        session.kill()


@contextmanager
def _program(kind):
    with subprocess.Popen(["sleep", "0" if kind in {"nobody", "a zombie"} else "600"]) as program:
        match kind:
            case "nobody":
                program.wait()
            case "a zombie":
                wait_for(lambda: psutil.Process(program.pid).status() == psutil.STATUS_ZOMBIE)
        yield psutil.Process().pid if kind == "this process" else program.pid
        program.kill()
