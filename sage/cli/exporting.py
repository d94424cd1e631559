"""Export memories page by page, with a progress bar."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import find_space, ids_of_spaces
from sage.access.audit.management import record_change
from sage.cli.terminal.progress import Progress
from sage.phrases import phrase
from sage.store.identification import identify_session
from sage.store.migrate import require_schema
from sage.store.transfer import open_export

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.cli.terminal.console import Console
    from sage.domain.transfer import TransferredMemory
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database


@dataclass(frozen=True, slots=True)
class Selected:
    """Which memories to export: of a space, an author, a session; all by default."""

    space: str | None = None
    author: str | None = None
    session: str | None = None

    def lacking(self) -> str:
        """Return the message that none of them exist."""
        author, space = repr(self.author), repr(self.space)
        if self.session:
            return phrase("no memories of the session {session}", session=repr(self.session))
        if self.author and self.space:
            return phrase(
                "no memories of {author} in the space {space}", author=author, space=space
            )
        if self.space:
            return phrase("no memories in the space {space}", space=space)
        return phrase("no memories of {author}" if self.author else "no memories", author=author)


async def write_memories(
    database: Database,
    which: Selected,
    write: Callable[[TransferredMemory], None],
    console: Console,
    *,
    bar: bool = True,
) -> None:
    """Write the selected memories by `write`.

    Raises NotFoundError if the space does not exist, StoreError.
    """
    await require_schema(database)
    async with database.transaction_across_spaces() as conn:
        space_id = None if which.space is None else await find_space(conn, which.space)
        names = [one for one in (which.space, which.author, which.session) if one is not None]
        await record_change(conn, "export", *names, space=space_id)
        session_id = which.session
        if session_id is not None:
            session_id = await _session_named(conn, session_id, space_id)
    async with open_export(database, space_id, which.author, session_id) as export:
        if not export.total:
            console.note(which.lacking())
        with Progress(console, "exporting", export.total) if bar else nullcontext() as progress:
            async for page in export.pages:
                for memory in page:
                    write(memory)
                if progress is not None:
                    progress.advance(len(page))


async def _session_named(conn: Connection, given: str, space_id: str | None) -> str:
    """Return the id of the session with that id or part of one, in one space or in any."""
    spaces = [space_id] if space_id else await ids_of_spaces(conn)
    for one in spaces:
        found = await identify_session(conn, one, given, field="--session")
        if found != given:
            return found
    return given
