"""Options of several verbs, and the interpretation of their values."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
from typing import TYPE_CHECKING

from sage.cli.verb import argument
from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.validation import validate_text
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.verb import Option
    from sage.config.settings import Settings

JSON = argument("--json", action="store_true", default=SUPPRESS, help="print the result as JSON")
"""Below another verb it is set only if given."""

YES = argument("-y", "--yes", action="store_true", help="do not ask for confirmation")


def space_option(text: str = phrase("space to use"), default: str = DEFAULT_SPACE) -> Option:
    """Return the option that selects a space."""
    return argument(
        "--space",
        metavar="NAME",
        help=phrase(
            "{text} (default: SAGE_SPACE, else {default})", text=as_phrase(text), default=default
        ),
    )


SPACE = space_option()


_TIME = phrase("ISO 8601, or in words: yesterday, last week, 昨天")


def time_options(after: str, before: str) -> tuple[Option, Option]:
    """Return the options for the beginning and end of a time range."""
    return (
        argument(
            after,
            metavar="TIME",
            help=phrase("only from this time on, inclusive: {time}", time=_TIME),
        ),
        argument(before, metavar="TIME", help=phrase("only before this time: {time}", time=_TIME)),
    )


def chosen_space(args: Namespace, settings: Settings) -> str | None:
    """Return the name of the selected space; None without one. Raises InvalidInputError."""
    return checked_option("--space", args.space) or settings.space


def checked_option(option: str, text: str | None) -> str | None:
    """Check the name of a space or a session. Raises InvalidInputError."""
    return None if text is None else validate_text(option, text, limits.MAX_SESSION_ID_CHARS)


def positive(text: str) -> int:
    """Parse a number of at least 1, as an argument's `type`. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(phrase("{text} is not a number of 1 or more", text=repr(text)))
    return int(text)
