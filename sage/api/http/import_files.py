"""Imports of files that are handed in: counted first, then imported by Sage itself.

Nothing but the file passes here. It is read in the background, also when nobody asks any more.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response  # noqa: TC002 - FastAPI reads the annotation

from sage.access.audit.event import note_ids
from sage.access.authorization import current_importer
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    FileImportArguments,
    SpaceArguments,
)
from sage.api.http.imports import checked_import
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.api.middleware.auth import IMPORT_FILE_PATH
from sage.api.middleware.body_limit import READ_DEADLINE_S, too_slow
from sage.domain.file_imports import FileImport, FileImportList
from sage.errors import WithdrawnError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_PROBLEMS = {
    **{status: told for status, told in PROBLEMS.items() if status != HTTPStatus.BAD_REQUEST},
    404: {**PROBLEMS[404], "description": "There is no such file of yours, or no such space"},
    413: {**PROBLEMS[413], "description": "The file is larger than SAGE_IMPORT_MAX_MB"},
    429: {**PROBLEMS[429], "description": "A file of yours is being read already"},
    507: {**PROBLEMS[413], "description": "The disk of Sage has no room for the file"},
}
_CONTENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is: an export, a transcript, a database, notes, a zip of"
        " these, or lines of `sage export`.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ImportId = Annotated[
    str,
    Path(description="As the call answered it.", json_schema_extra={"format": "uuid"}),
]

router = APIRouter(prefix=IMPORT_FILE_PATH, tags=["imports"], responses=_PROBLEMS)


@router.post("", openapi_extra=_CONTENT, response_model=FileImport)
async def hand_in_file(
    request: Request, services: Opened, arguments: Annotated[FileImportArguments, Query()]
) -> FileImport | Response:
    """Accept a file to be imported: what is new in it is counted, and nothing kept yet.

    It takes the place of the file that the same person handed in before. It is removed from the
    disk when it was imported, and an hour later where it was not.
    """
    importer = current_importer(arguments.space)
    options = arguments.options(services.settings.timezone)
    declared = request.headers.get("content-length", "")
    size = int(declared[:20]) if declared.isdecimal() else None
    try:
        file = await services.file_imports.receive(
            importer, options, in_time(request.stream()), size
        )
    except TimeoutError:
        return too_slow(READ_DEADLINE_S)
    except ClientDisconnect:
        raise WithdrawnError("the call was given up", hint="send it again") from None
    note_ids([file.import_id])
    return file


@router.get("")
async def list_files(
    services: Opened, arguments: Annotated[SpaceArguments, Query()]
) -> FileImportList:
    """List the file that the caller handed in last, with how far it has come."""
    found = await services.file_imports.list_files(current_importer(arguments.space))
    note_ids(one.import_id for one in found.files)
    return found


@router.delete("", include_in_schema=False)
async def refuse_delete() -> None:
    """Answer 405: without this, `files` would be taken for the id of an import."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)


@router.get("/{import_id}")
async def read_file(
    services: Opened, import_id: _ImportId, arguments: Annotated[SpaceArguments, Query()]
) -> FileImport:
    """Read how far a file has come."""
    importer, whole = current_importer(arguments.space), checked_import(import_id)
    note_ids([whole])
    return await services.file_imports.read(importer, whole)


@router.post("/{import_id}/start")
async def start_import(
    services: Opened, import_id: _ImportId, arguments: Annotated[SpaceArguments, Query()]
) -> FileImport:
    """Begin to import a file that was counted, or go on where that was interrupted."""
    importer, whole = current_importer(arguments.space), checked_import(import_id)
    note_ids([whole])
    return await services.file_imports.start(importer, whole)


@router.delete("/{import_id}")
async def stop_import(
    services: Opened, import_id: _ImportId, arguments: Annotated[SpaceArguments, Query()]
) -> FileImportList:
    """Stop reading a file, or take it away; what was imported of it stays."""
    importer, whole = current_importer(arguments.space), checked_import(import_id)
    note_ids([whole])
    return await services.file_imports.stop(importer, whole)


async def in_time(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield blocks as they come. Raises TimeoutError where none comes for a while."""
    while True:
        async with asyncio.timeout(READ_DEADLINE_S):
            block = await anext(blocks, None)
        if block is None:
            return
        yield block
