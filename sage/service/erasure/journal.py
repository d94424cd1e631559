"""The progress of an erasure, stored in the same transactions as the deletions.

So an erasure that was killed continues where it was, and its receipt counts everything once.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.access.audit.management import record_change
from sage.errors import ConflictError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection

_BEGIN_ERASURE = query("begin_erasure")
_END_ERASURE = query("end_erasure")
_LOCK_ERASURE = query("lock_erasure")
_READ_ERASURE = query("read_erasure")
_RECORD_ERASED = query("record_erased")

DIGEST_BYTES = hashlib.sha256().digest_size


def digest_of(memory_id: UUID) -> bytes:
    """Return the digest that is stored of the id of an erased memory."""
    return hashlib.sha256(str(memory_id).encode()).digest()


@dataclass(slots=True)
class ErasureStep:
    """The deletions of one transaction."""

    erased: Counter[str] = field(default_factory=Counter)
    digests: bytes = b""

    def add(self, erased: Counter[str], memory_ids: Iterable[UUID] = ()) -> None:
        """Add rows by table, and the memories among them."""
        self.erased += erased
        self.digests += b"".join(map(digest_of, memory_ids))


@dataclass(frozen=True, slots=True)
class Erased:
    """Everything that an erasure has deleted: rows by table, and digests of the ids of memories."""

    erasure_id: UUID
    begun_at: datetime
    rows: Counter[str]
    digests: tuple[bytes, ...]


def just_erased() -> ConflictError:
    """Return the error for an erasure that another process has finished in the meantime."""
    return ConflictError(
        "another process has just erased this", hint="its receipt is in `receipts`"
    )


class ErasureJournal:
    """The steps of the erasure of one target."""

    def __init__(self, conn: Connection, key: str) -> None:
        self._conn = conn
        self._key = key

    async def begin(self, names: Sequence[str]) -> None:
        """Start an erasure, or continue an earlier one. Raises StoreError."""
        async with self._conn.transaction():
            if erasure_id := await self._conn.fetchval(_BEGIN_ERASURE, self._key):
                await record_change(self._conn, "begin_erasure", erasure_id, *names)

    @asynccontextmanager
    async def step(self) -> AsyncIterator[ErasureStep]:
        """Commit the deletions of the block and their record, or neither.

        Raises ConflictError if another process has finished the erasure, StoreError.
        """
        async with self._conn.transaction():
            if (await self._conn.execute(_LOCK_ERASURE, self._key)).endswith(" 0"):
                raise just_erased()
            step = ErasureStep()
            yield step
            if step.erased:
                await self._conn.execute(
                    _RECORD_ERASED, self._key, json.dumps(step.erased), step.digests
                )

    async def read(self) -> Erased:
        """Return the deletions of all steps. Raises StoreError."""
        rows = await self._conn.fetch(_READ_ERASURE, self._key)
        erased = sum((Counter(json.loads(row["erased"])) for row in rows), Counter[str]())
        digests = b"".join(row["digests"] for row in rows)
        return Erased(
            rows[0]["erasure_id"],
            rows[0]["taken_at"],
            erased,
            tuple(
                digests[start : start + DIGEST_BYTES]
                for start in range(0, len(digests), DIGEST_BYTES)
            ),
        )

    async def end(self) -> None:
        """Delete the steps. Raises StoreError."""
        await self._conn.execute(_END_ERASURE, self._key)
