"""The availability of the servers of a distributed database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection

_ASK_NODES = query("ask_citus_nodes")
_DISTRUSTING = query("list_distrusting_nodes")


async def answering_nodes(conn: Connection) -> dict[str, bool]:
    """Connect to each server with rows of spaces; return by host and port whether it answers.

    Raises StoreError if the coordinator does not answer, or nothing is distributed.
    """
    rows = await conn.fetch(_ASK_NODES)
    return {f"{row['host']}:{row['port']}": row["answers"] for row in rows}


async def distrusting_nodes(conn: Connection) -> list[str]:
    """Return, as host and port, the servers where a search reads all memories of its space.

    There the operators of searches are not marked LEAKPROOF. Raises StoreError.
    """
    return [f"{row['host']}:{row['port']}" for row in await conn.fetch(_DISTRUSTING)]
