"""`sage migrate`."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK, report_failure
from sage.cli.open_services import configuration_of, settings_of, with_database
from sage.cli.options import JSON
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.domain.local_time import local_time_text
from sage.errors import InvalidInputError
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.store.citus.bringing_in import Distribution
    from sage.store.connections.pool import Database
    from sage.store.migrate import Migration


_MOST_SHARDS = 1024

_UP = (
    argument("--no-backup", action="store_true", help="do not make a backup first"),
    JSON,
)
_EXAMPLES = ("sage migrate up", "sage migrate up --no-backup")
_BACKED_UP = phrase(
    "The database of an earlier release is backed up first, if pg_dump is installed. "
    "The two newest of these backups are kept."
)


@verb("migrate", *_UP, examples=_EXAMPLES, details=_BACKED_UP)
@verb(
    "migrate up",
    *_UP,
    summary="apply missing migrations; safe to run from several places at once",
    examples=_EXAMPLES,
    details=_BACKED_UP,
)
def up(args: Namespace, console: Console) -> int:
    """Apply the missing migrations."""
    from sage.cli.terminal.progress import Progress
    from sage.local.data_dir.upgrade_record import read_upgrade
    from sage.operations.upgrade import bring_up_to_date

    settings = settings_of(args)
    began_at = time.time()

    async def work(database: Database) -> tuple[Migration, ...]:
        step = partial(Progress, console)
        return await bring_up_to_date(database, settings, step=step, backs_up=not args.no_backup)

    applied = with_database(args, work, settings, create=True)
    done = read_upgrade(settings.data_dir)
    backup = done.backup if done and done.at >= began_at else ""
    if args.json:
        named = [_named(one.version, one.name) for one in applied]
        console.write_json({"applied": named, "backup": backup or None})
        return OK
    if backup:
        made = phrase("{done} to {backup}", done=phrase("backed up"), backup=backup)
        console.write(*styled(made, done=Style.GOOD))
    for one in applied:
        console.write((phrase("applied"), Style.GOOD), f" {_named(one.version, one.name)}")
    if not applied:
        console.write(phrase("the schema is current"))
    return OK


@verb(
    "migrate status",
    JSON,
    summary="list the migrations; exit 1 if the schema is not current",
    examples=("sage migrate status", "sage migrate status --json"),
)
def status(args: Namespace, console: Console) -> int:
    """List applied and missing migrations; exit 1 if the schema is not current."""
    from sage.cli.views.program_name import as_called
    from sage.store.migrate import migration_status

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
            (phrase("applied"), Style.GOOD),
            f" {_named(one.version, one.name)}  {local_time_text(one.applied_at, timezone)}",
        )
    for missing in state.pending:
        console.write((phrase("pending"), Style.WARN), f" {_named(missing.version, missing.name)}")
    if state.problem is not None:
        return report_failure(console, state.problem)
    if state.pending:
        pending = numbered(
            "{count:,} migration is pending: run `sage migrate up`",
            "{count:,} migrations are pending: run `sage migrate up`",
            count=len(state.pending),
        )
        console.note(as_called(pending))
    return OK if state.current else FAILED


@verb(
    "migrate postgres",
    argument(
        "--programs",
        metavar="DIR",
        required=True,
        help="directory whose bin contains the programs of the older PostgreSQL",
    ),
    JSON,
    summary="move the embedded database to the PostgreSQL that comes with this release",
    examples=("sage migrate postgres --programs /usr/lib/postgresql/17",),
    details="The database is backed up, restored into a new one and compared before "
    "the two are swapped; until then, a failure leaves everything unchanged. "
    "The old files are kept.",
)
def upgrade(args: Namespace, console: Console) -> int:
    """Upgrade the embedded database."""
    from sage.cli.backup_report import write_upgraded
    from sage.cli.terminal.progress import Progress
    from sage.local.signals import run_until_ended
    from sage.operations.backup.inventory import backup_folder
    from sage.operations.backup.upgrading import upgrade_database

    settings = settings_of(args)
    if settings.database.dsn is not None:
        raise InvalidInputError(
            "DATABASE_URL", "{field} is set", hint="only the embedded one is upgraded"
        )
    programs = Path(args.programs).expanduser().absolute()
    backups, step = backup_folder(settings), partial(Progress, console)
    done = run_until_ended(upgrade_database(settings.data_dir, programs, backups, step))
    write_upgraded(console, done, as_json=args.json)
    return OK


@verb(
    "migrate distribute",
    argument(
        "--shards",
        type=int,
        default=32,
        metavar="COUNT",
        help="number of shards, and the maximum number of nodes that can share them",
    ),
    argument("--dry-run", action="store_true", help="show what would be done"),
    JSON,
    summary="distribute the database over the nodes of a Citus cluster, space by space",
    examples=("sage migrate distribute --dry-run", "sage migrate distribute"),
    details="The database requires the extension Citus with its workers, and no running Sage "
    "may use it. Everything is done in one transaction. The command can be repeated, "
    "for example after an upgrade: tables that are already distributed are unchanged.",
)
def distribute_database(args: Namespace, console: Console) -> int:
    """Distribute the database."""
    from sage.cli.views.distribution import write_distribution
    from sage.store.citus.distributing import distribute, look
    from sage.store.migrate import require_schema

    if not 1 <= args.shards <= _MOST_SHARDS:
        raise InvalidInputError(
            "--shards", phrase("{field} must be between 1 and {most}", most=_MOST_SHARDS)
        )

    async def work(database: Database) -> Distribution:
        await require_schema(database)
        return await (look(database) if args.dry_run else distribute(database, shards=args.shards))

    found = with_database(args, work)
    write_distribution(console, found, is_done=not args.dry_run, as_json=args.json)
    return OK


def _named(version: int, name: str) -> str:
    return f"{version:04d}_{name}"
