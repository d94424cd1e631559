"""An erasure and its receipt."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from sage.cli.terminal.console import Style, styled
from sage.cli.views.program_name import command
from sage.domain.text.wording import counted
from sage.phrases import numbered, phrase
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sage.cli.terminal.console import Console
    from sage.service.erasure.target import ErasureExtent


def question(target: ErasureTarget, extent: ErasureExtent) -> str:
    """Return what to ask before anything is erased."""
    memories = counted(extent.memories, "memory", "memories")
    sessions = counted(extent.sessions, "session", "sessions")
    return phrase(
        "erase {target} for good, which cannot be undone: {memories} in {sessions}; "
        "it was begun before and goes on"
        if extent.begun
        else "erase {target} for good, which cannot be undone: {memories} in {sessions}",
        target=target.text,
        memories=memories,
        sessions=sessions,
    )


def write_erased(
    console: Console,
    path: Path,
    receipt: Mapping[str, Any],
    removed: Mapping[str, Sequence[str]],
    *,
    as_json: bool,
) -> None:
    """Write what was erased, where the receipt is, and where the data still is."""
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
            "{still} the archive of the server's log: let the backups made before expire there,"
            " with their part of the log",
            still=phrase("still in"),
        )
        console.write(*styled(archived, still=Style.WARN))
    console.write(phrase("copies made elsewhere, backups and exports, are not known here"))


def write_verified(
    console: Console, receipt: Mapping[str, Any], returned: int, *, as_json: bool
) -> None:
    """Write whether a receipt still holds."""
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
