"""Report what transcripts hold, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.importing.transcripts import transcripts_of
from sage.terminal.console import Style
from sage.terminal.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.importing.sources import ImportSource
    from sage.terminal.console import Console

_COUNTS = ("source", "read", "copies", "skipped", "repaired", "undated")


def write_found(console: Console, *, as_json: bool) -> None:
    """List the transcripts on this machine with their numbers of messages. Raises OSError."""
    found = transcripts_of(Path.home())
    for one in found:
        sum(1 for _ in one.memories())
    if as_json:
        console.write_json({"sources": [_to_json(one, {}) for one in found]})
        return
    for one in found:
        files = counted(len(one.paths), "file", "files")
        messages = counted(one.read, "message", "messages")
        console.write((f"{one.source:<12}", Style.NAME), f"{messages} in {files}")
    if not found:
        console.write("there are no transcripts where clients keep them")


def write_imported(
    console: Console,
    found: Sequence[ImportSource],
    results: Sequence[Mapping[str, int]],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Report for each source what was `added`, what was `there`, and what was left out and why."""
    pairs = [*zip(found, results, strict=True)]
    if as_json:
        added = sum(done["added"] for done in results)
        sources = [_to_json(one, done) for one, done in pairs]
        console.write_json({"added": added, "sources": sources})
        return
    for one, done in pairs:
        parts = {
            "there already": done["there"],
            "copies": one.copies,
            "without text": one.skipped,
            "repaired": one.repaired,
            "undated": one.undated,
        }
        rest = "".join(f", {number:,} {what}" for what, number in parts.items() if number)
        messages = counted(one.read, "message", "messages")
        what = "new" if dry_run else "imported"
        console.write((one.source, Style.NAME), f": {messages}, {done['added']:,} {what}{rest}")


def _to_json(one: ImportSource, done: Mapping[str, int]) -> dict[str, object]:
    return {name: getattr(one, name) for name in _COUNTS} | {"files": len(one.paths)} | {**done}
