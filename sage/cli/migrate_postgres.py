"""`sage migrate postgres`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare where the programs of the old version are."""
    parser.describe(
        upgrade,
        examples=("sage migrate postgres --programs /usr/lib/postgresql/17",),
        details="The database is backed up, restored into a new one and compared before the two"
        " change places; until then, a failure leaves all as it was. The old files are kept.",
    )
    parser.add_argument(
        "--programs",
        metavar="DIR",
        required=True,
        help="directory whose bin has the programs of the PostgreSQL that made the database",
    )
    parser.add_json()


def upgrade(args: Namespace, console: Console) -> int:
    """Upgrade the embedded database."""
    from sage.cli.backup_report import write_upgraded
    from sage.cli.terminal.progress import Progress
    from sage.local.signals import run_until_ended
    from sage.operations.backup.folder import backup_folder
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
