"""Shared parts of `sage space`, `sage user` and `sage token`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sage.cli.failures import OK
from sage.cli.open_services import configuration_of, with_database
from sage.domain.local_time import local_time_text
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

    Clock: TypeAlias = Callable[[datetime | None], str]

Result = TypeVar("Result")
Item = TypeVar("Item")


def in_transaction(
    args: Namespace,
    work: Callable[[Connection], Awaitable[Result]],
    settings: Settings | None = None,
) -> Result:
    """Run `work` on the database in one transaction and return its result. Raises SageError."""
    from sage.store.migrate import require_schema

    async def run(database: Database) -> Result:
        await require_schema(database)
        async with database.transaction_across_spaces() as conn:
            return await work(conn)

    return with_database(args, run, settings)


def write_list(
    args: Namespace,
    console: Console,
    found: Sequence[Item],
    heading: Sequence[str],
    row: Callable[[Item, Clock], Sequence[str]],
) -> int:
    """Write a table, or JSON; `row` returns the cells of an entry, given the clock."""
    from pydantic_core import to_jsonable_python

    from sage.cli.terminal.table import Table

    if args.json:
        console.write_json(to_jsonable_python(found))
        return OK
    timezone = configuration_of(args, listens=False).require_settings().timezone

    def clock(when: datetime | None) -> str:
        return "-" if when is None else local_time_text(when, timezone)

    if not found:
        console.note(phrase("none yet"))
        return OK
    Table(heading, [row(one, clock) for one in found], left=len(heading)).write(console)
    return OK
