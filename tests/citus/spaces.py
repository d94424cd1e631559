"""Spaces of a distributed database, which are known by the node that they lie on."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.databases import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sage.store.connections.connection import Connection
    from tests.support.citus import Citus

_PORTS = """
SELECT spaces.name || ' ' || nodeport FROM sage.spaces
JOIN citus_shards ON table_name = 'sage.memories'::regclass
    AND shardid = get_shard_id_for_distribution_column('sage.memories', spaces.id)
"""


class Spaces:
    """Makes and finds spaces in one database of a cluster."""

    def __init__(self, citus: Citus, database: str) -> None:
        self.citus, self._database = citus, database

    @property
    def dsn(self) -> str:
        """The DSN of the database by its coordinator."""
        return self.citus.dsn(self._database)

    def create(self, count: int, prefix: str) -> list[str]:
        """Create so many spaces, named after a prefix; give their names."""
        names = [f"{prefix}-{number}" for number in range(count)]

        async def made(conn: Connection) -> None:
            for name in names:
                await create_space(conn, name)

        self._with_connection(made)
        return names

    def token(self, names: Iterable[str]) -> str:
        """Create a token that opens spaces."""
        roles = dict.fromkeys(names, SpaceRole.OWNER)
        made: list[str] = []

        async def make(conn: Connection) -> None:
            made.append(await create_token(conn, roles, name=secrets.token_hex(8)))

        self._with_connection(make)
        return made[0]

    def id_of(self, name: str) -> str:
        """Return the id of a space, by which it is distributed."""
        return self.ask(f"SELECT id FROM sage.spaces WHERE name = '{name}'")

    def ports(self) -> dict[str, int]:
        """Return the port of the node that each space lies on."""
        lines = self.ask(_PORTS).splitlines()
        return {name: int(port) for name, port in (line.rsplit(" ", 1) for line in lines)}

    def ask(self, sql: str) -> str:
        """Send a statement to the coordinator."""
        return self.citus.coordinator.ask(sql, self._database)

    def run(self, *statements: str) -> None:
        """Send statements that may take long to the coordinator."""
        asyncio.run(run(self.dsn, *statements))

    def missing(self, memory_ids: Sequence[str]) -> list[str]:
        """Return which of these memories are not there."""
        kept = set(self.ask("SELECT memory_id FROM sage.memories").split())
        return [one for one in memory_ids if one not in kept]

    def _with_connection(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        async def opened() -> None:
            database = await open_database(self.dsn, max_size=2)
            try:
                async with database.across_spaces() as conn:
                    await work(conn)
            finally:
                await database.close()

        asyncio.run(opened())
