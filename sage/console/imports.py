"""The page that imports earlier conversations: uploaded files, and past imports."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from sage.access.audit.event import note_ids
from sage.access.authorization import current_importer
from sage.api.arguments import FileImportArguments
from sage.api.http.body_stream import in_time
from sage.api.middleware.body_limit import declared_length
from sage.clients.importing.texts import left_out, outcome
from sage.clients.reading.format import ReadCounts
from sage.clients.reading.tables import AMBIGUOUS
from sage.console.addresses import IMPORTS
from sage.console.connect import getting_client, has_sage_beside, own_address, program
from sage.console.multipart import FileForm
from sage.domain.file_imports import FileState
from sage.domain.validation import validate_id
from sage.errors import InvalidInputError, WithdrawnError

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.file_imports import FileImport, FileSource

_ELSEWHERE = "python3 sage-client.pyz"
_DATE_FORMATS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y")
_FORM_BYTES = 4_096
"""The bytes that a browser sends besides the file."""
_IMPORTED = {FileState.IMPORTING, FileState.IMPORTED, FileState.STOPPED}


async def imports(context: PageContext) -> Response:
    """Show the uploaded file, how to import more, and past imports.

    A writer sees their own imports, an owner all. Raises ForbiddenError, StoreError.
    """
    importer, services = current_importer(context.space), context.services
    found = await services.imports.list_imports(importer)
    files = (await services.file_imports.list_files(importer)).files
    file = files[0] if files else None
    address = own_address(context)
    is_here = has_sage_beside(address)
    page = context.render(
        "imports.html",
        imports=found.imports,
        file=file,
        by_source=[] if file is None else [_row(file, one) for one in file.sources],
        is_ambiguous=file is not None and any(AMBIGUOUS in one.left_out for one in file.sources),
        share=_share(file),
        most_bytes=services.file_imports.most_bytes,
        date_formats=_DATE_FORMATS,
        is_here=is_here,
        program=shlex.quote(program(context)) if is_here else _ELSEWHERE,
        get_client=getting_client(address),
        where="" if is_here else f" --url {shlex.quote(address)}",
        left=context.request.query_params.get("left", ""),
    )
    if context.is_partial and not (file is not None and file.state.is_at_work):
        page.headers["hx-refresh"] = "true"  # also what was imported is to be listed
    return page


async def hand_in_file(context: PageContext) -> Response:
    """Receive a file, and count its new messages.

    Raises InvalidInputError, TooLargeError, NoRoomError, ForbiddenError, RateLimitError, and
    WithdrawnError if it is incomplete.
    """
    importer, services = current_importer(context.space), context.services
    headers = context.request.headers
    length = declared_length(headers)
    form = FileForm(headers.get("content-type", ""), in_time(context.request.stream()))
    try:
        fields = await form.fields()
        if not form.file_name:
            raise InvalidInputError("file", "{field} is missing", hint="choose a file")
        asked = {name: fields[name] for name in _FIELDS if fields.get(name)}
        arguments = FileImportArguments(name=form.file_name, space=context.space, **asked)
        file = await services.file_imports.receive(
            importer,
            arguments.options(services.settings.timezone),
            form.file(),
            None if length is None else max(0, length - _FORM_BYTES),
        )
    except (TimeoutError, ClientDisconnect):
        raise WithdrawnError("the file did not arrive in time", hint="send it again") from None
    note_ids([file.import_id])
    return context.redirect(IMPORTS)


async def start_import(context: PageContext) -> Response:
    """Start importing the file that was counted. Raises InvalidInputError, NotFoundError."""
    importer = current_importer(context.space)
    await context.services.file_imports.start(importer, await _named(context))
    return context.redirect(IMPORTS)


async def stop_import(context: PageContext) -> Response:
    """Stop reading a file, or discard it. Raises InvalidInputError, NotFoundError."""
    importer = current_importer(context.space)
    await context.services.file_imports.stop(importer, await _named(context))
    return context.redirect(IMPORTS)


async def undo_import(context: PageContext) -> Response:
    """Delete the memories of an import.

    Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError.
    """
    importer = current_importer(context.space)
    undone = await context.services.file_imports.undo(importer, await _named(context))
    return context.redirect(f"{IMPORTS}?left={undone.left}" if undone.left else IMPORTS)


_FIELDS = ("since", "date_format", "written_at")


async def _named(context: PageContext) -> UUID:
    form = await context.request.form()
    import_id = validate_id("id", str(form.get("id", "")))
    note_ids([import_id])
    return import_id


def _share(file: FileImport | None) -> float:
    """Return the share of a file that was read, in percent."""
    return 100 * file.read_bytes / file.total_bytes if file is not None and file.total_bytes else 0


def _row(file: FileImport, source: FileSource) -> tuple[FileSource, str, str]:
    """Return a source, its outcome, and what was left out, in the words of `sage import`."""
    counts = ReadCounts(
        source.messages,
        source.copies,
        source.repaired,
        source.split,
        source.undated,
        dict(source.left_out),
    )
    is_only_counted = file.state not in _IMPORTED
    return (
        source,
        outcome(counts, source.added, source.there, counted_only=is_only_counted),
        left_out(counts),
    )
