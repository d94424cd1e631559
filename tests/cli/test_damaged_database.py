"""A page of the database that the disk has damaged: whoever looks is told, and what to do."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from sage.cli.main import main
from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.binaries import find_binaries
from tests.support.backups import ask
from tests.support.damaged_pages import damaged_copy, flip_a_bit

DAMAGED = "a file of the database is damaged"


@pytest.fixture
def damaged(filled, postgres_server):
    """Copy the filled database, and damage a page of memories."""
    with damaged_copy(filled, postgres_server) as copy:
        yield copy


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Keep two memories in an embedded Postgres that is stopped; give its directory."""
    folder = tmp_path_factory.mktemp("saved") / "data"
    words = ("Where is the key?", "Under the third flower pot.")
    assert main(["--data-dir", str(folder), "save", *words]) == 0
    return folder


@pytest.fixture
def stopped(saved, tmp_path):
    """Copy that directory."""
    return shutil.copytree(saved, tmp_path / "a folder")


def file_of(folder, relation):
    """Name the file of a table or an index of a database that is stopped again."""
    postgres = EmbeddedPostgres(folder)
    try:
        ((file,),) = ask(postgres.start(), f"SELECT pg_relation_filepath('sage.{relation}')")
    finally:
        postgres.stop()
    return folder / "postgres" / file


def damage_of(outcome):
    """Give the check of that name in the answer of doctor."""
    checks = json.loads(outcome.out)["checks"]
    (found,) = [check for check in checks if check["name"] == "damage"]
    return found


def test_the_error_of_a_backup_and_doctor_name_the_damage_and_the_restore(on, damaged, tmp_path):
    outcome = on(damaged, "backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert DAMAGED in outcome.err
    assert "`sage restore FILE`" in outcome.err
    found = damage_of(on(damaged, "doctor", "--json"))
    assert found["status"] == "failed"
    assert "a page is damaged" in found["detail"]
    assert "sage restore" in found["hint"]


def test_one_bit_of_a_memory_that_has_changed_is_an_error_where_it_is_read(sage, stopped):
    flip_a_bit(file_of(stopped, "memories"))
    for command in (["search", "flower pot"], ["list"], ["backup", stopped / "x.backup"]):
        outcome = sage("--data-dir", stopped, *command)
        assert outcome.code == 1
        assert DAMAGED in outcome.err
        assert "Traceback" not in outcome.err
    found = damage_of(sage("--data-dir", stopped, "doctor", "--json"))
    assert found["status"] == "failed"
    assert re.match(r"\d+ reads failed because a page is damaged, the last 2", found["detail"])


def test_memories_whose_index_is_damaged_are_all_in_a_new_backup(sage, stopped, tmp_path):
    flip_a_bit(file_of(stopped, "memories_pkey"))
    file = tmp_path / "x.backup"
    assert DAMAGED in sage("--data-dir", stopped, "search", "flower pot").err
    assert "run `sage backup`" in damage_of(sage("--data-dir", stopped, "doctor", "--json"))["hint"]
    assert sage("--data-dir", stopped, "backup", file).code == 0
    assert sage("--data-dir", tmp_path / "new", "restore", file).code == 0
    assert "third flower pot" in sage("--data-dir", tmp_path / "new", "search", "flower pot").out


def test_doctor_prints_the_command_that_enables_checksums(sage, stopped):
    found = damage_of(sage("--data-dir", stopped, "doctor", "--json"))
    assert (found["status"], found["detail"]) == (
        "ok",
        "page checksums are on, and no damaged page was read",
    )
    program = find_binaries().program("pg_checksums")
    subprocess.run([program, "--disable", "-D", stopped / "postgres"], check=True)
    found = damage_of(sage("--data-dir", stopped, "doctor", "--json"))
    assert found["status"] == "ok"
    command = found["detail"].partition("then run ")[2]
    subprocess.run(shlex.split(command), check=True)
    found = damage_of(sage("--data-dir", stopped, "doctor", "--json"))
    assert found["detail"].startswith("page checksums are on")
