"""The origin of a memory, and how far its reader may trust it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sage.errors import InvalidInputError
from sage.phrases import phrase

IMPORT = "import:"
UNKNOWN_SOURCE = "unknown"


class Trust(StrEnum):
    """The origin of a memory from the view of its reader."""

    OWN = "own"
    OTHER_MEMBER = "other member"
    IMPORTED = "imported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrustOf:
    """A trust of memories together with the reader, named like an author, to whom it applies."""

    trust: Trust
    reader: str | None


class Via(StrEnum):
    """The interface through which a memory is saved; hooks and imports add the client.

    No memory is saved under the name of the console: it is for reading.
    """

    TOOL = "tool"
    REST = "rest"
    CLI = "cli"
    CONSOLE = "console"

    @property
    def is_of_people(self) -> bool:
        """Whether people use it directly, so that no session receives the results."""
        return self in {Via.CLI, Via.CONSOLE}


def trust_of(author: str | None, source: str | None, reader: str | None) -> Trust:
    """Return how far a reader may trust a memory; author and reader are named as by the server.

    A memory that was saved before sources were recorded, without an author, is of unknown origin.
    """
    if source is not None and source.startswith(IMPORT):
        return Trust.IMPORTED
    if author is None and source is None:
        return Trust.UNKNOWN
    return Trust.OWN if author == reader else Trust.OTHER_MEMBER


def parse_trust(field: str, text: str | None, reader: str | None) -> TrustOf | None:
    """Parse the name of a trust, for a reader. Raises InvalidInputError that names the field."""
    if text is None:
        return None
    if text not in tuple(Trust):
        hint = phrase("use one of {trust}", trust=list(Trust))
        raise InvalidInputError(
            field, phrase("{field}: {text} is unknown", text=repr(text)[:40]), hint=hint
        )
    return TrustOf(Trust(text), reader)
