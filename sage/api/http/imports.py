"""Imports: of lines that a client on another machine sends, and of files, which Sage reads itself.

A line of a body is a memory as `sage export` writes it. Existing memories are skipped, by their
ids, so that an interrupted call can be repeated. A file is counted first, then imported in the
background, even if the caller disconnects.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response  # noqa: TC002 - FastAPI reads the annotation

from sage.access.audit.event import note_ids
from sage.access.authorization import current_importer
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    FileImportArguments,
    ImportArguments,
    SpaceArguments,
)
from sage.api.http.body_stream import batches_of, in_time
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.api.middleware.auth import IMPORT_FILE_PATH, IMPORT_PATH
from sage.api.middleware.body_limit import READ_DEADLINE_S, declared_length, too_slow
from sage.domain.file_imports import FileImport, FileImportList
from sage.domain.ids import short_id
from sage.domain.imports import (
    ImportList,
    ImportReceipt,
    ImportRecord,
    ImportScope,
    UndoneImport,
)
from sage.domain.validation import validate_id
from sage.errors import InvalidInputError, WithdrawnError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.transfer.importing.service import Receiving

_PROBLEMS = {
    **{status: response for status, response in PROBLEMS.items() if status not in {400, 413}},
    404: {**PROBLEMS[404], "description": "There is no such import of yours, or no such space"},
    429: {**PROBLEMS[429], "description": "Too many imports run; `Retry-After` says when to retry"},
}
_EXAMPLE = (
    '{"memory_id": "9b2f7f6e-4f5f-5a43-8f0e-2f6c1a4d7b10", "session_id": "claude-code:4c1d",'
    ' "role": "user", "content": "Herons nest by the mill.",'
    ' "created_at": "2026-05-08T13:56:00Z", "metadata": {"source": "claude-code"}}\n'
)
_LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A memory a line, as `sage export` writes it. It is read as it comes, with"
        " no bound but that of 2,000,000 bytes a line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string", "examples": [_EXAMPLE]}}},
    }
}
_FILE_PROBLEMS = {
    **{
        status: response
        for status, response in PROBLEMS.items()
        if status != HTTPStatus.BAD_REQUEST
    },
    404: {**PROBLEMS[404], "description": "There is no such file of yours, or no such space"},
    413: {**PROBLEMS[413], "description": "The file is larger than SAGE_IMPORT_MAX_MB"},
    429: {**PROBLEMS[429], "description": "A file of yours is being read already"},
    507: {**PROBLEMS[413], "description": "The disk of Sage has no room for the file"},
}
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is: an export, a transcript, a database, notes, a zip of"
        " these, or lines of `sage export`.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


_Named = tuple[ImportScope, UUID]


async def _named_import(
    import_id: Annotated[
        str,
        Path(description="As the call answered it.", json_schema_extra={"format": "uuid"}),
    ],
    arguments: Annotated[SpaceArguments, Query()],
) -> _Named:
    """Return the caller and the import, and record its id. Raises InvalidInputError."""
    importer, named = current_importer(arguments.space), validate_id("import_id", import_id)
    note_ids([named])
    return importer, named


router = APIRouter(prefix=IMPORT_PATH, tags=["imports"], responses=_PROBLEMS)
file_router = APIRouter(prefix=IMPORT_FILE_PATH, tags=["imports"], responses=_FILE_PROBLEMS)


@router.post("", openapi_extra=_LINES, response_model=ImportReceipt)
async def import_memories(
    request: Request, services: Opened, arguments: Annotated[ImportArguments, Query()]
) -> ImportReceipt | Response:
    """Keep memories of a stream of lines, each once by its id, a thousand at a time.

    Each thousand is kept whole or not at all. With a token they are by whom it belongs to. A dry
    run counts what is new; a line of it may hold the `memory_id` alone.
    """
    importer = current_importer(arguments.space)
    import_id = arguments.whole_id
    receiving = services.imports.receiving(importer, import_id, dry_run=arguments.dry_run)
    async with receiving as received:
        note_ids([received.import_id])
        try:
            async for batch in batches_of(request.stream()):
                await received.take(batch)
            await received.settle()
        except TimeoutError:
            return too_slow(READ_DEADLINE_S)
        except ClientDisconnect:
            raise WithdrawnError("the call was cancelled", hint="send it again") from None
        except InvalidInputError as error:
            await received.settle()
            raise _after(received, error) from None
        return received.receipt


@router.get("")
async def list_imports(
    services: Opened, arguments: Annotated[SpaceArguments, Query()]
) -> ImportList:
    """List the imports that the caller may undo, the latest first: an owner of the space all."""
    found = await services.imports.list_imports(current_importer(arguments.space))
    note_ids(one.import_id for one in found.imports)
    return found


@router.get("/{import_id}")
async def read_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> ImportRecord:
    """Read how far an import has come: how many of its memories are there."""
    return await services.imports.read_import(*named)


@router.delete("/{import_id}")
async def undo_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> UndoneImport:
    """Delete what came with an import, as if it had never been; repeat it until none is left."""
    return await services.file_imports.undo(*named)


@file_router.post("", openapi_extra=_FILE, response_model=FileImport)
async def hand_in_file(
    request: Request, services: Opened, arguments: Annotated[FileImportArguments, Query()]
) -> FileImport | Response:
    """Accept a file to be imported: what is new in it is counted, and nothing kept yet.

    It takes the place of the file that the same person handed in before. It is removed from the
    disk when it was imported, and an hour later where it was not.
    """
    importer = current_importer(arguments.space)
    options = arguments.options(services.settings.timezone)
    try:
        file = await services.file_imports.receive(
            importer, options, in_time(request.stream()), declared_length(request.headers)
        )
    except TimeoutError:
        return too_slow(READ_DEADLINE_S)
    except ClientDisconnect:
        raise WithdrawnError("the call was cancelled", hint="send it again") from None
    note_ids([file.import_id])
    return file


@file_router.get("")
async def list_files(
    services: Opened, arguments: Annotated[SpaceArguments, Query()]
) -> FileImportList:
    """List the file that the caller handed in last, with how far it has come."""
    found = await services.file_imports.list_files(current_importer(arguments.space))
    note_ids(one.import_id for one in found.files)
    return found


@file_router.delete("", include_in_schema=False)
async def refuse_delete() -> None:
    """Answer 405: without this, `files` would be taken for the id of an import."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)


@file_router.get("/{import_id}")
async def read_file(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> FileImport:
    """Read how far a file has come."""
    return await services.file_imports.read(*named)


@file_router.post("/{import_id}/start")
async def start_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> FileImport:
    """Begin to import a file that was counted, or go on where that was interrupted."""
    return await services.file_imports.start(*named)


@file_router.delete("/{import_id}")
async def stop_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> FileImportList:
    """Stop reading a file, or take it away; what was imported of it stays."""
    return await services.file_imports.stop(*named)


def _after(received: Receiving, error: InvalidInputError) -> InvalidInputError:
    """Return an error with the number of lines stored before it."""
    kept = received.receipt.added
    if received.dry_run or not kept:
        return error
    return InvalidInputError(
        error.field,
        error.message,
        hint=phrase(
            "{hint}; the {count:,} memories before it are stored, as import {import_id}",
            hint=error.hint,
            count=kept,
            import_id=short_id(received.import_id),
        ),
    )
