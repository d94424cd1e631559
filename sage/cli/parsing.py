"""Build the parser from the table of verbs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sage import __version__
from sage.cli.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.verbs import Verb

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_EXIT_CODES = (
    "exit codes:\n  0 ok, 1 failed, 2 wrong usage, 78 wrong configuration, 130 interrupted\n\n"
    "run `sage VERB --help` for the options and examples of a verb"
)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line; a parsed verb leaves its `work` behind."""
    parser = argparse.ArgumentParser(
        prog="sage",
        description="The memory of an AI assistant: keeps conversations, finds the right ones.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sage {__version__}")
    _add_global_options(parser, None)
    parser.set_defaults(work="", helper=parser, json=False)
    _add_verbs(parser, VERBS)
    return parser


def _add_verbs(parser: argparse.ArgumentParser, verbs: Sequence[Verb]) -> None:
    group = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in verbs:
        child = group.add_parser(
            verb.name,
            help=verb.summary,
            description=_described(verb),
            epilog=_exemplified(verb.examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.declare(child)
        _add_global_options(child, argparse.SUPPRESS)
        child.set_defaults(work=verb.work, helper=child)
        if verb.verbs:
            _add_verbs(child, verb.verbs)
        for inner in verb.verbs:
            if inner.name == verb.default:
                inner.declare(child)
                child.set_defaults(work=inner.work)


def _add_global_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add what every verb takes; below the top only set when given, so either place works."""
    options = parser.add_argument_group("options for every verb")
    options.add_argument(
        "--data-dir", metavar="DIR", default=default, help="where Sage keeps its data"
    )
    options.add_argument(
        "--log-level",
        metavar="LEVEL",
        type=str.upper,
        choices=_LEVELS,
        default=default,
        help=f"least important line logged: {', '.join(_LEVELS)}",
    )


def _described(verb: Verb) -> str:
    sentence = f"{verb.summary[0].upper()}{verb.summary[1:]}."
    return f"{sentence}\n\n{verb.details}" if verb.details else sentence


def _exemplified(examples: Sequence[str]) -> str | None:
    return "\n".join(("examples:", *(f"  {example}" for example in examples))) if examples else None
