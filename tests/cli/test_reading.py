"""Verbs that read leave a database as it is: they neither create nor change a schema."""

import asyncio
import json

import asyncpg
import pytest

from tests.store.test_own_schema import contents
from tests.support.earlier_schema import create_earlier_schema

READS = {
    "search": ("search", "tea"),
    "context": ("context", "tea"),
    "stats": ("stats",),
    "export": ("export",),
    "forget": ("forget", "--session", "tea", "--yes"),
    "undo": ("forget", "--session", "tea", "--undo"),
    "reembed": ("reembed", "--yes"),
}


@pytest.fixture
def on(sage, monkeypatch, empty_postgres_dsn):
    """Run the command line on a database that no migration has touched."""
    monkeypatch.setenv("DATABASE_URL", empty_postgres_dsn)
    return sage


def at(dsn, look):
    async def do():
        conn = await asyncpg.connect(dsn)
        try:
            return await look(conn)
        finally:
            await conn.close()

    return asyncio.run(do())


async def schemas(conn):
    """Read every table of every schema but the system's."""
    names = await conn.fetch(
        "SELECT nspname FROM pg_namespace"
        " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    )
    return {name: await contents(conn, name) for (name,) in names}


@pytest.mark.parametrize("argv", READS.values(), ids=READS)
def test_a_read_says_once_that_nothing_was_kept_and_creates_nothing(on, empty_postgres_dsn, argv):
    outcome = on(*argv)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("there are no tables of Sage in this database yet\n") == 1
    assert outcome.err.count("fix:") == 1
    assert "sage migrate up" in outcome.err
    assert at(empty_postgres_dsn, schemas) == {"public": {}}


@pytest.mark.parametrize("argv", READS.values(), ids=READS)
def test_a_read_leaves_an_older_schema_as_it_is(on, empty_postgres_dsn, argv):
    create_earlier_schema(empty_postgres_dsn, 30)
    before = at(empty_postgres_dsn, schemas)
    outcome = on(*argv)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("the database's schema is older than this release\n") == 1
    assert at(empty_postgres_dsn, schemas) == before


def test_doctor_names_an_older_schema_and_leaves_it(on, empty_postgres_dsn):
    create_earlier_schema(empty_postgres_dsn, 30)
    before = at(empty_postgres_dsn, schemas)
    checks = json.loads(on("doctor", "--json").out)["checks"]
    (schema,) = [check for check in checks if check["name"] == "schema"]
    assert schema["status"] != "ok"
    assert at(empty_postgres_dsn, schemas) == before


def test_a_save_leaves_an_older_schema_to_what_makes_a_backup_before(on, empty_postgres_dsn):
    create_earlier_schema(empty_postgres_dsn, 30)
    refused = on("save", "Where is the key?", "Under the pot.")
    assert refused.code == 1
    assert "sage migrate up" in refused.err
    assert on("migrate", "up").code == 0
    assert on("save", "Where is the key?", "Under the pot.").code == 0
    assert "Under the pot" in on("search", "pot").out
    assert at(empty_postgres_dsn, schemas)["public"] == {}


@pytest.mark.parametrize("argv", [*READS.values(), ("migrate", "status")])
def test_a_read_makes_no_database_in_an_empty_folder(sage, tmp_path, argv):
    folder = tmp_path / "nothing here"
    outcome = sage("--data-dir", folder, *argv)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count(f"there is no Sage database in {folder} yet\n") == 1
    assert not folder.exists()


def test_a_read_activates_no_model(on, postgres_dsn, monkeypatch):
    """Another configuration, tried before anything is embedded, does not stay."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    assert on("search", "tea").code == 0
    assert at(postgres_dsn, contents_of_models) == []


async def contents_of_models(conn):
    return (await contents(conn, "sage"))["embedding_models"]
