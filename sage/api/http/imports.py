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
    404: {
        **PROBLEMS[404],
        "description": "The import or the space does not exist, or it is not your import",
    },
    429: {
        **PROBLEMS[429],
        "description": "Too many imports are running; retry after `Retry-After` seconds",
    },
}
_EXAMPLE = (
    '{"memory_id": "9b2f7f6e-4f5f-5a43-8f0e-2f6c1a4d7b10", "session_id": "claude-code:4c1d",'
    ' "role": "user", "content": "Herons nest by the mill.",'
    ' "created_at": "2026-05-08T13:56:00Z", "metadata": {"source": "claude-code"}}\n'
)
_LINES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "One memory per line, in the format of `sage export`. The body is streamed; its"
            " length is not limited, but a line has at most 2,000,000 bytes."
        ),
        "content": {"application/x-ndjson": {"schema": {"type": "string", "examples": [_EXAMPLE]}}},
    }
}
_FILE_PROBLEMS = {
    **{
        status: response
        for status, response in PROBLEMS.items()
        if status != HTTPStatus.BAD_REQUEST
    },
    404: {
        **PROBLEMS[404],
        "description": "The file or the space does not exist, or it is not your file",
    },
    413: {**PROBLEMS[413], "description": "The file is larger than SAGE_IMPORT_MAX_MB"},
    429: {**PROBLEMS[429], "description": "Another file of yours is being read"},
    507: {**PROBLEMS[413], "description": "The disk of Sage has not enough space for the file"},
}
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "The file without any encoding: an export, a transcript, a database, notes, a"
            " zip archive of these, or the output of `sage export`."
        ),
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


_Named = tuple[ImportScope, UUID]


async def _named_import(
    import_id: Annotated[
        str,
        Path(
            description="The `import_id` that the first call returned.",
            json_schema_extra={"format": "uuid"},
        ),
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
    """Import memories from a stream of lines, each once by its id, in batches of a thousand.

    Each batch is stored completely or not at all. With a token, the author of the memories is that
    of the token. A dry run counts new memories; its lines may contain the `memory_id` only.
    """
    importer = current_importer(arguments.space)
    import_id = arguments.whole_id
    receiving = services.imports.receiving(importer, import_id, dry_run=arguments.dry_run)
    async with receiving as received:
        note_ids([received.import_id])
        try:
            async for batch in batches_of(request.stream()):
                await received.take(batch)
            await received.flush()
        except TimeoutError:
            return too_slow(READ_DEADLINE_S)
        except ClientDisconnect:
            raise WithdrawnError("the call was cancelled", hint="send it again") from None
        except InvalidInputError as error:
            await received.flush()
            raise _after(received, error) from None
        return received.receipt


@router.get("")
async def list_imports(
    services: Opened, arguments: Annotated[SpaceArguments, Query()]
) -> ImportList:
    """List the imports that the caller can undo, newest first; owners of the space see all."""
    found = await services.imports.list_imports(current_importer(arguments.space))
    note_ids(one.import_id for one in found.imports)
    return found


@router.get("/{import_id}")
async def read_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> ImportRecord:
    """Return the progress of an import: how many of its memories are stored."""
    return await services.imports.read_import(*named)


@router.delete("/{import_id}")
async def undo_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> UndoneImport:
    """Permanently delete the memories of an import; repeat the call until none is left."""
    return await services.file_imports.undo(*named)


@file_router.post("", openapi_extra=_FILE, response_model=FileImport, summary="Upload a file")
async def hand_in_file(
    request: Request, services: Opened, arguments: Annotated[FileImportArguments, Query()]
) -> FileImport | Response:
    """Upload a file to import. Its new messages are counted; nothing is stored yet.

    It replaces the previous upload of the same caller. The file is deleted after its import, or an
    hour later if it is not imported.
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
    """List the latest upload of the caller with its progress."""
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
    """Return the progress of the import of a file."""
    return await services.file_imports.read(*named)


@file_router.post("/{import_id}/start")
async def start_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> FileImport:
    """Import an uploaded file that was counted, or resume an interrupted import."""
    return await services.file_imports.start(*named)


@file_router.delete("/{import_id}")
async def stop_import(
    services: Opened, named: Annotated[_Named, Depends(_named_import)]
) -> FileImportList:
    """Stop reading a file, or delete it; messages that were already imported remain."""
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
