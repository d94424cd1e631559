"""`sage search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.presenters import present_search
from sage.cli.failures import OK
from sage.cli.question import add_filters, read_question, write_skipped
from sage.cli.running import settings_of, with_services
from sage.domain import limits
from sage.domain.caller import Caller
from sage.domain.local_time import local_time_text
from sage.terminal.output import Style, clipped, lines_of, one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.parsing import VerbParser
    from sage.domain.searching import Hit
    from sage.terminal.output import Console

_LINES_OF_TEXT = 2
_INDENT = 6
_MAX_NAME = 40


def declare(parser: VerbParser) -> None:
    """Declare a question and its filters."""
    parser.describe(
        search,
        examples=(
            'sage search "which tea does Mei like" -n 3',
            "sage search oolong --role assistant --after yesterday --json",
            """sage search tea --metadata '{"topic": "drinks"}'""",
        ),
    )
    parser.add_argument("query", metavar="QUERY", help="what to look for, in any language")
    parser.add_argument(
        "-n",
        type=int,
        default=5,
        metavar="N",
        help=f"results at most, 1 to {limits.MAX_RESULTS} (default: %(default)s)",
    )
    parser.add_argument(
        "--threshold", type=float, metavar="SCORE", help="drop results scored lower, 0 to 1"
    )
    add_filters(parser)
    parser.add_json()


def search(args: Namespace, console: Console) -> int:
    """Print memories that answer, best first."""
    settings = settings_of(args)
    question = read_question(args, settings.timezone, n=args.n, similarity_threshold=args.threshold)
    request = question.to_request(Caller())
    answer = with_services(args, lambda services: services.memory.search(request), settings)
    if args.json:
        console.write_json(present_search(answer).model_dump(mode="json"))
        return OK
    write_skipped(answer.degraded, console)
    if not answer.hits:
        console.note("nothing found")
    for hit in answer.hits:
        _write_hit(hit, settings.timezone, console)
    return OK


def _write_hit(hit: Hit, timezone: tzinfo, console: Console) -> None:
    memory = hit.memory
    who = str(memory.role) if memory.name is None else f"{one_line(memory.name)} ({memory.role})"
    console.write(
        f"{console.paint(f'{hit.score:.2f}', Style.BOLD)}"
        f"  {local_time_text(memory.created_at, timezone)}"
        f"  {console.paint(clipped(who, _MAX_NAME), Style.NAME)}"
        f"  {console.paint(str(memory.memory_id), Style.FAINT)}"
    )
    for line in lines_of(memory.content, console.width - _INDENT, _LINES_OF_TEXT):
        console.write(f"{' ' * _INDENT}{line}")
