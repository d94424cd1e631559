"""`sage search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, space_option
from sage.cli.search_options import FILTERS, MIN_RELEVANCE, read_question
from sage.cli.verb import argument, verb
from sage.cli.views.memory import write_explanation, write_memory, write_replies
from sage.cli.views.relevance import (
    write_asked_before,
    write_judged_by,
    write_nothing,
    write_pending,
    write_relevance,
    write_skipped,
)
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.locating import Verdict
from sage.domain.short_ids import is_part
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "search",
    argument("query", metavar="QUERY", help="what to look for, in any language"),
    argument(
        "-n",
        "--limit",
        dest="n",
        type=int,
        default=5,
        metavar="N",
        help=phrase(
            "maximum number of results, 1 to {most} (default: %(default)s)", most=limits.MAX_RESULTS
        ),
    ),
    argument(
        "--threshold",
        type=float,
        metavar="PROBABILITY",
        help="omit results less likely to answer than this, 0 to 1",
    ),
    argument("--outline", action="store_true", help="cut each result to the line that matters"),
    argument(
        "--explain",
        action="store_true",
        help="show each score with its signals, and what each of them adds to it",
    ),
    argument("--why", action="store_true", help="say in words why each was found"),
    argument(
        "--why-not",
        metavar="ID|WORDS",
        help="say why another memory was not found: its id or a part of it, or words that it holds",
    ),
    argument(
        "--include-superseded", action="store_true", help="also find what later memories replaced"
    ),
    argument(
        "--include-questions", action="store_true", help="also find what was asked and not answered"
    ),
    MIN_RELEVANCE,
    *FILTERS,
    space_option("space to search, * for all"),
    JSON,
    examples=(
        'sage search "which tea does Mei like" -n 3',
        "sage search oolong --role user --after yesterday --json",
        "sage search tea --why",
        "sage search tea --why-not 49216d62",
        """sage search tea --metadata '{"topic": "drinks"}'""",
    ),
)
def search(args: Namespace, console: Console) -> int:
    """Print memories in the order of the search, each with the probability that it answers."""
    memories = AskedMemories(args)
    question = read_question(
        args,
        memories,
        n=args.n,
        similarity_threshold=args.threshold,
        include_superseded=args.include_superseded,
        include_questions=args.include_questions,
        outline=args.outline,
        explain=args.explain or args.why,
    )
    if args.why_not is not None:
        return _say_why_not(args, console, memories, question)
    answer = memories.ask(lambda there: there.search(question))
    if args.json:
        console.write_json(to_json(answer))
        return OK
    write_skipped(answer.degraded, console)
    write_pending(answer.pending, console)
    if not answer.fits or not answer.results:
        write_nothing(answer.relevance, console)
        write_asked_before(answer.asked, memories.timezone, console)
        return OK
    from sage.cli.views.why import write_why
    from sage.retrieval.text.highlights import matches_of

    find = matches_of(args.query)
    for hit in answer.results:
        likely = "" if hit.probability is None else f"{hit.probability:.2f}"
        write_memory(console, hit, memories.timezone, first=likely, find=find)
        write_replies(console, hit.reply, hit.correction)
        if args.why:
            write_why(console, hit, args.query, answer.judged_by)
        if args.explain:
            write_explanation(console, hit.score, hit.signals, hit.contributions)
        console.write()
    write_relevance(answer.relevance, console)
    if args.explain:
        write_judged_by(answer.judged_by, console)
    write_asked_before(answer.asked, memories.timezone, console)
    return OK


def _say_why_not(
    args: Namespace, console: Console, memories: AskedMemories, question: dict[str, object]
) -> int:
    """Print where another memory fell in the search."""
    from sage.cli.views.why import write_why_not

    is_id = is_part(args.why_not)
    other = {"memory_id" if is_id else "text": args.why_not}
    located = memories.ask(lambda there: there.locate({**question, **other}))
    if is_id and located.verdict is Verdict.UNKNOWN:  # it may be a word, such as cafe
        other = {"text": args.why_not}
        located = memories.ask(lambda there: there.locate({**question, **other}))
    if args.json:
        console.write_json(to_json(located))
        return OK
    write_skipped(located.degraded, console)
    write_why_not(console, located, memories.timezone)
    return OK
