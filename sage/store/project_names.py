"""The names of projects, former and present, and their identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.projects import Project
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.store.connections.connection import Connection

_BOUND_IDENTITIES = query("bound_identities")
_DROP_UNUSED_NAMES = query("drop_unused_names")
_FIND_LOOK_ALIKE = query("find_look_alike")
_FREE_PROJECT = query("free_project")
_HAS_MEMORIES = query("has_memories_of_project")
_LEAD_PROJECT = query("lead_project")
_LIST_IDENTITIES = query("list_project_identities")
_LIST_NAMES = query("list_project_names")
_LIST_PROJECTS = query("list_projects")
_LOCK_PROJECTS = query("lock_projects")
_NAME_PROJECTS = query("name_projects")
_NAMES_OF_PROJECT = query("names_of_project")
_RECORD_IDENTITIES = query("record_identities")

_MAX_IDENTITIES = 5_000


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """The names of all projects of a space that have several.

    `leads_to` maps each former or merged name to the next one; `project_of` maps it to the name of
    its project.
    """

    leads_to: Mapping[str, str]
    project_of: Mapping[str, str]

    def called(self, name: str) -> str:
        """Return the present name of a project, by any of its names."""
        return self.project_of.get(name, name)

    def others_of(self, project: str) -> tuple[str, ...]:
        """Return the other names of a project."""
        return tuple(name for name, called in self.project_of.items() if called == project)


async def read_names(conn: Connection, space_id: str) -> ProjectNames:
    """Read the names of the projects of a space. Raises StoreError."""
    rows = await conn.fetch(_LIST_NAMES, space_id)
    return ProjectNames(
        {row["name"]: row["leads_to"] for row in rows},
        {row["name"]: row["project"] for row in rows},
    )


async def lock_projects(conn: Connection, space_id: str) -> None:
    """Wait until no other transaction renames projects of a space. Raises StoreError."""
    await conn.execute(_LOCK_PROJECTS, space_id)


async def lead(conn: Connection, space_id: str, name: str, project: str) -> None:
    """Make `name` a name of a project. Raises StoreError."""
    await conn.execute(_LEAD_PROJECT, space_id, name, project)


async def free(conn: Connection, space_id: str, name: str) -> None:
    """Make a name that of a separate project. Raises StoreError."""
    await conn.execute(_FREE_PROJECT, space_id, name)


async def list_projects(
    conn: Connection, space_id: str, names: Sequence[str] | None = None
) -> list[Project]:
    """Read the projects of a space, latest first, or only the memories under some names of one.

    Raises StoreError.
    """
    called = await read_names(conn, space_id)
    similar = await _similar_names(conn, space_id)
    given = None if names is None else [*names]
    rows = await conn.fetch(_LIST_PROJECTS, space_id, given, limits.MAX_PROJECTS_LISTED)
    candidates = {other for row in rows for other in similar.get(row["name"], ())}
    alive = {row["name"] for row in rows}
    for other in candidates - alive:
        if await conn.fetchval(_HAS_MEMORIES, space_id, other):
            alive.add(other)
    return [
        Project(
            **row,
            other_names=called.others_of(row["name"]),
            looks_like=tuple(one for one in similar.get(row["name"], ()) if one in alive),
        )
        for row in rows
    ]


async def name_projects(conn: Connection, space_id: str) -> tuple[str, ...]:
    """Return the names of the projects of a space, latest first, without counts."""
    rows = await conn.fetch(_NAME_PROJECTS, space_id, limits.MAX_PROJECTS_LISTED)
    return tuple(row["name"] for row in rows)


async def names_of(conn: Connection, space_id: str, name: str) -> list[str]:
    """Return all names of a project, the present one first. Raises StoreError."""
    return list(await conn.fetchval(_NAMES_OF_PROJECT, space_id, name))


async def record_identities(
    conn: Connection, space_id: str, name: str, identities: Sequence[bytes]
) -> int:
    """Record the identities of a project; return how many are new. Raises StoreError.

    The latest 5,000 of each space are stored.
    """
    added = int(await conn.fetchval(_RECORD_IDENTITIES, space_id, name, list(identities)))
    if added:
        await conn.execute(_BOUND_IDENTITIES, space_id, _MAX_IDENTITIES)
    return added


async def find_look_alike(
    conn: Connection, space_id: str, name: str, identities: Sequence[bytes]
) -> str | None:
    """Find a project that a directory without memories resembles. Raises StoreError."""
    if await conn.fetchval(_HAS_MEMORIES, space_id, name):
        return None
    found: str | None = await conn.fetchval(_FIND_LOOK_ALIKE, space_id, list(identities), name)
    return found


async def drop_unused_names(conn: Connection, space_id: str) -> Mapping[str, int]:
    """Delete the names and identities of projects without memories; return the rows by table.

    Raises StoreError.
    """
    (row,) = await conn.fetch(_DROP_UNUSED_NAMES, space_id)
    return dict(row)


async def _similar_names(conn: Connection, space_id: str) -> Mapping[str, Sequence[str]]:
    """Read which projects have an identity in common."""
    by_identity: dict[bytes, list[str]] = {}
    for row in await conn.fetch(_LIST_IDENTITIES, space_id):
        there = by_identity.setdefault(row["identity"], [])
        if row["project"] not in there:
            there.append(row["project"])
    similar: dict[str, list[str]] = {}
    for projects in by_identity.values():
        for one in projects:
            known = similar.setdefault(one, [])
            known += (other for other in projects if other != one and other not in known)
    return similar
