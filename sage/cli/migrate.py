"""`sage migrate up` and `status`; `postgres` is in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli import migrate_postgres
from sage.cli.failures import FAILED, OK, report_failure
from sage.cli.open_services import configuration_of, with_database
from sage.domain.local_time import local_time_text
from sage.store.migrate import migrate, migration_status
from sage.terminal.console import Style
from sage.terminal.text import counted
from sage.views.program_name import as_called

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare `up`, which is what `sage migrate` alone means, `status` and `postgres`."""
    parser.add_verb(
        "up",
        "apply missing migrations; safe to run from several places at once",
        _declare_up,
    )
    parser.add_verb(
        "status", "list the migrations; exit 1 if the schema is not current", _declare_status
    )
    parser.add_verb(
        "postgres",
        "move the embedded database to the PostgreSQL that comes with this release",
        migrate_postgres.declare,
    )
    _declare_up(parser)


def _declare_up(parser: VerbParser) -> None:
    parser.describe(up, examples=("sage migrate up",))
    parser.add_json()


def _declare_status(parser: VerbParser) -> None:
    parser.describe(status, examples=("sage migrate status", "sage migrate status --json"))
    parser.add_json()


def up(args: Namespace, console: Console) -> int:
    """Apply the migrations that are missing."""
    applied = with_database(args, migrate, create=True)
    if args.json:
        console.write_json({"applied": [_named(one.version, one.name) for one in applied]})
        return OK
    for one in applied:
        console.write(("applied", Style.GOOD), f" {_named(one.version, one.name)}")
    if not applied:
        console.write("the schema is current")
    return OK


def status(args: Namespace, console: Console) -> int:
    """List what is applied and what is missing; exit 1 when the schema is not current."""
    state = with_database(args, migration_status)
    if args.json:
        console.write_json(
            {
                "current": state.current,
                "applied": [
                    {"migration": _named(one.version, one.name), "at": one.applied_at.isoformat()}
                    for one in state.applied
                ],
                "pending": [_named(one.version, one.name) for one in state.pending],
                "problem": None if state.problem is None else state.problem.message,
            }
        )
        return OK if state.current else FAILED
    timezone = configuration_of(args).require_settings().timezone
    for one in state.applied:
        console.write(
            ("applied", Style.GOOD),
            f" {_named(one.version, one.name)}  {local_time_text(one.applied_at, timezone)}",
        )
    for missing in state.pending:
        console.write(("pending", Style.WARN), f" {_named(missing.version, missing.name)}")
    if state.problem is not None:
        return report_failure(console, state.problem)
    if state.pending:
        count = counted(len(state.pending), "migration is", "migrations are")
        console.note(as_called(f"{count} pending: run `sage migrate up`"))
    return OK if state.current else FAILED


def _named(version: int, name: str) -> str:
    return f"{version:04d}_{name}"
