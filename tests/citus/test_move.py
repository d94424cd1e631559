"""`sage move` to a distributed database and back, while clients save and forget."""

from __future__ import annotations

import asyncio
import json
import secrets
from urllib.parse import urlsplit

import asyncpg
import pytest

from sage.cli.main import main
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.databases import Server, migrate_database
from tests.support.forked import Forked
from tests.support.postgres import private_server
from tests.support.process import environment
from tests.support.serving import serving, settings_for
from tests.support.writers import Writers

COMPARED = f"SELECT * FROM ({EVERYTHING}) AS everything ORDER BY memory_id::text"
RUNS = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND query LIKE '%{statement}%' AND state <> 'idle'
    )
"""
BEGUN = "SELECT to_regclass('sage.moving') IS NOT NULL"
STATE = "SELECT state = '{state}' FROM sage.moving"
DISTRIBUTING = ("target", [RUNS.format(statement="create_distributed_table")])
STEPS = (
    ("target", [RUNS.format(statement="schema_migrations")]),
    DISTRIBUTING,
    ("source", [BEGUN, STATE.format(state="copying")]),
    ("source", [BEGUN, STATE.format(state="switching")]),
)
"""When a move is killed: one end of it answers all of these with true."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
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


def test_tables_that_are_not_distributed_yet_are_by_a_move(plain, empty, on):
    asyncio.run(migrate_database(plain))
    fill_spaces(plain)
    assert on(empty, "migrate", "up")[0] == 0
    code, _, err = on(plain, "move", "--to", empty, "--yes")
    assert code == 0, err
    assert ask(empty, COMPARED) == ask(plain, COMPARED)


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


async def _reaches(dsn, questions, process):
    """Wait until a move is so far; return false if it has ended before."""
    conn = await asyncpg.connect(dsn)
    try:
        while process.poll() is None:
            for question in questions:
                if not await conn.fetchval(question):
                    break
            else:
                return True
            await asyncio.sleep(0.005)
        return False
    finally:
        await conn.close()


def test_nothing_acknowledged_is_lost_by_moves_to_citus_and_back_that_are_killed(
    plain, empty, tmp_path, capfd, measured
):
    asyncio.run(migrate_database(plain))
    fill_spaces(plain)
    kept, gone = set(), set()
    back = [one for one in STEPS if one is not DISTRIBUTING]
    for source, target, steps, more in (
        (plain, empty, STEPS, ()),
        (empty, plain, back, ("--replace",)),
    ):
        ends, killed = {"source": source, "target": target}, []
        command = ["move", "--from", source, "--to", target, "--yes", "--json", *more]
        command += ["--data-dir", str(tmp_path / "data")]
        with serving(settings_for(source, tmp_path / "serving")) as url:
            writers = Writers(url)
            with writers.running(2), (tmp_path / "told").open("wb+") as told:
                for end, questions in steps:
                    streams, env = (told, told, told), environment(tmp_path / "data", 1)
                    process = Forked(command, cwd=tmp_path, env=env, streams=streams)
                    killed.append(asyncio.run(_reaches(ends[end], questions, process)))
                    process.kill()
                    process.wait()
                capfd.readouterr()
                code = main(command)
                _, err = capfd.readouterr()
        assert code == 0 or "already moved" in err, err
        measured(f"killed at {sum(killed)} of {len(steps)} steps")
        assert all(killed[:-1])
        assert ask(target, COMPARED) == ask(source, COMPARED)
        assert ask(target, "SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == [(0,)]
        kept |= writers.saved
        gone |= writers.forgotten
    there = {str(row[1]): row[9] for row in ask(plain, COMPARED)}
    assert kept <= there.keys()
    assert all(there[one] is not None for one in gone)
