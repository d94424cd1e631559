"""How far a replica has replayed what its primary wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connection import Connection

_PRIMARY_POSITION = query("primary_position")
_REPLICA_PROGRESS = query("replica_progress")


@dataclass(frozen=True, slots=True)
class ReplicaProgress:
    """What a server lacks of a position of the log; `replayed_s_ago` is its last commit's age."""

    is_replica: bool
    bytes_behind: int
    replayed_s_ago: float

    @property
    def has_it_all(self) -> bool:
        """Whether all that was committed before the position can be read here."""
        return self.is_replica and not self.bytes_behind


async def primary_position(conn: Connection) -> str:
    """Ask the primary how far it has written its log. Raises StoreError."""
    return cast("str", await conn.fetchval(_PRIMARY_POSITION))


async def replica_progress(conn: Connection, position: str) -> ReplicaProgress:
    """Ask a replica how far it is from a position of its primary. Raises StoreError."""
    row = await conn.fetchrow(_REPLICA_PROGRESS, position)
    if row is None:
        raise StoreError("the replica does not tell how far it is")
    return ReplicaProgress(**row)
