"""`sage backup`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import configuration_of, with_database
from sage.cli.options import JSON, positive
from sage.cli.verb import argument, one_of, verb
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.operations.backup.making import Backup
    from sage.store.connections.pool import Database


@verb(
    "backup",
    one_of(
        argument("file", metavar="FILE", nargs="?", help="new file to write"),
        argument(
            "--to",
            metavar="DIR",
            help="directory for a file named by the time (default: SAGE_BACKUP_DIR)",
        ),
        argument(
            "--scheduled",
            action="store_true",
            help="keep running, and back up on the schedule of SAGE_BACKUP_SCHEDULE",
        ),
    ),
    argument(
        "--keep",
        metavar="N",
        type=positive,
        help="then delete all but the N newest backups of this database in the directory",
    ),
    JSON,
    examples=("sage backup", "sage backup --to /mnt/backups --keep 7"),
    details="Everything Sage stores is backed up as of one moment; settings are not included."
    " The file is read again and checked before it gets its name.",
)
def backup(args: Namespace, console: Console) -> int:
    """Back up the configured database."""
    from sage.cli.backup_report import write_backup
    from sage.cli.terminal.progress import Progress
    from sage.operations.backup.folder import backup_folder, delete_old_backups, place_for_backup
    from sage.operations.backup.last_backup import try_to_record
    from sage.operations.backup.making import make_backup
    from sage.operations.backup.scheduled import back_up_on_schedule

    if args.file and args.keep:
        raise InvalidInputError(
            "--keep", "{field} cannot be used with FILE", hint="pass --to DIR instead"
        )
    settings = configuration_of(args, listens=False).require_settings()
    if args.scheduled:
        with_database(args, lambda database: back_up_on_schedule(database, settings))
        return OK
    folder = Path(args.to).expanduser().absolute() if args.to else backup_folder(settings)
    file = Path(args.file).expanduser().absolute() if args.file else None

    async def work(database: Database) -> Backup:
        place = file or place_for_backup(folder)
        made = await make_backup(database, place, partial(Progress, console))
        await try_to_record(database, made.manifest.created_at)
        return made

    made = with_database(args, work)
    since = made.manifest.origin.database_since
    deleted = delete_old_backups(folder, args.keep, since) if args.keep else []
    write_backup(console, made, deleted, as_json=args.json)
    return OK
