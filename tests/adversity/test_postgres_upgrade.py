"""The embedded database moves from a real PostgreSQL 16 to the one that comes with Sage."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sage.cli.main import main
from sage.errors import BackupError
from sage.local.postgres.binaries import find_binaries
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.embedded_lab import is_running
from tests.support.old_postgres import OLD, bring_up_to_date, initdb, served
from tests.support.process import environment

KILLS = 5
WRITES_ON = """
import os, sys
from itertools import count
folder = os.open(sys.argv[1], os.O_RDONLY)
for number in count():
    try:
        os.mkdir(str(number), dir_fd=folder)
        os.close(os.open(f"{number}/file", os.O_CREAT, dir_fd=folder))
    except FileNotFoundError:
        if not os.fstat(folder).st_nlink:
            break
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a data directory as a release with PostgreSQL 16 would have; give its contents, too."""
    folder = tmp_path_factory.mktemp("made") / "data"
    folder.mkdir(mode=0o700)
    initdb(folder / "postgres")
    with served(folder, OLD) as dsn:
        asyncio.run(bring_up_to_date(dsn))
        fill_spaces(dsn)
        assert ask(dsn, "SHOW server_version")[0][0].startswith("16.")
        assert ask(dsn, "SHOW data_checksums") == [("off",)]
        contents = ask(dsn, EVERYTHING)
    return folder, contents


@pytest.fixture
def old(made, data_dir):
    """Give such a data directory of this test's own."""
    shutil.copytree(made[0], data_dir)
    return data_dir


def verb(folder, *more):
    command = ("migrate", "postgres", "--programs", str(OLD), "--data-dir", str(folder))
    return [*command, *more]


def version(folder):
    return (folder / "postgres/PG_VERSION").read_text().strip()


def contents(folder, programs=None):
    with served(folder, programs) as dsn:
        return ask(dsn, EVERYTHING)


def test_the_whole_database_moves_and_the_old_one_and_a_backup_stay(made, old, capfd):
    assert main(["search", "tea", "--data-dir", str(old)]) == 1
    refused = capfd.readouterr().err
    assert "migrate postgres --programs DIR` with the programs of PostgreSQL 16" in refused
    assert main(verb(old, "--json")) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["before"], told["after"]) == ("16", find_binaries().major)
    assert told["searches_compared"] == 20
    assert version(old) == told["after"]
    with served(old) as dsn:
        assert ask(dsn, EVERYTHING) == made[1]
        assert ask(dsn, "SHOW data_checksums") == [("on",)]
    assert sorted(path.name for path in old.glob("postgres*/")) == ["postgres", "postgres-16"]
    assert main(["restore", told["backup"], "--check"]) == 0
    (old / "postgres").rename(old / "postgres-new")
    (old / "postgres-16").rename(old / "postgres")
    assert contents(old, OLD) == made[1]


def test_a_failure_leaves_the_old_database_as_it_was(made, old, capfd, monkeypatch):
    def differ(*_):
        raise BackupError("the restored tables differ")

    monkeypatch.setattr("sage.operations.backup.restoring.compare_contents", differ)
    assert main(verb(old)) == 1
    assert "the restored tables differ" in capfd.readouterr().err
    assert [path.name for path in old.glob("postgres*/")] == ["postgres"]
    assert version(old) == "16"
    assert contents(old, OLD) == made[1]


@pytest.mark.timeout(400)
def test_an_upgrade_that_is_killed_at_any_moment_is_done_again(made, old, capfd):
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "sage", *verb(old)],
            env=environment(old, 1),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(random.uniform(0.5, 3.0))
        process.kill()
        process.wait()
        if process.returncode == 0:
            break
    if not (old / "postgres").exists() or version(old) == "16":
        assert main(verb(old)) == 0, capfd.readouterr().err
    assert contents(old) == made[1]
    assert not is_running(old)


def test_what_a_killed_upgrade_left_running_is_in_nobodys_way(made, old, capfd):
    """Its `initdb` goes on for a moment, and makes files where they are being removed."""
    left = old / "postgres.upgrade/postgres.new-0/base"
    left.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", WRITES_ON, str(left)]) as writer:
        try:
            assert main(verb(old)) == 0, capfd.readouterr().err
        finally:
            writer.kill()
    assert contents(old) == made[1]
    assert sorted(path.name for path in old.glob("postgres*/")) == ["postgres", "postgres-16"]


def test_between_the_two_steps_of_the_exchange_nothing_new_is_made(made, old, capfd):
    assert main(verb(old)) == 0
    (old / "postgres.upgrade").mkdir(mode=0o700)
    (old / "postgres").rename(old / "postgres.upgrade/postgres")
    assert main(["migrate", "up", "--data-dir", str(old)]) == 1
    assert "an upgrade of the database" in capfd.readouterr().err
    assert not (old / "postgres").exists()
    assert main(verb(old)) == 0
    assert contents(old) == made[1]
    assert not (old / "postgres.upgrade").exists()


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        (find_binaries().root, "and the database was created by 16"),
        (Path("/nonexistent"), "no PostgreSQL found in /nonexistent"),
    ],
    ids=["of another version", "of none"],
)
def test_other_programs_are_refused(old, capfd, programs, words):
    command = ["migrate", "postgres", "--programs", str(programs), "--data-dir", str(old)]
    assert main(command) == 1
    assert words in capfd.readouterr().err
    assert version(old) == "16"


def test_a_database_of_this_version_has_nothing_to_upgrade(embedded, data_dir, capfd):
    assert embedded.has_data
    assert main(verb(data_dir)) == 1
    assert "already" in capfd.readouterr().err
