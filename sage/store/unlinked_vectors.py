"""Find the vectors that no walk of an index comes to, so that searches compare them one by one.

An HNSW index is a graph in which each vector has a bounded number of links. A link that leads to a
vector may give way to a shorter one, and about one vector in a thousand ends up with none: a walk
never finds it, however near it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.pool import Database

_BOUND_TRANSACTION = query("bound_transaction")
_LIST_INDEXED_SPACES = query("list_indexed_spaces")
_RECORD_UNLINKED = query("record_unlinked_vectors")

_MAX_SHARE = 0.02
"""Where more are missing the walk was cut short, for want of memory or by an older pgvector."""

_WALK = {
    "enable_seqscan": "off",
    "enable_sort": "off",
    "hnsw.ef_search": "1000",
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.max_scan_tuples": "2147483647",
    "hnsw.scan_mem_multiplier": "50",
}


async def record_unlinked_vectors(database: Database, model_id: int) -> int:
    """Walk the indexes of a model; record and count the vectors that they do not lead to.

    Reads every vector of the large spaces: about a second for 10,000. Raises StoreError.
    """
    count = 0
    async with database.maintenance_connection() as conn:
        for space in await conn.fetch(_LIST_INDEXED_SPACES, model_id):
            async with conn.transaction():
                await conn.execute(_BOUND_TRANSACTION, list(_WALK), list(_WALK.values()))
                count += await conn.fetchval(
                    _RECORD_UNLINKED,
                    space["space_id"],
                    model_id,
                    space["dimensions"],
                    _MAX_SHARE,
                )
    return count
