"""What each verb takes. Values are checked by the domain, so that one rule serves every surface."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.memories import Role

if TYPE_CHECKING:
    from argparse import ArgumentParser


def nothing(_parser: ArgumentParser) -> None:
    """Declare no argument."""


def json_output(parser: ArgumentParser) -> None:
    """Declare the option for machines."""
    parser.add_argument(
        "--json", action="store_true", default=SUPPRESS, help="print the result as JSON"
    )


def serve(parser: ArgumentParser) -> None:
    """Declare where to listen."""
    parser.add_argument("--host", help="address to listen on (default: MCP_SERVER_HOST)")
    parser.add_argument("--port", help="port to listen on (default: MCP_SERVER_PORT)")
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="processes that answer; each loads the model (default: %(default)s)",
    )


def save(parser: ArgumentParser) -> None:
    """Declare the conversation to keep."""
    parser.add_argument("user", nargs="?", metavar="USER", help="what the user said")
    parser.add_argument("assistant", nargs="?", metavar="ASSISTANT", help="what was answered")
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="read the messages from FILE; - is standard input"
    )
    parser.add_argument("--session", metavar="ID", help="the session it belongs to (default: new)")
    parser.add_argument("--metadata", metavar="JSON", help="a JSON object kept with each message")
    parser.add_argument(
        "--created-at", metavar="TIME", help="when it was said, ISO 8601 (default: now)"
    )
    parser.add_argument(
        "--idempotency-key", metavar="KEY", help="save once however often this is run"
    )
    json_output(parser)


def search(parser: ArgumentParser) -> None:
    """Declare a question and its filters."""
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
    _filters(parser)
    json_output(parser)


def context(parser: ArgumentParser) -> None:
    """Declare what the text is for and how long it may be."""
    parser.add_argument("query", metavar="QUERY", help="what the text is to be about")
    parser.add_argument(
        "-n",
        type=int,
        metavar="N",
        help=f"memories at most, 1 to {limits.MAX_RESULTS} (default: SAGE_MAX_RESULTS)",
    )
    parser.add_argument(
        "--window",
        type=int,
        metavar="TOKENS",
        help=f"length at most, {limits.MIN_CONTEXT_TOKENS} to {limits.MAX_CONTEXT_TOKENS} tokens"
        " (default: SAGE_MAX_CONTEXT_TOKENS)",
    )
    _filters(parser)
    json_output(parser)


def forget(parser: ArgumentParser) -> None:
    """Declare what to forget."""
    parser.add_argument("memory_ids", nargs="*", metavar="MEMORY_ID", help="memories to forget")
    parser.add_argument("--session", metavar="ID", help="forget a whole session")
    parser.add_argument(
        "--undo",
        action="store_true",
        help=f"bring back what was forgotten in the last {limits.UNDO_WINDOW_DAYS} days",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    json_output(parser)


def reembed(parser: ArgumentParser) -> None:
    """Declare the model to move to."""
    parser.add_argument(
        "--model",
        dest="embedding_model",
        metavar="NAME",
        help="the model to move to (default: EMBEDDING_MODEL)",
    )
    parser.add_argument(
        "--provider",
        dest="embedding_provider",
        metavar="NAME",
        help="who makes the vectors: local, siliconflow, openai (default: EMBEDDING_PROVIDER)",
    )
    parser.add_argument(
        "--dimensions",
        dest="embedding_dimensions",
        metavar="N",
        help="length of the vectors, where the model has several (default: EMBEDDING_DIMENSIONS)",
    )
    parser.add_argument(
        "--drop-old",
        action="store_true",
        help="afterwards delete the vectors of all models that do not answer",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    json_output(parser)


def export(parser: ArgumentParser) -> None:
    """Declare what to write out."""
    parser.add_argument("--space", metavar="NAME", help="only this space (default: all)")


def import_(parser: ArgumentParser) -> None:
    """Declare what to read in, and where to."""
    parser.add_argument("file", metavar="FILE", help="one memory a line; - is standard input")
    parser.add_argument(
        "--space", metavar="NAME", help="keep all in this space (default: as each line says)"
    )
    parser.add_argument(
        "--session", metavar="ID", help="the session of lines that name none, as in a plain chat"
    )
    json_output(parser)


def config_env(parser: ArgumentParser) -> None:
    """Declare where the example goes."""
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to a new file (default: stdout)"
    )


def healthcheck(parser: ArgumentParser) -> None:
    """Declare how much must work."""
    parser.add_argument(
        "--readiness", action="store_true", help="ask whether calls can be answered, not only life"
    )


def bench_quick(parser: ArgumentParser) -> None:
    """Declare where the result goes."""
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        default=SUPPRESS,
        metavar="FILE",
        help="write the result as JSON to FILE; without FILE, instead of the table",
    )


def bench_quality(parser: ArgumentParser) -> None:
    """Declare what is asked about, and how."""
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        help="conversations in the form of LoCoMo (default: three small sets of Sage's own)",
    )
    parser.add_argument(
        "--no-names", action="store_true", help="keep them as plain chats of user and assistant"
    )
    parser.add_argument(
        "--merged", action="store_true", help="ask into all conversations of a file at once"
    )
    parser.add_argument(
        "--ablate", action="store_true", help="ask again without each signal: what is it worth?"
    )
    parser.add_argument(
        "--context",
        action="store_true",
        help="ask for contexts, too: how much of what answers stands in them?",
    )
    bench_quick(parser)


def bench_latency(parser: ArgumentParser) -> None:
    """Declare at which sizes, and with how many clients."""
    parser.add_argument(
        "--memories",
        type=_numbers,
        default=(1_000, 10_000),
        metavar="N,...",
        help="sizes to measure at (default: 1000,10000)",
    )
    parser.add_argument(
        "--large", action="store_true", help="measure at 1,000,000 memories, too: takes an hour"
    )
    parser.add_argument(
        "--clients",
        type=int,
        default=16,
        metavar="N",
        help="clients that call at once when throughput is measured (default: %(default)s)",
    )
    bench_quick(parser)


def bench_recall(parser: ArgumentParser) -> None:
    """Declare in spaces of which sizes, and with how many questions."""
    parser.add_argument(
        "--memories",
        type=_numbers,
        default=(100, 1_000, 10_000, 50_000),
        metavar="N,...",
        help="sizes of the plain spaces (default: 100,1000,10000,50000)",
    )
    parser.add_argument(
        "--questions",
        type=int,
        default=100,
        metavar="N",
        help="questions asked into each space (default: %(default)s)",
    )
    bench_quick(parser)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no list of numbers, such as 1000,10000") from None


def _filters(parser: ArgumentParser) -> None:
    parser.add_argument("--session", metavar="ID", help="only from this session")
    roles = [str(role) for role in Role]
    parser.add_argument("--role", choices=roles, help="only what this role said")
    parser.add_argument("--after", metavar="TIME", help="only from this time on, ISO 8601")
    parser.add_argument("--before", metavar="TIME", help="only before this time, ISO 8601")
    parser.add_argument("--metadata", metavar="JSON", help="only with this metadata (containment)")
