"""Compare the contents of two databases: rows, their checksums, and answers to searches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from sage.errors import MoveError
from sage.operations.backup.sampled_answers import compare_answers, sample_answers
from sage.operations.move.tables import unhurried
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sage.operations.backup.progress import ProgressStep
    from sage.operations.move.following import Changes
    from sage.operations.move.tables import Sides

    Row = Mapping[str, Any]


class ComparedSides(NamedTuple):
    """The numbers of rows and answers that were compared and found equal."""

    tables: int
    rows: int
    searches: int


async def compare(sides: Sides, step: ProgressStep) -> ComparedSides:
    """Compare every row, by checksums of the tables, and answers to a sample of searches.

    The source is read in a transaction with the snapshot that the target matches. Raises MoveError
    if they differ, StoreError.
    """
    rows = 0
    async with unhurried(sides.target):
        with step("comparing tables", len(sides.tables)) as progress:
            for table in sides.tables:
                ours, theirs = await _ask_both(sides, table.digest_rows)
                _require_equal(table.name, ours, theirs)
                rows += 0 if ours is None else ours["rows"]
                progress.advance(1)
        answers = compare_answers(
            *await asyncio.gather(sample_answers(sides.source), sample_answers(sides.target))
        )
    if answers.differing:
        raise MoveError(
            "searches in the new database do not find what they find in the old one",
            detail=phrase(
                "{differing} of {searches} differ; the rows are equal",
                differing=answers.differing,
                searches=answers.searches,
            ),
            hint="use the same version of pgvector on both, and please report this",
        )
    return ComparedSides(len(sides.tables), rows, answers.searches)


async def compare_changes(sides: Sides, changes: Changes) -> None:
    """Compare the rows that were changed last, and the number of rows of every table.

    Raises MoveError if they differ, StoreError.
    """
    async with unhurried(sides.source), unhurried(sides.target):
        for table, keys in changes.batches(sides):
            _require_equal(table.name, *await _ask_both(sides, table.digest_keys, keys))
        for table in sides.tables:
            _require_equal(table.name, *await _ask_both(sides, table.count_rows))


async def _ask_both(sides: Sides, statement: str, *args: str) -> tuple[Row | None, Row | None]:
    ours, theirs = await asyncio.gather(
        sides.source.fetchrow(statement, *args), sides.target.fetchrow(statement, *args)
    )
    return ours, theirs


def _require_equal(table: str, ours: Row | None, theirs: Row | None) -> None:
    if ours is None or theirs is None or tuple(ours.values()) != tuple(theirs.values()):
        raise MoveError(
            phrase("the rows of {table} are not the same in both databases", table=table),
            detail="the old database is unchanged and in use as before",
            hint="make sure that nothing else writes to the new database, start again with "
            "--restart, and please report this",
        )
