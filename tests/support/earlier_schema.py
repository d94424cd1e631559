"""Databases as commits before this one have left them, when the schema was 32 migrations."""

import asyncio
import hashlib
from pathlib import Path

from sage.store.connections.pool import open_database
from sage.store.named_sql import query

FOLDER = Path(__file__).parent / "earlier"
RECORD = query("create_schema_migrations")
ADD = "INSERT INTO sage.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)"


def earlier_migrations(version=32):
    """Return number, name, SQL and checksum of each migration up to a version."""
    found = []
    for path in sorted(FOLDER.glob("*.sql"))[:version]:
        number, name = path.stem.split("_", 1)
        content = path.read_bytes()
        found.append((int(number), name, content.decode(), hashlib.sha256(content).hexdigest()))
    return found


async def make_earlier_schema(conn, version):
    """Give a database without the schema the tables and the record of a version."""
    async with conn.transaction():
        await conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
        await conn.execute("CREATE SCHEMA sage")
        await conn.execute(RECORD)
        await conn.execute("SET LOCAL search_path = sage, public")
        for number, name, sql, checksum in earlier_migrations(version):
            await conn.execute(sql)
            await conn.execute(ADD, number, name, checksum)


def create_earlier_schema(dsn, version):
    """Give an empty database the tables and the record of a version of the schema."""

    async def work():
        database = await open_database(dsn)
        async with database.maintenance_connection() as conn:
            await make_earlier_schema(conn, version)
        await database.close()

    asyncio.run(work())
