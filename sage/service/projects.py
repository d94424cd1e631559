"""Lists, renames and merges projects; finds the one that a directory resembles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.audit.event import current_event, project_mark
from sage.access.audit.management import record_change
from sage.domain import limits
from sage.domain.projects import (
    Project,
    ProjectList,
    Recorded,
    RenameReceipt,
    Resemblance,
)
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError, NotFoundError
from sage.phrases import phrase
from sage.store import project_names
from sage.store.repeating import repeatable

if TYPE_CHECKING:
    from sage.domain.projects import RenameRequest, Sighting
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_SEE_ALL = "`sage project list` lists all projects"


class ProjectService:
    """The projects of one database. Every call belongs to one space."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def list_projects(self, space_id: str) -> ProjectList:
        """List the projects, ordered by their latest message, newest first. Raises StoreError."""
        async with self._database.in_space(space_id) as conn:
            return ProjectList(tuple(await project_names.list_projects(conn, space_id)))

    @repeatable
    async def name_projects(self, space_id: str) -> tuple[str, ...]:
        """Return the names of the projects, in the order of `list_projects`. Raises StoreError."""
        async with self._database.in_space(space_id) as conn:
            return await project_names.name_projects(conn, space_id)

    @repeatable
    async def read_project(self, space_id: str, name: str) -> Project:
        """Read one project, by any of its names. Raises NotFoundError, StoreError."""
        validate_text("name", name, limits.MAX_PROJECT_CHARS)
        async with self._database.in_space(space_id) as conn:
            found = await _find(conn, space_id, name)
        if found is None:
            raise _no_project(name)
        return found

    @repeatable
    async def move(self, request: RenameRequest) -> RenameReceipt:
        """Rename a project. Raises NotFoundError, InvalidInputError, StoreError.

        Memories that are saved under its former names later belong to it, too.
        """
        async with self._database.in_space(request.space_id) as conn:
            await project_names.lock_projects(conn, request.space_id)
            project = await _find(conn, request.space_id, request.old)
            if project is None:
                raise _no_project(request.old)
            is_new_name = project.name != request.new
            names = await project_names.read_names(conn, request.space_id)
            if is_new_name and request.new not in project.other_names:
                other = await _find(conn, request.space_id, request.new)
                if other is not None:
                    raise InvalidInputError(
                        "new",
                        phrase("{field} is already the name of a project: {name}", name=other.name),
                        hint="`sage project merge` merges two projects",
                    )
            if is_new_name and not request.dry_run:
                if request.new in names.leads_to:
                    await project_names.free(conn, request.space_id, request.new)
                await project_names.lead(conn, request.space_id, project.name, request.new)
                await _record(conn, "move_project", request)
        return RenameReceipt(
            request.new,
            project.name,
            project.memories if is_new_name else 0,
            project.sessions if is_new_name else 0,
            0 if is_new_name else project.memories,
            changed=is_new_name,
        )

    async def merge(self, request: RenameRequest) -> RenameReceipt:
        """Merge a project into another one, or separate it again. Raises as `move` does.

        Memories that are saved under its names later belong to the other one, too. A directory may
        be merged before anything is saved in it.
        """
        async with self._database.in_space(request.space_id) as conn:
            await project_names.lock_projects(conn, request.space_id)
            if request.undo:
                return await self._take_out(conn, request)
            there = await _find(conn, request.space_id, request.new)
            if there is None:
                raise _no_project(request.new)
            names = await project_names.read_names(conn, request.space_id)
            old = names.called(request.old)
            joined = await _find(conn, request.space_id, old)
            if joined is None and not _is_folder(old):
                raise _no_project(old)
            is_apart = old != there.name
            if is_apart and not request.dry_run:
                await project_names.lead(conn, request.space_id, old, there.name)
                await _record(conn, "merge_projects", request)
        moved = joined if is_apart else None
        return RenameReceipt(
            there.name,
            old,
            moved.memories if moved else 0,
            moved.sessions if moved else 0,
            there.memories,
            changed=is_apart,
        )

    async def record(self, sighting: Sighting) -> Recorded:
        """Record the identities of a project, to recognize it elsewhere. Raises StoreError."""
        async with self._database.in_space(sighting.space_id) as conn:
            added = await project_names.record_identities(
                conn, sighting.space_id, sighting.project, sighting.identities
            )
        return Recorded(added)

    async def find_look_alike(self, sighting: Sighting) -> Resemblance:
        """Find the project that a directory without memories resembles. Raises StoreError."""
        async with self._database.in_space(sighting.space_id) as conn:
            found = await project_names.find_look_alike(
                conn, sighting.space_id, sighting.project, sighting.identities
            )
        return Resemblance(found or "")

    async def _take_out(self, conn: Connection, request: RenameRequest) -> RenameReceipt:
        """Make `old` a project of its own again, with the projects merged into it before."""
        names = await project_names.read_names(conn, request.space_id)
        project = names.called(request.old)
        if request.old not in names.leads_to or project != names.called(request.new):
            raise NotFoundError(
                phrase(
                    "{old} was not merged into {new}",
                    old=repr(request.old)[:80],
                    new=repr(request.new)[:80],
                ),
                hint="`sage project show` lists the names of a project",
            )
        await project_names.free(conn, request.space_id, request.old)
        taken = await _find(conn, request.space_id, request.old)
        if request.dry_run:
            await project_names.lead(
                conn, request.space_id, request.old, names.leads_to[request.old]
            )
        else:
            await _record(conn, "merge_projects", request)
        memories, sessions = (taken.memories, taken.sessions) if taken else (0, 0)
        return RenameReceipt(request.old, project, memories, sessions, 0, changed=True)


async def _find(conn: Connection, space_id: str, name: str) -> Project | None:
    """Read a project by any of its names; None if it is not known."""
    names = await project_names.names_of(conn, space_id, name)
    found = await project_names.list_projects(conn, space_id, names)
    if found:
        return found[0]
    if len(names) == 1:
        return None
    return Project(names[0], tuple(names[1:]), 0, 0, None, None, ())


async def _record(conn: Connection, action: str, request: RenameRequest) -> None:
    """Record a change by a command that has opened the database; calls are recorded anyway."""
    if current_event() is None:
        marks = (project_mark(request.old), project_mark(request.new))
        await record_change(conn, action, *marks, space=request.space_id)


def _is_folder(name: str) -> bool:
    return "/" in name or "\\" in name


def _no_project(name: str) -> NotFoundError:
    return NotFoundError(
        phrase("project {name} does not exist", name=repr(name)[:80]), hint=_SEE_ALL
    )
