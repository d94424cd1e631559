"""Routes to list, rename and merge projects."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query

from sage.access.audit.event import note_ids, project_mark
from sage.access.authorization import current_caller
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    MergeArguments,
    MoveArguments,
    SpaceArguments,
)
from sage.api.http.dependencies import (
    Opened,
    require_same_configuration,
)
from sage.api.http.rest import PROBLEMS
from sage.domain import limits
from sage.domain.caller import SpaceRole
from sage.domain.projects import (  # noqa: TC001 - FastAPI reads the annotations
    Project,
    ProjectList,
    RenameReceipt,
)

router = APIRouter(
    prefix="/api/v1/projects",
    tags=["projects"],
    responses=PROBLEMS,
    dependencies=[Depends(require_same_configuration)],
)

_EXAMPLE = {"old": "/home/anna/zeta", "new": "/home/anna/zeta-renamed", "dry_run": True}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {**PROBLEMS[404], "description": "The project or the space does not exist"}
}


@router.get("")
async def list_projects(
    services: Opened, arguments: Annotated[SpaceArguments, Query()]
) -> ProjectList:
    """List the projects, ordered by their latest message, newest first."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    found = await services.projects.list_projects(caller.space_id)
    note_ids(project_mark(one.name) for one in found.projects)
    return found


@router.post("/move", responses=_NOT_FOUND)
async def move_project(
    services: Opened, arguments: Annotated[MoveArguments, Body(examples=[_EXAMPLE])]
) -> RenameReceipt:
    """Rename a project. Messages saved under its former names later also belong to it."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    note_ids([project_mark(arguments.old), project_mark(arguments.new)])
    return await services.projects.move(arguments.to_request(caller))


@router.post("/merge", responses=_NOT_FOUND)
async def merge_projects(
    services: Opened, arguments: Annotated[MergeArguments, Body(examples=[_EXAMPLE])]
) -> RenameReceipt:
    """Merge a project into another one, also for messages saved later. This can be undone."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    note_ids([project_mark(arguments.old), project_mark(arguments.new)])
    return await services.projects.merge(arguments.to_request(caller))


@router.get("/{name:path}", responses=_NOT_FOUND)
async def read_project(
    services: Opened,
    name: Annotated[
        str,
        Path(
            description="Any name of the project, current or former.",
            json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
        ),
    ],
    arguments: Annotated[SpaceArguments, Query()],
) -> Project:
    """Return a project, by any of its names."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    note_ids([project_mark(name)])
    return await services.projects.read_project(caller.space_id, name)
