"""Apply the changes of the source to the target, by the journal that the source's triggers write.

An entry names a row by its key. The row's current state replaces the one at the target, or the row
is deleted there too: applying an entry repeatedly makes no difference, so it is removed afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.operations.move.tables import as_of_now, carry, unhurried
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sage.operations.move.tables import MovedTable, Sides

_READ_JOURNAL = query("read_moving_journal")
_DELETE_ENTRIES = query("delete_moving_entries")
_READ_JOURNAL_OF_SPACES = query("read_moving_journal_of_spaces")
_DELETE_ENTRIES_OF_SPACES = query("delete_moving_entries_of_spaces")
_KEYS_AT_ONCE = 2_000


@dataclass(slots=True)
class Changes:
    """Applied entries of the journal, and the keys they name, by table.

    `entries` are by the statement that removes them.
    """

    entries: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[str, list[list[str]]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of applied entries."""
        return sum(map(len, self.entries.values()))

    def batches(self, sides: Sides) -> Iterator[tuple[MovedTable, str]]:
        """Yield the keys of each table as JSON, in batches."""
        for name, keys in self.keys.items():
            for begin in range(0, len(keys), _KEYS_AT_ONCE):
                yield sides.table(name), json.dumps(keys[begin : begin + _KEYS_AT_ONCE])


async def follow(sides: Sides, then: Callable[[], Awaitable[None]] | None = None) -> Changes:
    """Apply the changes recorded at the source to the target; return them.

    `then` is awaited in the same snapshot of the source, in which both are equal. Raises
    StoreError.
    """
    changes = Changes()
    journals = [(_READ_JOURNAL, _DELETE_ENTRIES)]
    if sides.source.is_distributed:
        journals.append((_READ_JOURNAL_OF_SPACES, _DELETE_ENTRIES_OF_SPACES))
    async with as_of_now(sides.source):
        for read, remove in journals:
            for row in await sides.source.fetch(read):
                changes.entries.setdefault(remove, []).extend(row["entries"])
                changes.keys[row["table_name"]] = json.loads(row["keys"])
        async with unhurried(sides.target):
            # All that is old goes before anything new comes: names may have changed hands.
            for table, keys in changes.batches(sides):
                await sides.target.execute(table.delete_keys, keys)
            for table, keys in changes.batches(sides):
                await carry(sides, table, table.rows_of_keys, keys)
        if then is not None:
            await then()
    if changes.entries:
        async with unhurried(sides.source):
            for remove, entries in changes.entries.items():
                await sides.source.execute(remove, entries)
    return changes
