"""`sage restore` of a file that somebody else made: it gives rows, and runs nothing."""

import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest

from sage.store.connections.connection import Connection
from sage.store.migrate import known_migrations, newest_version
from tests.support.backups import EVERYTHING, ask, pg_dump, rewrite

OLD_BACKUP = Path(__file__).parents[1] / "operations/backup/schema-22.backup"
"""Made by commit 224c176: 24 memories, a user, a token, and a space that is not masked."""

AS_SAGE_DUMPS = ("--format=custom", "--compress=none", "--no-owner", "--no-privileges")
FOREIGN = (
    "function run",
    "function evil",
    "type mood",
    "table zz",
    "view seen",
    "trigger audit_is_read of audit",
    "rule hidden of sessions",
    "generated column evil of memories",
    "column more of sessions",
    "default of last_error of embedding_queue",
)
NOWHERE = [(None,)]


@pytest.fixture
def trace():
    """Name a file that a program of the attack would leave, whoever runs it."""
    folder = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    folder.chmod(0o777)
    yield folder / "trace"
    shutil.rmtree(folder)


def plant(dsn, trace):
    """Add code of every kind to Sage's schema, which runs a program when it is restored."""
    ask(
        dsn,
        "CREATE FUNCTION sage.run() RETURNS void LANGUAGE plpgsql AS $x$ BEGIN"
        f" EXECUTE $y$COPY (SELECT 1) TO PROGRAM 'cat > {trace}'$y$; END $x$",
    )
    ask(
        dsn,
        "CREATE FUNCTION sage.evil(i text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
        " $x$ BEGIN PERFORM sage.run(); RETURN i; END $x$",
    )
    ask(dsn, "CREATE TYPE sage.mood AS ENUM ('bad')")
    ask(dsn, "CREATE TABLE sage.zz (a text, b text GENERATED ALWAYS AS (sage.evil(a)) STORED)")
    ask(dsn, "CREATE VIEW sage.seen AS SELECT sage.evil(content) AS content FROM sage.memories")
    ask(dsn, "CREATE FUNCTION sage.evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")
    ask(
        dsn,
        "CREATE TRIGGER audit_is_read BEFORE INSERT ON sage.audit"
        " FOR EACH ROW EXECUTE FUNCTION sage.evil()",
    )
    ask(dsn, "CREATE RULE hidden AS ON DELETE TO sage.sessions DO INSTEAD NOTHING")
    ask(dsn, "ALTER TABLE sage.sessions ADD COLUMN more text")
    ask(dsn, "ALTER TABLE sage.embedding_queue ALTER last_error SET DEFAULT sage.evil('x')")
    ask(dsn, "INSERT INTO sage.zz (a) VALUES ('x')")
    ask(
        dsn,
        "ALTER TABLE sage.memories"
        " ADD COLUMN evil text GENERATED ALWAYS AS (sage.evil(content)) STORED",
    )
    assert trace.exists(), "the attack does not work"
    trace.unlink()


def test_what_sage_never_created_is_refused_by_name_and_runs_nothing(
    on, made, filled, empty_postgres_dsn, trace
):
    plant(filled, trace)
    rewrite(made, {}, pg_dump(filled, *AS_SAGE_DUMPS))
    for options in ((), ("--check",)):
        outcome = on(empty_postgres_dsn, "restore", made, *options)
        assert outcome.code == 1
        assert [name for name in FOREIGN if name not in outcome.err] == []
        assert "do not trust the file" in outcome.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == NOWHERE
    own = made.with_name("own.backup")
    outcome = on(filled, "backup", own)
    assert outcome.code == 1
    assert "the schema sage contains objects that Sage did not create: " in outcome.err
    assert not own.exists()
    assert not trace.exists()


def test_statements_in_place_of_rows_are_refused_and_not_run(on, made, empty_postgres_dsn, trace):
    with zipfile.ZipFile(made) as parts:
        dump = parts.read("database.dump")
    begin = dump.index(b"COPY sage.memories (")
    end = dump.index(b";\n", begin) + 2
    ran = []
    for statement in (
        f"COPY (SELECT 1) TO PROGRAM 'cat > {trace}';",
        f"COPY sage.sessions (session_id) FROM PROGRAM 'echo x | tee {trace}';",
        f"\\! touch {trace}",
        "COPY sage.memories (content) FROM stdin; DROP TABLE x;",
        "COPY sage.memories (content, nothing) FROM stdin;",
        "COPY sage.nothing (content) FROM stdin;",
        "COPY pg_catalog.pg_authid (rolname) FROM stdin;",
        "SELECT pg_catalog.setval('sage.nothing', 1, true);",
        "SELECT pg_catalog.setval(sage.evil(), 1, true);",
    ):
        changed = dump[:begin] + statement.encode().ljust(end - begin - 1) + b"\n" + dump[end:]
        rewrite(made, {}, changed)
        outcome = on(empty_postgres_dsn, "restore", made)
        if outcome.code != 1 or trace.exists():
            ran.append((statement, outcome))
    assert ran == []
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == NOWHERE


def test_what_is_restored_has_the_schema_of_the_migrations(
    on, filled, empty_postgres_dsn, tmp_path, monkeypatch
):
    for argv in (("space", "create", "anna"), ("token", "create", "--space", "anna")):
        outcome = on(filled, *argv)
        assert outcome.code == 0, outcome.err
    assert on(filled, "backup", tmp_path / "x.backup").code == 0
    rights, copy_text = [], Connection.copy_text

    async def watched(conn, *what):
        rights.append(await conn.fetchval("SELECT current_setting('is_superuser')"))
        await copy_text(conn, *what)

    monkeypatch.setattr(Connection, "copy_text", watched)
    checked = on(filled, "restore", tmp_path / "x.backup", "--check")
    assert "restoring it also gives access to 1 token\n" in checked.out
    assert "all tables and columns in it are Sage's own" in checked.out
    outcome = on(empty_postgres_dsn, "restore", tmp_path / "x.backup")
    assert outcome.code == 0, outcome.err
    assert "only if you trust its origin" in outcome.err
    assert "It also gives access to 1 token." in outcome.err
    assert "see `sage token list`" in outcome.out
    assert set(rights) == {"off"}
    schemas = [schema(dsn) for dsn in (filled, empty_postgres_dsn)]
    assert schemas[0] == schemas[1]


def schema(dsn):
    lines = pg_dump(dsn, "--schema-only").decode().splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_a_backup_of_an_earlier_commit_is_restored_and_brought_up_to_date(on, empty_postgres_dsn):
    outcome = on(empty_postgres_dsn, "restore", OLD_BACKUP, "--json")
    assert outcome.code == 0, outcome.err
    told = json.loads(outcome.out)
    assert (told["memories"], told["tokens"], told["schema_version"]) == (24, 1, 22)
    assert told["migrated"] == [one.version for one in known_migrations()]
    assert told["searches_compared"] == 0
    outcome = on(empty_postgres_dsn, "migrate", "status")
    assert f"applied {newest_version():04d}" in outcome.out
    assert len(ask(empty_postgres_dsn, EVERYTHING)) == 24
    assert ask(empty_postgres_dsn, "SELECT masking FROM sage.spaces WHERE name = 'raw'") == [
        ("off",)
    ]
