"""What `sage search` and `sage context` share: a question, its filters, what was skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.schemas import SearchArguments
from sage.domain.memories import Role
from sage.terminal.output import Style, one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.cli.parsing import VerbParser
    from sage.domain.searching import Degradation
    from sage.terminal.output import Console


def add_filters(parser: VerbParser) -> None:
    """Declare which memories count."""
    parser.add_argument("--session", metavar="ID", help="only from this session")
    roles = [str(role) for role in Role]
    parser.add_argument("--role", choices=roles, help="only what this role said")
    parser.add_argument("--after", metavar="TIME", help="only from this time on, ISO 8601")
    parser.add_argument("--before", metavar="TIME", help="only before this time, ISO 8601")
    parser.add_argument("--metadata", metavar="JSON", help="only with this metadata (containment)")


def read_question(args: Namespace, **more: object) -> SearchArguments:
    """Read the question and its filters. Raises InvalidInputError."""
    given = {
        "query": args.query,
        "session_id": args.session,
        "role": args.role,
        "after": args.after,
        "before": args.before,
        "metadata": args.metadata,
        **more,
    }
    return SearchArguments.parse({k: value for k, value in given.items() if value is not None})


def write_skipped(degraded: Sequence[Degradation], console: Console) -> None:
    """Name the parts of the search that were skipped, and why."""
    for part in degraded:
        console.note(
            f"{console.paint_note('skipped', Style.WARN)} {part.part}: {one_line(part.reason)}"
        )
