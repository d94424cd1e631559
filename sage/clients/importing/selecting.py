"""What of a source is wanted, as it is written on a command line."""

from __future__ import annotations

from sage.clients.importing.source import INCLUDABLE
from sage.errors import InvalidInputError
from sage.phrases import phrase


def included(text: str | None) -> frozenset[str]:
    """Return the reasons that a list names, separated by commas. Raises InvalidInputError."""
    wanted = [] if text is None else [one.strip() for one in text.split(",")]
    for one in wanted:
        if one not in INCLUDABLE:
            raise InvalidInputError(
                "--include",
                phrase("{field}: {one} is unknown", one=repr(one)[:40]),
                hint=phrase("use {sources}", sources=list(INCLUDABLE)),
            )
    return frozenset(wanted)
