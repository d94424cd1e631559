"""Where a memory comes from, and how far its reader may trust it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sage.errors import InvalidInputError
from sage.phrases import phrase

IMPORT = "import:"
UNKNOWN_SOURCE = "unknown"


class Trust(StrEnum):
    """Whose memory it is, as its reader sees it."""

    OWN = "own"
    OTHER_MEMBER = "other member"
    IMPORTED = "imported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrustOf:
    """What memories are to a reader, who is named as an author would be."""

    trust: Trust
    reader: str | None


class Via(StrEnum):
    """How a memory arrives; that of hooks and imports includes the client.

    By that of the pages nothing comes in under its name: people look there.
    """

    TOOL = "tool"
    REST = "rest"
    CLI = "cli"
    CONSOLE = "console"

    @property
    def is_of_people(self) -> bool:
        """Whether people look themselves, and no session is given anything."""
        return self in {Via.CLI, Via.CONSOLE}


def trust_of(author: str | None, source: str | None, reader: str | None) -> Trust:
    """Return how a memory stands to its reader; both are named as the server knows them.

    What was saved before the source was recorded, by nobody that is known, may be anybody's.
    """
    if source is not None and source.startswith(IMPORT):
        return Trust.IMPORTED
    if author is None and source is None:
        return Trust.UNKNOWN
    return Trust.OWN if author == reader else Trust.OTHER_MEMBER


def parse_trust(field: str, text: str | None, reader: str | None) -> TrustOf | None:
    """Return the trust of that name and its reader. Raises InvalidInputError, naming the field."""
    if text is None:
        return None
    if text not in tuple(Trust):
        hint = phrase("use one of {trust}", trust=list(Trust))
        raise InvalidInputError(
            field, phrase("{field}: {text} is unknown", text=repr(text)[:40]), hint=hint
        )
    return TrustOf(Trust(text), reader)
