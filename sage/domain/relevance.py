"""The relevance of results to a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.domain.answer import Answer, doc, optional
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROBABILITY_DIGITS = 4
_MS_DIGITS = 2


class MinRelevance(StrEnum):
    """The least relevance at which results are shown; with `NONE` the nearest always are."""

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
        """Return the lesser of two relevances, neither of which is unknown."""
        return other if self.reaches(MinRelevance(other)) else self

    def reaches(self, least: MinRelevance) -> bool:
        """Return whether it is `least` or better; an unknown relevance always is."""
        if self is Relevance.UNKNOWN:
            return True
        best_first = tuple(MinRelevance)
        return best_first.index(MinRelevance(self)) <= best_first.index(least)


@dataclass(frozen=True, slots=True)
class Thresholds(Answer):
    """The probabilities of an answer at which relevance becomes weak, and strong."""

    weak: float = field(metadata=doc("Below this probability, relevance is none."))
    strong: float = field(metadata=doc("From this probability on, relevance is strong."))


@dataclass(frozen=True, slots=True)
class JudgedBy(Answer):
    """What the relevance of an answer was derived from, and the durations of the search."""

    candidates: int = field(metadata=doc("The number of memories that were compared."))
    probability: float | None = field(
        default=None,
        metadata=optional(
            "The probability that one of the first hits answers, 0 to 1; absent if unknown."
        ),
    )
    thresholds: Thresholds | None = field(
        default=None,
        metadata=optional(
            "The thresholds for this probability, calibrated for the current embedding"
            " model; absent if the model was not measured."
        ),
    )
    took_ms: Mapping[str, float] = field(
        default_factory=dict,
        metadata=optional(
            "The duration of each stage in milliseconds; embed runs in parallel with words"
            " and languages. For several spaces, the longest of each."
        ),
    )

    def rounded(self) -> JudgedBy:
        """Return a copy with its figures rounded."""
        likely = self.probability
        return replace(
            self,
            probability=None if likely is None else round(likely, _PROBABILITY_DIGITS),
            took_ms={stage: round(took, _MS_DIGITS) for stage, took in self.took_ms.items()},
        )

    @classmethod
    def joined(cls, parts: Iterable[JudgedBy | None]) -> JudgedBy | None:
        """Combine those of several spaces: the likeliest answer of any space decides.

        None if nothing is known of any of them.
        """
        known = [one for one in parts if one is not None]
        if not known:
            return None
        likely = [one.probability for one in known if one.probability is not None]
        return replace(
            known[0],
            candidates=sum(one.candidates for one in known),
            probability=max(likely, default=None),
        )


def validate_min_relevance(field: str, relevance: object) -> MinRelevance:
    """Parse strong, weak or none. Raises InvalidInputError that names the field."""
    if relevance not in tuple(MinRelevance):
        hint = phrase("use one of {choices}", choices=list(MinRelevance))
        raise InvalidInputError(
            field,
            phrase("{field}: {relevance} is unknown", relevance=repr(relevance)[:40]),
            hint=hint,
        )
    return MinRelevance(str(relevance))
