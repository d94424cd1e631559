"""A question with its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.list_options import time_options
from sage.cli.verb import argument
from sage.domain.memories import Role
from sage.domain.relevance import MinRelevance

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.memories import AskedMemories


FILTERS = (
    argument("--session", metavar="ID", help="only from this session"),
    argument("--role", choices=[str(role) for role in Role], help="only messages of this role"),
    *time_options("--after", "--before"),
    argument(
        "--metadata", metavar="JSON", help="only memories whose metadata contains this object"
    ),
)
"""Which memories count."""

MIN_RELEVANCE = argument(
    "--min-relevance",
    choices=[str(least) for least in MinRelevance],
    help="how well memories must answer to be shown; none: always show the closest (default:"
    " SAGE_MIN_RELEVANCE, else weak)",
)


def read_question(args: Namespace, memories: AskedMemories, **more: object) -> dict[str, object]:
    """Return the arguments of a search, times in the zone of users. Raises InvalidInputError."""
    from sage.cli.naming import session_of
    from sage.cli.views.times import to_iso

    timezone = memories.timezone

    given = {
        "query": args.query,
        "session_id": session_of(memories, args.session),
        "role": args.role,
        "after": to_iso("after", args.after, timezone),
        "before": to_iso("before", args.before, timezone),
        "metadata": args.metadata,
        "min_relevance": args.min_relevance,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}
