"""A page of the database that the disk has damaged: whoever looks is told, and what to do."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.backups import ask


@pytest.fixture
def damaged(filled, postgres_server):
    """Copy the filled database to files that nobody has read yet, and spoil a page of memories."""
    name = urlsplit(filled).path[1:]
    ask(postgres_server, f"CREATE DATABASE {name}_copy TEMPLATE {name} STRATEGY file_copy")
    copy = urlsplit(filled)._replace(path=f"/{name}_copy").geturl()
    ((folder, file),) = ask(
        copy,
        "SELECT current_setting('data_directory'), pg_relation_filepath('sage.memories')",
    )
    with Path(folder, file).open("r+b") as pages:
        pages.seek(8192 + 4000)
        pages.write(b"garbage" * 10)
    yield copy
    ask(postgres_server, f"DROP DATABASE {name}_copy WITH (FORCE)")


def test_the_error_of_a_backup_and_doctor_name_the_damage_and_the_restore(on, damaged, tmp_path):
    outcome = on(damaged, "backup", tmp_path / "x.backup")
    assert outcome.code == 1
    assert "a file of the database is damaged" in outcome.err
    assert "`sage restore FILE`" in outcome.err
    checks = json.loads(on(damaged, "doctor", "--json").out)["checks"]
    (found,) = [check for check in checks if check["name"] == "damage"]
    assert found["status"] == "failed"
    assert "damaged page" in found["detail"]
    assert "sage restore" in found["hint"]
