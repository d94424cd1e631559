"""`sage erase`, and the parts it shares with `sage space erase`."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import settings_of, with_database
from sage.cli.options import JSON, YES, checked_option, chosen_space, space_option
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.cli.views.program_name import command
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.text.wording import counted
from sage.errors import InvalidInputError
from sage.phrases import numbered, phrase
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.service.erasure.target import ErasureExtent


@verb(
    "erase",
    argument(
        "--author",
        metavar="NAME",
        help="everything saved by NAME; without --space, also the user NAME",
    ),
    argument("--session", metavar="ID", help="all messages of a session"),
    space_option("only in this space", phrase("default for a session, all for an author")),
    argument(
        "--verify",
        metavar="RECEIPT",
        help="check the signature of a receipt, and that none of the erased memories "
        "is in the database",
    ),
    YES,
    JSON,
    examples=(
        "sage erase --author anna",
        "sage erase --session tea --space team",
        "sage erase --verify receipts/9f0c2a52.json",
    ),
    details="Deletes from every table and index at once. This cannot be undone, unlike "
    "`sage forget`. `sage space erase` deletes a whole space. If interrupted, "
    "run it again. The signed receipt lists what was deleted, and which "
    "earlier backups still contain it.",
)
def erase(args: Namespace, console: Console) -> int:
    """Erase a session or an author, or check a receipt; exit with 1 if erased data is back."""
    from sage.operations.erasing import verify_receipt

    given = [args.author, args.session, args.verify]
    if sum(one is not None for one in given) != 1:
        raise InvalidInputError(
            "--author",
            "one of {field}, --session and --verify is required",
            hint="pass one of the three",
        )
    settings = settings_of(args)
    if args.verify is not None:
        work = partial(verify_receipt, settings=settings, path=Path(args.verify))
        receipt, returned = with_database(args, work, settings)
        _write_verified(console, receipt, returned, as_json=args.json)
        return FAILED if returned else OK
    session = checked_option("--session", args.session)
    space = chosen_space(args, settings) or (DEFAULT_SPACE if session else None)
    author = checked_option("--author", args.author)
    return erase_and_report(args, console, settings, ErasureTarget(space, session, author))


def erase_and_report(
    args: Namespace, console: Console, settings: Settings, target: ErasureTarget
) -> int:
    """Erase a target after confirmation. Raises SageError."""
    from sage.cli.terminal.progress import Progress
    from sage.cli.terminal.prompt import can_ask, confirm
    from sage.operations.erasing import erase_target, measured

    extent = with_database(args, partial(measured, target=target), settings)
    if not args.yes and not can_ask(console):
        raise InvalidInputError(
            "--yes",
            phrase("{field} is missing: this would {question}", question=_question(target, extent)),
            hint="pass --yes",
        )
    if not (args.yes or confirm(console, _question(target, extent))):
        console.note(phrase("nothing was erased"))
        return FAILED
    work = partial(erase_target, settings=settings, target=target, step=partial(Progress, console))
    path, receipt, removed = with_database(args, work, settings)
    _write_erased(console, path, receipt, removed, as_json=args.json)
    return OK


def _question(target: ErasureTarget, extent: ErasureExtent) -> str:
    """Return the question to ask before erasing."""
    memories = counted(extent.memories, "memory", "memories")
    sessions = counted(extent.sessions, "session", "sessions")
    return phrase(
        (
            "permanently erase {target}, which cannot be undone: {memories} in {sessions}; "
            "this continues an interrupted erasure"
        )
        if extent.begun
        else "permanently erase {target}, which cannot be undone: {memories} in {sessions}",
        target=target.text,
        memories=memories,
        sessions=sessions,
    )


def _write_erased(
    console: Console,
    path: Path,
    receipt: Mapping[str, Any],
    removed: Mapping[str, Sequence[str]],
    *,
    as_json: bool,
) -> None:
    """Write what was erased, the path of the receipt, and where copies of the data remain."""
    if as_json:
        console.write_json({"receipt": str(path), **receipt, "removed": removed})
        return
    memories = counted(receipt["rows"].get("memories", 0), "memory", "memories")
    rows = counted(sum(receipt["rows"].values()), "row", "rows")
    tables = counted(len(receipt["rows"]), "table", "tables")
    erased = phrase(
        "{erased} {target}: {memories}, {rows} of {tables}",
        erased=phrase("erased"),
        target=ErasureTarget(**receipt["target"]).text,
        memories=memories,
        rows=rows,
        tables=tables,
    )
    console.write(*styled(erased, erased=Style.GOOD))
    for kind, names in removed.items():
        if names:
            console.write(phrase("{kind} deleted: {names}", kind=kind, names=list(names)))
    console.write(phrase("receipt: {path}", path=path))
    left = receipt["left_in"]
    old = [*left["backups"], *left["old_databases"]]
    if old:
        still = phrase(
            "{still} {files} made before:",
            still=phrase("still in"),
            files=counted(len(old), "file", "files"),
        )
        console.write(*styled(still, still=Style.WARN))
        for one in old:
            console.write("  ", shlex.join(("rm", "-r", "--", one)))
        console.write(phrase("make a new backup first: {command}", command=command("backup")))
    if left["log_archive"]:
        archived = phrase(
            "{still} the WAL archive of the server, until the earlier backups there and their WAL"
            " expire",
            still=phrase("still in"),
        )
        console.write(*styled(archived, still=Style.WARN))
    console.write(
        phrase("Sage does not know of copies made elsewhere, such as backups and exports")
    )


def _write_verified(
    console: Console, receipt: Mapping[str, Any], returned: int, *, as_json: bool
) -> None:
    """Write whether a receipt is still valid."""
    erased = len(receipt["memory_id_sha256"])
    if as_json:
        console.write_json({"valid": True, "erased": erased, "returned": returned, **receipt})
        return
    memories = counted(erased, "memory", "memories")
    finished = f"{receipt['finished_at']:.19}".replace("T", " ")
    verdict = phrase(
        "{valid}: {target}, {memories}, erased {time} UTC",
        valid=phrase("valid"),
        target=ErasureTarget(**receipt["target"]).text,
        memories=memories,
        time=finished,
    )
    console.write(*styled(verdict, valid=Style.GOOD))
    if returned:
        back = numbered(
            "{returned}: {count:,} of them is in the database again",
            "{returned}: {count:,} of them are in the database again",
            count=returned,
            returned=phrase("returned"),
        )
        console.write(*styled(back, returned=Style.BAD))
    else:
        console.write(phrase("none of them is in the database"))
