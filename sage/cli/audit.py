"""`sage audit`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import configuration_of, with_database
from sage.cli.options import JSON, positive
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "audit",
    argument("--since", metavar="TIME", help="only events since this time"),
    argument("--user", metavar="NAME", help="only events of this user"),
    argument("--token", metavar="NAME", help="only events of this token"),
    argument("--space", metavar="NAME", help="only events of this space"),
    argument("--action", metavar="NAME", help="only events of this tool, route or command"),
    argument("-n", "--limit", type=positive, default=50, help="maximum number (default: 50)"),
    argument("--export", action="store_true", help="print all, as JSON Lines"),
    JSON,
    examples=("sage audit --since yesterday", "sage audit --export > audit.jsonl"),
    details="Lists who called what, in which space, with which ids and outcome, newest first.",
)
def audit(args: Namespace, console: Console) -> int:
    """List or export events."""
    from sage.access.audit.store import EventFilter
    from sage.cli.audit_report import write_events
    from sage.retrieval.text.relative_dates import parse_time

    timezone = configuration_of(args, listens=False).require_settings().timezone
    now = datetime.now(UTC)
    since = args.since and parse_time("--since", args.since, now=now, timezone=timezone)
    choice = EventFilter(since, args.user, args.token, args.space, args.action)
    limit = None if args.export else args.limit
    shown = partial(write_events, choice=choice, limit=limit, timezone=timezone, as_json=args.json)
    with_database(args, partial(shown, console))
    return OK
