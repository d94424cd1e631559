"""The option `--space` of all verbs that read or write memories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.validation import validate_text
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable

    from sage.bootstrap import Services
    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.domain.gathering import ContextRequest
    from sage.domain.searching import SearchRequest
    from sage.service.memory import MemoryService

Answer = TypeVar("Answer")
Request = TypeVar("Request", "SearchRequest", "ContextRequest")


def add_space(
    parser: VerbParser, text: str = phrase("space to use"), default: str = DEFAULT_SPACE
) -> None:
    """Declare which space is meant."""
    parser.add_argument(
        "--space",
        metavar="NAME",
        help=phrase(
            "{text} (default: SAGE_SPACE, else {default})",
            text=as_phrase(text),
            default=default,
        ),
    )


def checked_option(option: str, text: str | None) -> str | None:
    """Check the name of a space or a session. Raises InvalidInputError."""
    return None if text is None else validate_text(option, text, limits.MAX_SESSION_ID_CHARS)


def chosen_space(args: Namespace, settings: Settings) -> str | None:
    """Return the name of the space that is meant; None where none is. Raises InvalidInputError."""
    return checked_option("--space", args.space) or settings.space


def in_spaces(
    args: Namespace,
    request: Request,
    work: Callable[[MemoryService, Request], Awaitable[Answer]],
    settings: Settings | None = None,
) -> Answer:
    """Do work that reads, in the chosen space or in all for `*`. Raises as `in_space` does."""
    from sage.cli.open_services import settings_of, with_services

    configured = settings or settings_of(args)
    name = chosen_space(args, configured)

    async def run(services: Services) -> Answer:
        reader = await services.spaces.reader_of(name)
        there = replace(request, space_id=reader.space_id, spaces=reader.spaces)
        return await work(services.memory, there)

    return with_services(args, run, configured)


def in_space(
    args: Namespace,
    work: Callable[[Services, str], Awaitable[Answer]],
    settings: Settings | None = None,
    *,
    read_only: bool = True,
) -> Answer:
    """Do work as `with_services` does, in the chosen space, whose id it is given.

    Raises NotFoundError where there is no such space, SageError.
    """
    from sage.cli.open_services import settings_of, with_services

    configured = settings or settings_of(args)
    name = chosen_space(args, configured)

    async def run(services: Services) -> Answer:
        return await work(services, await services.spaces.id_of(name))

    return with_services(args, run, configured, read_only=read_only)
