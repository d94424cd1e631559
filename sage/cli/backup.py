"""`sage backup` and `sage restore`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import (
    configuration_of,
    named_database,
    settings_of,
    with_database,
)
from sage.cli.options import JSON, YES, positive
from sage.cli.verb import argument, one_of, verb
from sage.errors import BackupToolsError, InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.operations.backup.archive import Archive
    from sage.operations.backup.making import Backup
    from sage.operations.backup.manifest import Manifest
    from sage.operations.backup.restoring import Restored
    from sage.store.connections.pool import Database


@verb(
    "backup",
    one_of(
        argument("file", metavar="FILE", nargs="?", help="new file to write"),
        argument(
            "--to",
            metavar="DIR",
            help="directory for a file named after the current time (default: SAGE_BACKUP_DIR)",
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
    details="Backs up everything Sage stores, as of one moment; settings are not "
    "included. The file is read back and verified before it gets its name.",
)
def backup(args: Namespace, console: Console) -> int:
    """Back up the configured database."""
    from sage.cli.backup_report import write_backup
    from sage.cli.terminal.progress import Progress
    from sage.config.log_output import write_logs
    from sage.operations.backup.inventory import (
        backup_folder,
        delete_old_backups,
        place_for_backup,
        try_to_record,
    )
    from sage.operations.backup.making import make_backup
    from sage.operations.backup.scheduled import back_up_on_schedule

    if args.file and args.keep:
        raise InvalidInputError(
            "--keep", "{field} cannot be used with FILE", hint="pass --to DIR instead"
        )
    settings = configuration_of(args, listens=False).require_settings()
    if args.scheduled:
        settings = settings_of(args)
        write_logs(settings.log)
        with_database(args, lambda database: back_up_on_schedule(database, settings), settings)
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


_FILE = "sage-20261126T030000Z.backup"


@verb(
    "restore",
    argument("file", metavar="FILE", help="file written by `sage backup`"),
    argument(
        "--into",
        metavar="NAME|URL",
        help="database to restore into: a name on the same server, created if it does not exist,"
        " or a URL (default: SAGE_RESTORE_INTO, else the configured database)",
    ),
    argument("--replace", action="store_true", help="replace what the database contains"),
    argument("--check", action="store_true", help="only check the file"),
    YES,
    JSON,
    examples=(
        f"sage restore {_FILE}",
        f"sage restore {_FILE} --into yesterday",
        f"sage restore {_FILE} --replace",
    ),
    details="The file is verified before anything is changed. Sage creates the tables "
    "and functions itself, and only takes rows from the file. The restore is "
    "one transaction, committed only if all rows and the results of sampled "
    "searches are equal to those of the backup. If interrupted, the database "
    "is left unchanged. Only restore files that you trust: their memories, "
    "users and tokens are accepted as they are. Other users of the machine can read the command "
    "line: put a URL with a password into SAGE_RESTORE_INTO, or into a file that "
    "SAGE_RESTORE_INTO_FILE names, or the password into ~/.pgpass.",
)
def restore(args: Namespace, console: Console) -> int:
    """Check a backup, then restore it."""
    from sage.cli.backup_report import memories_text, write_caution, write_manifest, write_restored
    from sage.cli.terminal.progress import Progress
    from sage.cli.terminal.prompt import confirm
    from sage.local.signals import run_until_ended
    from sage.operations.backup.checking import check_archive, opened_archive

    if args.check and (args.into or args.replace):
        raise InvalidInputError(
            "--check", "{field} does not restore anything", hint="omit --into and --replace"
        )
    with opened_archive(Path(args.file).expanduser().absolute()) as archive:
        manifest = run_until_ended(check_archive(archive, partial(Progress, console)))
        if args.check:
            unread = run_until_ended(_check_objects(archive, manifest))
            write_manifest(console, manifest, unread=unread, as_json=args.json)
            return OK
        write_caution(console, manifest)
        memories = memories_text(manifest)
        if args.replace and not (
            args.yes
            or confirm(console, phrase("replace all data with {memories}", memories=memories))
        ):
            console.note(phrase("nothing was changed"))
            return FAILED
        done = run_until_ended(_restore(args, settings_of(args), archive, manifest, console))
    write_restored(console, done, as_json=args.json)
    return OK


async def _check_objects(archive: Archive, manifest: Manifest) -> BackupToolsError | None:
    """Check the objects in the dump; return why this machine cannot do so, if it cannot."""
    from sage.operations.backup.checking import refuse_foreign_objects
    from sage.operations.backup.tools import tools_to_read

    try:
        tools = await tools_to_read(manifest.tools)
    except BackupToolsError as error:
        return error
    await refuse_foreign_objects(archive, manifest, tools)
    return None


async def _restore(
    args: Namespace, settings: Settings, archive: Archive, manifest: Manifest, console: Console
) -> Restored:
    from sage.bootstrap import open_restore_target
    from sage.cli.terminal.progress import Progress
    from sage.operations.backup.restoring import restore_backup

    into = named_database(args.into, settings.backup.restore_into)
    async with open_restore_target(settings, into) as database:
        step = partial(Progress, console)
        return await restore_backup(database, archive, manifest, step, replace=args.replace)
