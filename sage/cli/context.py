"""`sage context`."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import session_of
from sage.cli.options import JSON, space_option
from sage.cli.search_options import MIN_RELEVANCE
from sage.cli.verb import argument, verb
from sage.cli.views.relevance import write_asked_before, write_nothing, write_pending, write_skipped
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.text.wording import printable
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "context",
    argument("query", metavar="QUERY", help="what the text should be about"),
    argument(
        "-n",
        type=int,
        metavar="N",
        help=phrase(
            "maximum number of memories listed beside the text (--json), 1 to {most} (default:"
            " SAGE_MAX_RESULTS); does not limit the text",
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
    MIN_RELEVANCE,
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
