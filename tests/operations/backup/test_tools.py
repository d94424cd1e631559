"""The programs of PostgreSQL that a backup needs: which are taken, and what they are told."""

import shutil

import psutil
import pytest

from sage.errors import BackupError, StartupError
from sage.local.postgres.binaries import find_binaries
from sage.operations.backup.child_process import running
from sage.operations.backup.tools import major_of, split_password, suitable_tools


@pytest.mark.parametrize(
    ("dsn", "address", "password"),
    [
        (
            "postgresql://sage:p%40ss@db.example.org:5433/sage?sslmode=require",
            "postgresql://sage@db.example.org:5433/sage?sslmode=require",
            "p@ss",
        ),
        (
            "postgresql://sage@/sage?host=%2Frun&password=x",
            "postgresql://sage@/sage?host=%2Frun",
            "x",
        ),
        ("postgres:///sage?host=/run", "postgres:///sage?host=%2Frun", None),
        ("postgresql://a,b:5433/sage", "postgresql://a,b:5433/sage", None),
    ],
)
def test_a_password_goes_by_the_environment_and_not_among_the_arguments(dsn, address, password):
    variables = {} if password is None else {"PGPASSWORD": password}
    assert split_password(dsn) == (address, variables)


@pytest.mark.parametrize(
    ("version", "major"), [("18.6", 18), ("19beta1", 19), ("9.6.24", 9), ("", 0)]
)
def test_the_major_version_is_the_number_in_front(version, major):
    assert major_of(version) == major


async def test_the_tools_closest_to_the_server_are_taken(database, tmp_path, monkeypatch):
    newer = tmp_path / "newer"
    newer.mkdir()
    for program in ("pg_dump", "pg_restore"):
        (newer / program).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1'\n")
        (newer / program).chmod(0o755)
    monkeypatch.setattr("sage.operations.backup.tools._INSTALLED", ((tmp_path, "newer"),))
    async with suitable_tools(database) as tools:
        assert tools.folder == find_binaries().program("pg_dump").parent


async def test_tools_older_than_the_server_are_none(database, tmp_path, monkeypatch):
    older = tmp_path / "older"
    older.mkdir()
    for program in ("pg_dump", "pg_restore"):
        (older / program).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.3'\n")
        (older / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(older))
    monkeypatch.setattr("sage.operations.backup.tools._INSTALLED", ())
    monkeypatch.setattr("sage.operations.backup.tools.find_binaries", missing)
    with pytest.raises(BackupError) as raised:
        async with suitable_tools(database):
            pass
    server = find_binaries().major
    assert raised.value.message.endswith(f"of PostgreSQL {server} or newer")
    assert f"12.3 in {older}" in raised.value.detail
    assert f"postgresql-client-{server}" in raised.value.hint


def missing():
    raise StartupError("no wheel")


async def test_a_program_that_fails_tells_why_in_its_own_words():
    shell = shutil.which("sh")
    async with running([shell, "-c", "echo sorry >&2; exit 3"], {}) as child:
        assert await child.read() == b""
        with pytest.raises(BackupError, match="sh failed with exit code 3") as raised:
            await child.finish()
    assert raised.value.detail == "sorry"


async def test_a_program_does_not_outlive_the_block_it_runs_in(tmp_path):
    pid_file = tmp_path / "pid"
    command = [shutil.which("sh"), "-c", f"echo $$ > {pid_file}; echo; exec sleep 600"]
    async with running(command, {}) as child:
        await child.read_line()
    assert not psutil.pid_exists(int(pid_file.read_text()))
