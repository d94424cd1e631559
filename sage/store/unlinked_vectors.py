"""Find the vectors that no walk of an index reaches, so that searches compare them one by one.

An HNSW index is a graph in which each vector has a bounded number of links. A link to a vector may
be replaced by a shorter one, and about one vector in a thousand ends up with none: a walk never
finds it, however near it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.errors import StoreError
from sage.store.failures import took_too_long
from sage.store.named_sql import query
from sage.store.server_info import server_versions
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_BOUND_TRANSACTION = query("bound_transaction")
_LIST_INDEXED_SPACES = query("list_indexed_spaces")
_RECORD_UNLINKED = query("record_unlinked_vectors")
_TRY_LOCK_WALK = query("try_lock_walk")

_MAX_SHARE = 0.02
"""If more are missing the walk was cut short, by a lack of memory or an older pgvector."""

_WALK = {
    "enable_seqscan": "off",
    "enable_sort": "off",
    # With statistics from before an import, a nested loop would compare every pair of vectors.
    "enable_nestloop": "off",
    "hnsw.ef_search": "1000",
    # Until the walk ends, deleted rows cannot be vacuumed.
    "statement_timeout": "600s",
}

_ITERATIVE = {
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.max_scan_tuples": "2147483647",
    "hnsw.scan_mem_multiplier": "50",
}
"""Settings since pgvector 0.8, which rejects names that it does not know."""
_FIRST_ITERATIVE = (0, 8)

log = get_logger(__name__)


async def record_unlinked_vectors(
    database: Database, model_id: int, among: Collection[str] | None = None
) -> int:
    """Walk the indexes of a model; record and count the vectors that they do not reach.

    Walks those of the spaces `among`, or of all. Reads every vector of these spaces: about a second
    for 10,000. An index whose walk takes over ten minutes, or that another process walks, is
    skipped. Raises StoreError.
    """
    count = 0
    async with database.maintenance_connection() as conn:
        for space in await conn.fetch(_LIST_INDEXED_SPACES, model_id):
            if among is None or space["space_id"] in among:
                try:
                    count += await _record(conn, model_id, space)
                except StoreError as error:
                    if not took_too_long(error):
                        raise
                    log.warning("unlinked_vectors_not_recorded", reason=error.message)
    return count


async def _record(conn: Connection, model_id: int, space: Mapping[str, Any]) -> int:
    async with conn.transaction():
        pgvector = (await server_versions(conn)).pgvector or ""
        found = tuple(int(part) for part in pgvector.split(".")[:2] if part.isdigit())
        settings = _WALK | _ITERATIVE if found >= _FIRST_ITERATIVE else _WALK
        await conn.execute(_BOUND_TRANSACTION, list(settings), list(settings.values()))
        if (await conn.execute(_TRY_LOCK_WALK, space["space_id"])).endswith(" 0"):
            return 0
        counted = await conn.fetchval(
            _RECORD_UNLINKED, space["space_id"], model_id, space["dimensions"], _MAX_SHARE
        )
        return int(counted)
