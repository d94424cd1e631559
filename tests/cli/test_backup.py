"""`sage backup`: the whole database in one file."""

import json
import os
import re
import stat

import pytest

from tests.support.backups import ask
from tests.support.serving import wait_until

NEWEST = "SELECT made_at FROM sage.last_backup"
FAILS = """#!/bin/sh
[ "$1" = --version ] && echo 'pg_dump (PostgreSQL) 18.9' && exit
echo 'the disk is on fire' >&2
exit 1
"""
UNIFORM_NAME = re.compile(r"sage-\d{8}T\d{6}Z\.backup")


@pytest.mark.usefixtures("filled")
def test_the_file_is_for_its_owner_alone_and_told_to_machines(here, tmp_path):
    outcome = here("backup", tmp_path / "x.backup", "--json")
    told = json.loads(outcome.out)
    file = tmp_path / "x.backup"
    assert (told["file"], told["size_bytes"]) == (str(file), file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert told["tables"]["embeddings"] == 350
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_an_existing_file_is_never_overwritten(here, made):
    before = made.read_bytes()
    outcome = here("backup", made)
    assert outcome.code == 1
    assert "already exists" in outcome.err
    assert made.read_bytes() == before


@pytest.mark.usefixtures("filled")
def test_without_a_file_it_goes_to_the_data_directory_named_by_the_time(here, tmp_path):
    assert here("backup").code == 0
    (file,) = (tmp_path / "data" / "backups").iterdir()
    assert UNIFORM_NAME.fullmatch(file.name)


@pytest.mark.usefixtures("filled")
def test_keep_deletes_older_backups_of_this_database_and_nothing_else(
    here, on, empty_postgres_dsn, tmp_path
):
    folder = tmp_path / "kept"
    folder.mkdir()
    assert on(empty_postgres_dsn, "migrate", "up").code == 0
    assert on(empty_postgres_dsn, "backup", folder / "sage-20200101T000000Z.backup").code == 0
    for year in (2021, 2022, 2023):
        assert here("backup", folder / f"sage-{year}0101T000000Z.backup").code == 0
    assert here("backup", folder / "mine.backup").code == 0
    (folder / "sage-20190101T000000Z.backup").write_text("not one of Sage's")
    outcome = here("backup", "--to", folder, "--keep", "2", "--json")
    assert outcome.code == 0, outcome.err
    assert [path[-29:] for path in json.loads(outcome.out)["deleted"]] == [
        "/sage-20220101T000000Z.backup",
        "/sage-20210101T000000Z.backup",
    ]
    assert {path.name for path in folder.iterdir()} - {
        path.rpartition("/")[2] for path in [json.loads(outcome.out)["file"]]
    } == {
        "sage-20190101T000000Z.backup",
        "sage-20200101T000000Z.backup",
        "sage-20230101T000000Z.backup",
        "mine.backup",
    }


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("backup", "x.backup", "--to", "y"), "not allowed with"),
        (("backup", "x.backup", "--keep", "3"), "--keep cannot be used with FILE"),
        (("backup", "--keep", "0"), "1 or more"),
        (("restore", "x.backup", "--check", "--replace"), "--check does not restore anything"),
    ],
)
def test_options_that_contradict_each_other_are_refused(here, argv, words):
    outcome = here(*argv)
    assert outcome.code == 2
    assert words in outcome.err


def test_a_database_without_tables_has_nothing_to_back_up(on, empty_postgres_dsn, tmp_path):
    outcome = on(empty_postgres_dsn, "backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert "not stored anything in this database" in outcome.err
    assert list(tmp_path.glob("*x.backup*")) == []


@pytest.mark.usefixtures("filled")
def test_a_folder_that_cannot_be_written_to_is_told(here, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = here("backup", "--to", tmp_path / "file" / "folder")
    assert outcome.code == 1
    assert "cannot be created: File exists" in outcome.err


@pytest.mark.usefixtures("filled")
def test_a_dump_that_fails_is_told_in_its_own_words_and_leaves_nothing(here, tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (programs / name).write_text(FAILS)
        (programs / name).chmod(0o755)
    monkeypatch.setattr("sage.operations.backup.tools._INSTALLED", ((tmp_path, "programs"),))
    monkeypatch.setattr("sage.operations.backup.tools._embedded_folder", lambda: ())
    outcome = here("backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert "pg_dump failed with exit code 1" in outcome.err
    assert "the disk is on fire" in outcome.err
    assert list(tmp_path.glob("*x.backup*")) == []


@pytest.mark.usefixtures("filled")
def test_a_directory_of_the_path_that_cannot_be_looked_into_is_passed_over(
    here, tmp_path, monkeypatch
):
    (tmp_path / "closed").mkdir(mode=0)
    closed = (tmp_path / "closed", tmp_path / ("x" * 300))  # the second one for root
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, (*closed, os.environ["PATH"]))))
    outcome = here("backup", tmp_path / "x.backup")
    assert outcome.code == 0, outcome.err


def test_the_database_of_a_newer_release_is_left_to_that_one(here, filled, tmp_path):
    ask(filled, "INSERT INTO sage.schema_migrations VALUES (9999, 'future', 'x')")
    outcome = here("backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert "schema too new" in outcome.err


def test_a_backup_is_recorded_for_health_and_metrics_wherever_it_went(here, filled, tmp_path):
    assert ask(filled, NEWEST) == []
    for name in ("x.backup", "y.backup"):
        made_at = json.loads(here("backup", tmp_path / name, "--json").out)["created_at"]
        assert [at.isoformat() for (at,) in ask(filled, NEWEST)] == [made_at]


def test_keeping_backups_by_a_schedule_needs_one(here):
    outcome = here("backup", "--scheduled")
    assert outcome.code == 1
    assert "no backups are scheduled" in outcome.err


@pytest.mark.timeout(300)
def test_a_process_of_its_own_backs_up_by_the_schedule_until_it_is_ended(
    launch, filled, tmp_path, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", filled)
    monkeypatch.setenv("SAGE_BACKUP_SCHEDULE", "12h")
    process = launch("backup", "--scheduled", "--data-dir", tmp_path / "data")
    wait_until(lambda: ask(filled, NEWEST), "a backup", 200)
    process.terminate()
    assert process.wait(60) == 143
    assert len(list((tmp_path / "data/backups").iterdir())) == 1
