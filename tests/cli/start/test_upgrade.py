"""The first start of a release on the database of another one."""

import re
from pathlib import Path

import pytest

from sage import __version__
from sage.domain.text.wording import counted
from sage.store.migrate import newest_version
from tests.architecture.sources import INSTALLED
from tests.support.backups import ask
from tests.support.earlier_schema import create_earlier_schema
from tests.support.forked import run_verb
from tests.support.old_postgres import served
from tests.support.ports import free_port

EARLIER, NEWEST = 22, newest_version()


@pytest.fixture
def launch(tmp_path):
    """Run a verb on a data directory of its own."""

    def run(*args):
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(INSTALLED)}
        return run_verb([*args, "--data-dir", str(tmp_path / "data")], cwd=tmp_path, env=environ)

    yield run
    run("down")


def test_an_upgrade_tells_its_releases_and_backup_and_one_that_cannot_be_ends_at_once(
    launch, tmp_path
):
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    with served(data_dir) as dsn:
        create_earlier_schema(dsn, EARLIER)
    started = launch("up", "--detach", "--port", str(free_port()))
    assert started.returncode == 0, started.stderr
    count = counted(NEWEST - 32, "migration", "migrations")
    assert (
        f"upgraded: an earlier release -> {__version__}, {count}"
        f" (schema {EARLIER} -> {NEWEST})\n" in started.stderr
    )
    (backup,) = re.findall(r"is backed up in (.+)\n", started.stderr)
    assert Path(backup).is_relative_to(data_dir / "backups")
    assert f'"schema_version": {EARLIER}' in launch("restore", backup, "--check", "--json").stdout
    assert launch("down").returncode == 0

    with served(data_dir) as dsn:
        ask(dsn, "INSERT INTO sage.schema_migrations VALUES (9999, 'future', 'x')")
    refused = launch("up", "--detach", "--port", str(free_port()))
    assert refused.returncode == 1
    assert "sage: Sage cannot start: schema too new\n" in refused.stderr
    assert "fix: run the release of Sage that created it" in refused.stderr
    assert "Sage was stopped" in refused.stderr
    assert "Sage is not running" in launch("status").stdout
