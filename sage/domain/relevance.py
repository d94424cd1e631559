"""How well what was found answers a question."""

from __future__ import annotations

from enum import StrEnum

from sage.errors import InvalidInputError
from sage.phrases import phrase


class MinRelevance(StrEnum):
    """How well something must answer to be shown; with `NONE` the nearest always is."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


class Relevance(StrEnum):
    """How likely it is that one of the first hits answers.

    `UNKNOWN`: the embedding model was not measured, or the question was not embedded.
    """

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"
    UNKNOWN = "unknown"

    def at_most(self, other: Relevance) -> Relevance:
        """Return the lesser of two, of which neither is unknown."""
        return other if self.reaches(MinRelevance(other)) else self

    def reaches(self, least: MinRelevance) -> bool:
        """Return whether it is `least` or better; what is unknown always is."""
        if self is Relevance.UNKNOWN:
            return True
        best_first = tuple(MinRelevance)
        return best_first.index(MinRelevance(self)) <= best_first.index(least)


def validate_min_relevance(field: str, relevance: object) -> MinRelevance:
    """Accept strong, weak or none. Raises InvalidInputError that names the field."""
    if relevance not in tuple(MinRelevance):
        hint = phrase("use one of {choices}", choices=list(MinRelevance))
        raise InvalidInputError(
            field,
            phrase("{field}: {relevance} is unknown", relevance=repr(relevance)[:40]),
            hint=hint,
        )
    return MinRelevance(str(relevance))
