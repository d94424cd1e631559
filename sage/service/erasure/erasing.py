"""Erase a target: batch after batch, each completely or not at all, and then what is left of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

from sage.access.audit.management import record_change
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import StoreError
from sage.service.erasure.deleting import (
    delete_memories,
    delete_rows,
    dependent_tables,
    read_catalog,
)
from sage.service.erasure.journal import ErasureJournal
from sage.store.failures import is_retryable
from sage.store.foreign_keys import planned_once
from sage.store.named_sql import query
from sage.store.project_names import drop_unused_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from sage.service.erasure.deleting import ErasableTable
    from sage.service.erasure.journal import Erased
    from sage.service.erasure.target import ErasureExtent, ErasureTarget
    from sage.store.connections.connection import Connection

_CHOOSE_ERASABLE = query("choose_erasable")
_CLOSE_SPACE = query("close_space")
_ERASE_RECALLS = query("erase_recalls_of_author")
_NAME_NO_CONFIRMER = query("name_no_confirmer")
_NAME_NO_FORGETTER = query("name_no_forgetter")
_LIST_INDEXES = query("list_indexes_of_space")
_REMOVE_PERSON = query("remove_person")
_REMOVE_SPACE = query("remove_space")
_VACUUM_STATEMENTS = query("vacuum_statements")

_ATTEMPTS = 10
_BATCH = 1_000
_FIRST = UUID(int=0)
_MEMORIES = "memories"


class Eraser:
    """Erases one target on a connection of its own.

    `removed` are the names of the tokens and users removed with it, except those that an
    interrupted run had removed before.
    """

    def __init__(self, conn: Connection, target: ErasureTarget, extent: ErasureExtent) -> None:
        self._conn = conn
        self._target = target
        self._space_ids = extent.space_ids
        self._journal = ErasureJournal(conn, target.key)
        self.removed: dict[str, list[str]] = {"tokens": [], "users": []}

    async def erase(self, advance: Callable[[int], None]) -> Erased:
        """Erase the target, or continue an interrupted run; `advance` receives numbers of memories.

        From the beginning no token gives access to an erased space, nor does a token of an erased
        person give access to any. Raises StoreError.
        """
        await self._journal.begin(self._target.names)
        tables = await read_catalog(self._conn)
        if self._target.is_space:
            await self._close(_CLOSE_SPACE, self._space_ids[0])
            await self._execute_each(_LIST_INDEXES, self._space_ids[0])
        if self._target.is_person:
            await self._close(_REMOVE_PERSON, self._target.author)
        for space_id in self._space_ids:
            await self._erase_from(tables, space_id, advance)
        erased = await self._journal.read()
        await self._execute_each(_VACUUM_STATEMENTS, [*erased.rows])
        return erased

    async def end(self, erased: Erased) -> None:
        """Delete the state for continuing, as there is a receipt now. Raises StoreError."""
        async with self._conn.transaction():
            if self._target.is_space and self._space_ids[0] != DEFAULT_SPACE:
                await self._conn.execute(_REMOVE_SPACE, self._space_ids[0])
            await self._journal.end()
            await record_change(self._conn, "end_erasure", erased.erasure_id, *self._target.names)

    async def _close(self, statement: str, of: str | None) -> None:
        async with self._journal.step() as step:
            (row,) = await self._conn.fetch(statement, of)
            step.add(Counter(token_spaces=row["token_spaces"]))
            for table, action in (("tokens", "revoke_token"), ("users", "remove_user")):
                self.removed[table] += row[table]
                step.add(Counter({table: len(row[table])}))
                for name in row[table]:
                    await record_change(self._conn, action, name)

    async def _erase_from(
        self, tables: Sequence[ErasableTable], space_id: str, advance: Callable[[int], None]
    ) -> None:
        """Erase the memories, then the rest; again if memories are added meanwhile."""
        attempts = 0
        while True:
            attempts += 1
            while await self._erase_memories(tables, space_id, advance):
                pass
            try:
                return await self._erase_rest(tables, space_id)
            except StoreError as error:
                if attempts == _ATTEMPTS or not is_retryable(error):
                    raise

    async def _erase_memories(
        self, tables: Sequence[ErasableTable], space_id: str, advance: Callable[[int], None]
    ) -> int:
        """Erase the present memories; return their number."""
        erased, last = 0, _FIRST
        chosen_by = (space_id, self._target.session, self._target.author)
        while True:
            async with self._journal.step() as step:
                chosen = await self._conn.fetch(_CHOOSE_ERASABLE, *chosen_by, last, _BATCH)
                if not chosen:
                    return erased
                gone = await self._delete_chosen(tables, space_id, chosen)
                step.add(gone, (row["memory_id"] for row in chosen))
            last = chosen[-1]["memory_id"]
            erased += len(chosen)
            advance(len(chosen))

    async def _delete_chosen(
        self, tables: Sequence[ErasableTable], space_id: str, chosen: Sequence[Mapping[str, Any]]
    ) -> Counter[str]:
        """Delete chosen memories; in a whole space, nothing that remains is updated for it."""
        if not self._target.is_space:
            return await delete_memories(self._conn, tables, space_id, chosen)
        ids = [row["memory_id"] for row in chosen]
        return await delete_rows(self._conn, dependent_tables(tables), space_id, ids)

    async def _erase_rest(self, tables: Sequence[ErasableTable], space_id: str) -> None:
        """Erase the rows of the space, or of the session, that are not memories.

        Raises StoreError, which is retryable if a session has a memory again.
        """
        for table in tables:
            if table.name == _MEMORIES:
                continue
            if self._target.is_space:
                while await self._delete(table, table.of_space, space_id, _BATCH):
                    pass
            elif self._target.session is not None and table.of_session is not None:
                await self._delete(table, table.of_session, space_id, self._target.session)
        async with self._journal.step() as step:
            if self._target.is_person:
                for statement in (_NAME_NO_FORGETTER, _NAME_NO_CONFIRMER):
                    await self._conn.execute(statement, space_id, self._target.author)
            if self._target.author is not None:
                (row,) = await self._conn.fetch(_ERASE_RECALLS, space_id, self._target.author)
                step.add(Counter(dict(row)))
            step.add(Counter(await drop_unused_names(self._conn, space_id)))

    async def _delete(self, table: ErasableTable, statement: str, *which: object) -> int:
        async with self._journal.step() as step:
            async with planned_once(self._conn):
                deleted = int(await self._conn.fetchval(statement, *which))
            step.add(Counter({table.name: deleted}))
        return deleted

    async def _execute_each(self, listing: str, of: object) -> None:
        """Execute the statements that a query returns: names cannot be parameters."""
        for row in await self._conn.fetch(listing, of):
            await self._conn.execute(row["statement"])
