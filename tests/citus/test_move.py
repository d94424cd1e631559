"""`sage move` to a distributed database and back, while clients save and forget."""

from __future__ import annotations

import asyncio
import json
import secrets
from urllib.parse import urlsplit

import pytest

from sage.cli.main import main
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.databases import Server, migrate_database
from tests.support.postgres import private_server
from tests.support.serving import serving, settings_for
from tests.support.writers import Writers

COMPARED = f"SELECT * FROM ({EVERYTHING}) AS everything ORDER BY memory_id::text"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def plain():
    """Give the DSN of an empty database of PostgreSQL without Citus."""
    with private_server() as cluster:
        server, name = Server(cluster.dsn(), "FILE_COPY"), "plain"
        asyncio.run(server.create(name))
        yield urlsplit(cluster.dsn())._replace(path=f"/{name}").geturl()


@pytest.fixture
def on(capsys, monkeypatch, tmp_path):
    """Run the command line on the database of a DSN; give its exit code, output and errors."""

    def run(dsn, *argv):
        monkeypatch.setenv("DATABASE_URL", dsn)
        capsys.readouterr()
        code = main([*argv, "--data-dir", str(tmp_path / "data")])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def empty(citus, databases):
    """Give the DSN of a database with Citus that Sage has not been in."""
    name = f"sage_moved_{secrets.token_hex(4)}"
    asyncio.run(databases.create(name))
    yield citus.dsn(name)
    asyncio.run(databases.drop(name))


def test_a_database_is_distributed_by_a_move_and_goes_back_while_clients_write(
    plain, empty, on, tmp_path, measured
):
    asyncio.run(migrate_database(plain))
    fill_spaces(plain)
    _, plan, _ = on(plain, "move", "--to", empty, "--dry-run", "--json")
    assert json.loads(plan)["nodes"] == 2
    kept, gone = set(), set()
    for source, target, more in ((plain, empty, ()), (empty, plain, ("--replace",))):
        with serving(settings_for(source, tmp_path / "serving")) as url:
            writers = Writers(url)
            with writers.running(2):
                code, out, err = on(source, "move", "--to", target, "--yes", "--json", *more)
        assert code == 0, err
        told = json.loads(out)
        measured(f"{told['rows_compared']} rows; writes refused for {told['paused_s']} s")
        kept |= writers.saved
        gone |= writers.forgotten
        assert writers.saved
        assert writers.refused
        assert ask(target, COMPARED) == ask(source, COMPARED)
    there = {str(row[1]): row[9] for row in ask(plain, COMPARED)}
    assert kept <= there.keys()
    assert all(there[one] is not None for one in gone)
    assert "was moved to the database plain" in on(empty, "search", "tea")[2]
    assert on(empty, "move", "--cancel", "--yes")[0] == 0
    assert on(empty, "save", "Which tea?", "Oolong.")[0] == 0
