"""`sage move`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import named_database, settings_of
from sage.cli.options import JSON, YES
from sage.cli.verb import argument, one_of, verb
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.operations.move.moving import MoveResult
    from sage.operations.move.sides import MovePlan

_ELSEWHERE = "postgresql://sage@db/sage"


@verb(
    "move",
    argument(
        "--from",
        dest="source",
        metavar="URL|embedded",
        help="database to move from (default: SAGE_MOVE_FROM, else the configured one)",
    ),
    argument(
        "--to",
        dest="target",
        metavar="URL|embedded",
        help="empty database to move to (default: SAGE_MOVE_TO)",
    ),
    one_of(
        argument("--dry-run", action="store_true", help="only check both, and print the plan"),
        argument(
            "--cancel",
            action="store_true",
            help="end a move, so that Sage can use the old database again",
        ),
    ),
    argument(
        "--restart", action="store_true", help="do not continue an interrupted move, start over"
    ),
    argument("--replace", action="store_true", help="replace what the new database contains"),
    YES,
    JSON,
    examples=(
        f"sage move --to {_ELSEWHERE} --dry-run",
        f"sage move --to {_ELSEWHERE}",
        f"sage move --from {_ELSEWHERE} --to embedded",
    ),
    details="Copies everything while Sage continues to save, compares the two databases, and "
    "asks before the switch, during which writes are refused for a few seconds. Then "
    "the old database refuses writes and names the new one. An interrupted move "
    "continues when it is run again. Other users of the machine can read the command line: put "
    "a URL with a password into SAGE_MOVE_FROM or SAGE_MOVE_TO, or into a file that "
    "SAGE_MOVE_FROM_FILE or SAGE_MOVE_TO_FILE names, or the password into ~/.pgpass.",
)
def move(args: Namespace, console: Console) -> int:
    """Move all data to another database, or cancel a move."""
    from sage.cli.move_report import write_moved, write_plan
    from sage.local.signals import run_until_ended

    settings = settings_of(args)
    if args.cancel:
        if args.target or args.restart or args.replace:
            raise InvalidInputError(
                "--cancel",
                "{field} can only be combined with --from",
                hint="omit the other options",
            )
        return run_until_ended(_cancel(args, settings, console))
    if not _target(args, settings):
        raise InvalidInputError(
            "--to",
            "{field} is missing",
            hint="name the new database with --to or SAGE_MOVE_TO: a URL, or embedded",
        )
    plan, moved = run_until_ended(_move(args, settings, console))
    if args.dry_run or (args.json and moved is None):
        write_plan(console, plan, as_json=args.json)
        return OK if args.dry_run else FAILED
    if moved is None:
        return FAILED
    write_moved(console, moved, target=_target(args, settings), as_json=args.json)
    return OK


def _source(args: Namespace, settings: Settings) -> str | None:
    """Return what the old database is called; None for the configured one."""
    return named_database(args.source, settings.move.source)


def _target(args: Namespace, settings: Settings) -> str:
    """Return what the new database is called, empty where it is not named."""
    return named_database(args.target, settings.move.target) or ""


async def _move(
    args: Namespace, settings: Settings, console: Console
) -> tuple[MovePlan, MoveResult | None]:
    from sage.cli.move_report import write_plan
    from sage.cli.terminal.progress import Progress
    from sage.cli.terminal.prompt import confirm
    from sage.operations.move.ends import open_end
    from sage.operations.move.moving import move_data
    from sage.operations.move.sides import look_at

    async with (
        open_end(settings, _source(args, settings), option="--from", create=False) as source,
        open_end(settings, _target(args, settings), option="--to", create=True) as target,
    ):
        plan = await look_at(source, target, replace=args.replace, restart=args.restart)
        if args.dry_run:
            return plan, None
        if not args.json:
            write_plan(console, plan, as_json=False)
        if plan.replaces and args.replace and not args.yes:
            question = phrase("replace all data in the {place}", place=plan.target.described)
            if not confirm(console, question):
                console.note(phrase("nothing was changed"))
                return plan, None

        async def ready() -> bool:
            """Ask whether writes may stop now."""
            if args.yes or confirm(
                console, phrase("everything is copied, and the databases are equal: switch now")
            ):
                return True
            console.note(
                phrase("not switched: run the same command again to copy recent changes and switch")
            )
            return False

        step = partial(Progress, console)
        return plan, await move_data(source, target, plan, step, ready=ready)


async def _cancel(args: Namespace, settings: Settings, console: Console) -> int:
    from sage.cli.move_report import write_canceled
    from sage.cli.terminal.prompt import confirm
    from sage.operations.move.ends import open_end
    from sage.operations.move.moving import cancel_move, mark_of
    from sage.store.moving.mark import MOVED

    async with open_end(settings, _source(args, settings), option="--from", create=False) as source:
        mark = await mark_of(source)
        if mark is not None and mark.state == MOVED and not args.yes:
            question = phrase(
                "use this database again, without what was saved in the {other} since",
                other=mark.other,
            )
            if not confirm(console, question):
                console.note(phrase("nothing was changed"))
                return FAILED
        await cancel_move(source)
    write_canceled(console, mark, as_json=args.json)
    return OK
