"""A question with its filters, and what was skipped on the way to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.arguments import SearchArguments
from sage.cli.times import to_iso
from sage.domain.memories import Role
from sage.domain.relevance import MinRelevance, Relevance
from sage.terminal.console import Style
from sage.terminal.text import one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.cli.parsing import VerbParser
    from sage.domain.searching import Degradation
    from sage.terminal.console import Console


_TIME = "ISO 8601, or in words: yesterday, last week, 昨天"


def add_filters(parser: VerbParser) -> None:
    """Declare which memories count."""
    parser.add_argument("--session", metavar="ID", help="only from this session")
    roles = [str(role) for role in Role]
    parser.add_argument("--role", choices=roles, help="only messages of this role")
    parser.add_argument(
        "--after", metavar="TIME", help=f"only from this time on, inclusive: {_TIME}"
    )
    parser.add_argument("--before", metavar="TIME", help=f"only before this time: {_TIME}")
    parser.add_argument(
        "--metadata", metavar="JSON", help="only memories whose metadata contains this object"
    )


def add_min_relevance(parser: VerbParser) -> None:
    """Declare how well something must answer to be shown."""
    parser.add_argument(
        "--min-relevance",
        choices=[str(least) for least in MinRelevance],
        help="how well memories must answer to be shown; none: always show the closest (default:"
        " SAGE_MIN_RELEVANCE, else weak)",
    )


def read_question(args: Namespace, timezone: tzinfo, **more: object) -> SearchArguments:
    """Read the question and its filters, times in `timezone`. Raises InvalidInputError."""
    given = {
        "query": args.query,
        "session_id": args.session,
        "role": args.role,
        "after": to_iso("after", args.after, timezone),
        "before": to_iso("before", args.before, timezone),
        "metadata": args.metadata,
        "min_relevance": args.min_relevance,
        **more,
    }
    return SearchArguments.parse({k: value for k, value in given.items() if value is not None})


def write_nothing(relevance: Relevance, console: Console) -> None:
    """Say that nothing is shown, and how to see the closest."""
    if relevance in {Relevance.UNKNOWN, Relevance.STRONG}:
        console.note("nothing found")
        return
    console.note(
        f"nothing stored fits (relevance {relevance}); --min-relevance none shows the closest"
    )


def write_skipped(degraded: Sequence[Degradation], console: Console) -> None:
    """Name the parts of the search that were skipped, and why."""
    for part in degraded:
        console.note(("skipped", Style.WARN), f" {part.part}: {one_line(part.reason)}", hang=2)
