"""Databases as an earlier release has left them."""

import asyncio

from sage.store.connections.pool import open_database
from sage.store.migrate import create_tables, known_migrations


def create_earlier_schema(dsn, version):
    """Give an empty database the tables and the record of a version of the schema."""

    async def work():
        database = await open_database(dsn)
        async with database.maintenance_connection() as conn, conn.transaction():
            await create_tables(conn, version)
            for one in known_migrations()[:version]:
                await conn.execute(
                    "INSERT INTO sage.schema_migrations (version, name, checksum)"
                    " VALUES ($1, $2, $3)",
                    one.version,
                    one.name,
                    one.checksum,
                )
        await database.close()

    asyncio.run(work())
