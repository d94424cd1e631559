"""Open the source and the target of a move."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.config.dsn import EMBEDDED, checked_dsn, describe_dsn
from sage.config.values import RefusedValueError
from sage.errors import InvalidInputError, StoreError
from sage.operations.move.sides import End
from sage.phrases import phrase
from sage.service.configured_database import open_configured_database
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database

_VARIABLES = {"--from": "SAGE_MOVE_FROM", "--to": "SAGE_MOVE_TO"}


@asynccontextmanager
async def open_end(
    settings: Settings, named: str | None, *, option: str, create: bool
) -> AsyncIterator[End]:
    """Open the database of a URL, the embedded one, or the configured one if none is named.

    Raises InvalidInputError for an invalid URL, given by `option`, StartupError, StoreError.
    Failures to connect to a database that was named say which one and where its URL is.
    """
    configured = settings.database.dsn
    is_configured = named is None
    if named is None and configured is not None:
        named = configured.get_secret_value()
    if named is None or named == EMBEDDED:
        database_settings = settings.database.model_copy(update={"dsn": None})
        embedded = settings.model_copy(update={"database": database_settings})
        async with open_configured_database(embedded, create=create) as database:
            described = phrase("embedded database in {directory}", directory=settings.data_dir)
            yield End(database, described, settings.data_dir)
        return
    try:
        database = await open_database(checked_dsn(named))
    except RefusedValueError as error:
        problem = phrase("{field} {problem}", problem=error.message)
        raise InvalidInputError(option, problem, hint=error.hint) from error
    try:
        if not is_configured:
            await _connect(database, describe_dsn(named), option)
        yield End(database, describe_dsn(named))
    finally:
        await database.close()


async def _connect(database: Database, described: str, option: str) -> None:
    """Connect once, so that a failure names this database instead of the configured one."""
    try:
        async with database.across_spaces():
            return
    except StoreError as error:
        message = phrase("{place}: {problem}", place=described, problem=error.message)
        hint = phrase(
            "{hint}; here, DATABASE_URL means {option} or {variable}",
            hint=error.hint,
            option=option,
            variable=_VARIABLES[option],
        )
        is_of_settings = "DATABASE_URL" in error.hint
        raise type(error)(
            message, detail=error.detail, hint=hint if is_of_settings else error.hint
        ) from error
