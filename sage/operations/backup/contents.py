"""Read a summary of the contents of a database, so that two databases can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.text.wording import counted
from sage.errors import BackupError
from sage.operations.backup.manifest import Contents, read_table
from sage.operations.backup.sampled_answers import NOT_SEARCHED, compare_answers, sample_answers
from sage.phrases import phrase
from sage.store.migrate import newest_version
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.operations.backup.manifest import Origin, TableDigest
    from sage.operations.backup.progress import ProgressStep
    from sage.store.connections.connection import Connection

_BACKUP_SETTINGS = query("backup_settings")
_TABLE_CHECKSUMS = query("table_checksums")


async def read_contents(conn: Connection, origin: Origin, step: ProgressStep) -> Contents:
    """Digest every table, and search for a sample of memories, in a transaction.

    In the schema of another release nothing is searched, since the searches are those of this
    release; there is then nothing to compare. Raises StoreError.
    """
    await conn.execute(_BACKUP_SETTINGS)
    tables: list[TableDigest] = []
    statements = await _texts(conn, _TABLE_CHECKSUMS)
    with step("reading tables", len(statements)) as progress:
        for statement in statements:
            tables += map(read_table, await _texts(conn, statement))
            progress.advance(1)
    current = origin.schema_version == newest_version()
    answers = await sample_answers(conn) if current else NOT_SEARCHED
    return Contents(tuple(tables), answers.search, answers.found)


async def _texts(conn: Connection, sql: str) -> Sequence[str]:
    """Run a query and return its only column."""
    return [next(iter(row.values())) for row in await conn.fetch(sql)]


def compare_contents(expected: Contents, found: Contents) -> int:
    """Check that two databases have equal contents; return the number of searches compared.

    Raises BackupError if they differ.
    """
    differing = sorted({table.name for table in {*expected.tables} ^ {*found.tables}})
    if differing:
        raise BackupError(
            phrase(
                "the restored tables differ from those that were backed up: {differing}",
                differing=list(differing),
            ),
            detail="the restored database was discarded",
            hint="restore another backup, and please report this",
        )
    compared = compare_answers(expected.sample, found.sample)
    if compared.differing:
        raise BackupError(
            "searches in the restored database do not find what they found before",
            detail=phrase(
                "{differing} of {searches} differ; the rows are equal; the restored "
                "database was discarded",
                differing=compared.differing,
                searches=counted(compared.searches, "search", "searches"),
            ),
            hint="use the version of PostgreSQL and pgvector that the backup was made with, and "
            "please report this",
        )
    return compared.searches
