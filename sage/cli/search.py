"""`sage search`, and `sage context`, which ranks by the same signals."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import session_of
from sage.cli.options import JSON, space_option, time_options
from sage.cli.search_report import (
    write_asked_before,
    write_judged_by,
    write_nothing,
    write_pending,
    write_relevance,
    write_skipped,
)
from sage.cli.verb import argument, verb
from sage.cli.views.memory import write_explanation, write_memory, write_replies
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.ids import is_part
from sage.domain.locating import Verdict
from sage.domain.memories import Role
from sage.domain.relevance import MinRelevance
from sage.domain.text.wording import printable
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


_MIN_RELEVANCE = argument(
    "--min-relevance",
    choices=[str(least) for least in MinRelevance],
    help="minimum relevance of the results; none: always show the closest (default: "
    "SAGE_MIN_RELEVANCE, else weak)",
)


@verb(
    "search",
    argument("query", metavar="QUERY", help="what to search for, in any language"),
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
    argument("--outline", action="store_true", help="shorten each result to the matching line"),
    argument(
        "--explain",
        action="store_true",
        help="show each score with its signals, and what each of them adds to it",
    ),
    argument("--why", action="store_true", help="explain in words why each result was found"),
    argument(
        "--why-not",
        metavar="ID|WORDS",
        help="explain why a memory was not found: its id, or the beginning or end of it, or words"
        " that it contains",
    ),
    argument(
        "--include-superseded",
        action="store_true",
        help="include memories that later ones replaced",
    ),
    argument("--include-questions", action="store_true", help="include unanswered questions"),
    _MIN_RELEVANCE,
    argument("--session", metavar="ID", help="only from this session"),
    argument("--role", choices=[str(role) for role in Role], help="only messages of this role"),
    *time_options("--after", "--before"),
    argument(
        "--metadata", metavar="JSON", help="only memories whose metadata contains this object"
    ),
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
    """Print the hits of a search in order, each with its probability of answering."""
    memories = AskedMemories(args)
    question = _question(
        args,
        memories,
        n=args.n,
        similarity_threshold=args.threshold,
        include_superseded=args.include_superseded,
        include_questions=args.include_questions,
        outline=args.outline,
        explain=args.explain or args.why or not args.json,
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
    from sage.cli.search_why import write_why
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
    write_relevance(answer.relevance, answer.judged_by, console)
    if args.explain:
        write_judged_by(answer.judged_by, console)
    write_asked_before(answer.asked, memories.timezone, console)
    return OK


def _question(args: Namespace, memories: AskedMemories, **more: object) -> dict[str, object]:
    """Return the arguments of a search, with times in the users' zone. Raises InvalidInputError."""
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


def _say_why_not(
    args: Namespace, console: Console, memories: AskedMemories, question: dict[str, object]
) -> int:
    """Print the rank of another memory in the search, and why."""
    from sage.cli.search_why import write_why_not

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


@verb(
    "context",
    argument("query", metavar="QUERY", help="what the text should be about"),
    argument(
        "-n",
        type=int,
        metavar="N",
        help=phrase(
            "maximum number of memories listed in addition to the text (--json), 1 to "
            "{most} (default: SAGE_MAX_RESULTS); does not limit the text",
            most=limits.MAX_RESULTS,
        ),
    ),
    argument(
        "--window",
        type=int,
        metavar="TOKENS",
        help=phrase(
            "maximum length, {least} to {most} tokens (default: SAGE_MAX_CONTEXT_TOKENS)",
            least=limits.MIN_CONTEXT_TOKENS,
            most=limits.MAX_CONTEXT_TOKENS,
        ),
    ),
    _MIN_RELEVANCE,
    argument("--session", metavar="ID", help="only from this session"),
    space_option("space to search, * for all"),
    argument(
        "--rerank",
        action=BooleanOptionalAction,
        help="rerank the memories with the reranking model (default: if configured)",
    ),
    argument("--summary", action="store_true", help="put a summary of the memories before them"),
    JSON,
    examples=('sage context "planning the trip to Kyoto" --window 1000',),
)
def context(args: Namespace, console: Console) -> int:
    """Print text for a prompt."""
    memories = AskedMemories(args)
    given = {
        "query": args.query,
        "max_results": args.n,
        "context_window": args.window,
        "min_relevance": args.min_relevance,
        "session_id": session_of(memories, args.session),
        "enable_neural_rerank": args.rerank,
        "enable_llm_summary": args.summary,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    answer = memories.ask(lambda there: there.context(asked))
    if args.json:
        console.write_json(to_json(answer))
        return OK
    write_skipped(answer.degraded, console)
    write_pending(answer.pending, console)
    if answer.context:
        console.write_text(f"{printable(answer.context).rstrip()}\n")
    else:
        write_nothing(answer.relevance, console)
    write_asked_before(answer.asked, memories.timezone, console)
    return OK
