"""Report the distribution of a database with Citus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console
    from sage.store.citus.bringing_in import Distribution


def write_distribution(
    console: Console, found: Distribution, *, is_done: bool, as_json: bool
) -> None:
    """Write what was distributed, or would be, as lines or as one JSON object."""
    workers = [node.name for node in found.workers]
    if as_json:
        console.write_json(
            {
                "done": is_done,
                "was_distributed": found.is_distributed,
                "citus": found.version,
                "workers": workers,
                "distributed": list(found.to_distribute),
                "copied": list(found.to_copy),
            }
        )
        return
    if found.is_complete:
        console.write(phrase("the database is distributed; nothing is missing"))
    for name in found.to_copy:
        line = (
            phrase("{copied} to every node: {table}", copied=phrase("copied"), table=name)
            if is_done
            else phrase("{copied} to every node: {table}", copied=phrase("to copy"), table=name)
        )
        console.write(*styled(line, copied=Style.GOOD if is_done else Style.WARN))
    for name in found.to_distribute:
        line = (
            phrase("{done} by space: {table}", done=phrase("distributed"), table=name)
            if is_done
            else phrase("{done} by space: {table}", done=phrase("to distribute"), table=name)
        )
        console.write(*styled(line, done=Style.GOOD if is_done else Style.WARN))
    console.note(
        numbered(
            "Citus {version}, {count} node for spaces: {nodes}",
            "Citus {version}, {count} nodes for spaces: {nodes}",
            count=len(workers),
            version=found.version,
            nodes=", ".join(workers),
        )
    )
