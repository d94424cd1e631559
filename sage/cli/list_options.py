"""Which memories and sessions are listed: what the options of the lists share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.verb import argument
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.memories import AskedMemories
    from sage.cli.verb import Option

_TIME = phrase("ISO 8601, or in words: yesterday, last week, 昨天")


def time_options(after: str, before: str) -> tuple[Option, Option]:
    """Return the options for from when on and until when."""
    return (
        argument(
            after,
            metavar="TIME",
            help=phrase("only from this time on, inclusive: {time}", time=_TIME),
        ),
        argument(before, metavar="TIME", help=phrase("only before this time: {time}", time=_TIME)),
    )


def given_options(args: Namespace, *names: str) -> list[str]:
    """Return the options that were given, to repeat them for the next page."""
    options: list[str] = []
    for name in names:
        if (value := getattr(args, name)) is not None:
            options += [f"--{name.replace('_', '-').strip('-')}", str(value)]
    return options


def project_named(memories: AskedMemories, given: str | None) -> str | None:
    """Return the name of the project that is meant by a name, its last part, or a folder."""
    if given is None:
        return None
    from sage.cli.projects_named import existing_project, with_hook_settings

    with_hook_settings(memories)
    return existing_project(given, memories.ask(lambda there: there.list_projects()))
