"""Whether secrets are masked in the memories of a space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Collection

    from sage.store.connections.connection import Connection

_FIND_MASKING = query("find_masking")


@dataclass(frozen=True, slots=True)
class Masked:
    """Whether the secrets of a save were masked, and whether they are by default."""

    was: bool = True
    by_default: bool = True


class OtherMaskingError(Exception):
    """The secrets of a save were masked but should not be in its space, or the reverse."""


async def masking_spaces(
    conn: Connection, space_ids: Collection[str], *, by_default: bool
) -> Collection[str]:
    """Return those of the spaces in which secrets are masked. Raises StoreError."""
    rows = await conn.fetch(_FIND_MASKING, [*space_ids])
    said = {row["id"]: row["masks"] for row in rows}
    return {one for one in space_ids if said.get(one, by_default)}
