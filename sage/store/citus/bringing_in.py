"""Distributes tables, functions and options of a database, as far as they are not distributed yet.

All rows of a space are on one node. Tables that every space needs are copied to every node, and
those of no space stay on the coordinator. Existing objects are left as they are, so that the same
steps follow a migration as the first distribution.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from sage.errors import StoreError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sage.store.connections.connection import Connection

SHARDS = 32
"""The number of shards of each table, of some megabytes each: the maximum number of nodes."""

DELEGATED: Mapping[str, int] = {
    "keep_conversation": 2,
    "keep_arrivals_of_space": 1,
    "restore_memories_of_space": 1,
    "count_sessions": 1,
    "search_words": 1,
    "search_keys": 1,
    "names_of_project": 1,
    "under_any_name": 1,
    "class_again": 1,
    "settle_superseded": 1,
}
"""The functions that run on the node of a space, each with the number of the argument for it."""

_ADD_FOREIGN_KEY = query("add_foreign_key")
_CREATE_DISTRIBUTED = query("create_distributed_table")
_CREATE_REFERENCE = query("create_reference_table")
_DROP_FOREIGN_KEY = query("drop_foreign_key")
_DROP_VECTOR_INDEXES = query("drop_vector_indexes")
_FACTS = query("citus_facts")
_FUNCTIONS_OF = query("functions_of_release")
_GENERIC_FUNCTIONS = query("list_generic_functions")
_LIST_FOREIGN_KEYS = query("list_foreign_keys")
_LIST_NODES = query("list_citus_nodes")
_LIST_TABLES = query("list_distributable_tables")
_ONE_BY_ONE = query("change_one_by_one")
_RECORD_FUNCTIONS = query("record_functions_of_release")
_SET_OPTIONS = query("set_citus_options")

_UNDISTRIBUTED_FUNCTIONS = query("list_undistributed_functions")

_KEPT_LOCAL = {"token_spaces"}


@dataclass(frozen=True, slots=True)
class Node:
    """A server of the cluster; `shards` is the number of its shards of the memories."""

    host: str
    port: int
    is_coordinator: bool
    is_active: bool
    has_shards: bool
    shards: int

    @property
    def name(self) -> str:
        """Return its name in messages."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distributed tables, and the names of those to be distributed."""

    version: str
    nodes: tuple[Node, ...]
    is_distributed: bool
    to_distribute: tuple[str, ...]
    to_copy: tuple[str, ...]
    stays: tuple[str, ...]

    @property
    def workers(self) -> tuple[Node, ...]:
        """Return the nodes that have rows of spaces, or will."""
        return tuple(node for node in self.nodes if node.has_shards)

    @property
    def is_complete(self) -> bool:
        """Whether no table is left to distribute."""
        return self.is_distributed and not (self.to_distribute or self.to_copy)


async def read_distribution(conn: Connection) -> Distribution:
    """Return the state of distribution; changes nothing. Raises StoreError without Citus."""
    facts = await conn.fetchrow(_FACTS)
    if facts is None or facts["installed"] is None:
        raise _lacks_citus(facts)
    tables = await conn.fetch(_LIST_TABLES)
    left = [one for one in tables if one["wanted"] != one["found"]]
    return Distribution(
        facts["installed"],
        await read_nodes(conn),
        facts["is_distributed"],
        tuple(one["name"] for one in left if one["wanted"] == "distributed"),
        tuple(one["name"] for one in left if one["wanted"] == "reference"),
        tuple(one["name"] for one in tables if one["wanted"] == "local"),
    )


async def read_nodes(conn: Connection) -> tuple[Node, ...]:
    """Return the servers that Citus knows; it must be installed. Raises StoreError."""
    return tuple(Node(**row) for row in await conn.fetch(_LIST_NODES))


async def complete(conn: Connection, *, migrated: bool) -> bool:
    """Distribute what a migration added to a distributed database, in a transaction of `conn`.

    Return whether anything was missing. Raises StoreError.
    """
    found = await read_distribution(conn)
    if found.is_complete and not migrated and await conn.fetchval(_FUNCTIONS_OF) == _digest():
        return False
    await bring_in(conn, found, shards=SHARDS)
    return True


async def change_one_by_one(conn: Connection) -> None:
    """Allow a transaction to change tables and read them: nodes execute its steps sequentially."""
    await conn.execute(_ONE_BY_ONE)


async def bring_in(conn: Connection, found: Distribution, *, shards: int) -> None:
    """Distribute everything that is missing, in the transaction of `conn`. Raises StoreError."""
    await conn.execute(_ONE_BY_ONE)
    if "embeddings" in found.to_distribute:
        await _execute_each(conn, _DROP_VECTOR_INDEXES)
    changed = [*found.to_copy, *found.to_distribute]
    keys = await conn.fetch(_LIST_FOREIGN_KEYS, changed)
    for key in keys:
        await conn.execute(await conn.fetchval(_DROP_FOREIGN_KEY, key["of_table"], key["name"]))
    for name in found.to_copy:
        await conn.execute(_CREATE_REFERENCE, name)
    for name in found.to_distribute:
        await conn.execute(_CREATE_DISTRIBUTED, name, shards)
    for key in keys:
        if key["of_table"] not in _KEPT_LOCAL:
            await conn.execute(
                await conn.fetchval(
                    _ADD_FOREIGN_KEY, key["of_table"], key["name"], key["definition"]
                )
            )
    await conn.execute(functions())
    await _execute_each(conn, _GENERIC_FUNCTIONS)
    await _execute_each(conn, _UNDISTRIBUTED_FUNCTIONS, list(DELEGATED), list(DELEGATED.values()))
    await _execute_each(conn, _SET_OPTIONS)
    await conn.execute(await conn.fetchval(_RECORD_FUNCTIONS, _digest()))


def _digest() -> str:
    """Return a digest that distinguishes these functions from those of another release."""
    return hashlib.sha256(functions().encode()).hexdigest()


def functions() -> str:
    """Return the statements that create the functions only a distributed database has."""
    return resources.files("sage.store.citus").joinpath("functions.sql").read_text("utf-8")


def require_workers(found: Distribution) -> None:
    """Raise StoreError unless there is a node for the rows of spaces, and each is active."""
    if not found.workers:
        raise StoreError(
            "Citus knows of no worker",
            detail=phrase("version {version}", version=found.version),
            hint="add each with SELECT citus_add_node('host', 5432), as docs/citus.md describes",
        )
    require_active(found.workers)


def require_active(nodes: Iterable[Node]) -> None:
    """Raise StoreError unless each node is active."""
    if idle := [node.name for node in nodes if not node.is_active]:
        raise StoreError(
            "a node of Citus is not active",
            detail=", ".join(idle),
            hint="activate it with SELECT citus_activate_node('host', 5432)",
        )


async def _execute_each(conn: Connection, listing: str, *args: object) -> None:
    for row in await conn.fetch(listing, *args):
        await conn.execute(row["statement"])


def _lacks_citus(facts: Mapping[str, object] | None) -> StoreError:
    if facts is not None and facts["available"] is not None:
        return StoreError(
            "the extension Citus is not installed in this database",
            detail=phrase("the server has version {version}", version=facts["available"]),
            hint="run CREATE EXTENSION citus as a superuser in this database on every node, "
            "as docs/citus.md describes",
        )
    return StoreError(
        "this PostgreSQL server does not have the extension Citus",
        hint="install Citus and pgvector on every node, as docs/citus.md describes; Sage does "
        "not need Citus while one machine is enough",
    )
