"""Judge whether hits answer: probabilities fitted on conversations whose answers are known.

Two logistic functions: of the features of an answer, whether one of the first hits answers; of
these log odds and the features of each hit, whether that one does. How they were fitted is told in
docs/adr/0030-calibrated-relevance.md; `python -m benchmarks relevance` does it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.relevance import Relevance
from sage.retrieval.cross_language import has_other_script, languages_of
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features
from sage.retrieval.relevance.seen import seen_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.embedding import EmbeddingModel
    from sage.retrieval.evidence import Column, Evidence
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked
    from sage.retrieval.relevance.seen import Seen

_ENOUGH = 100
_FITTED = resources.files("sage.retrieval.relevance").joinpath("coefficients.json")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How relevant the first hits are, and the hits with their probabilities if these are known."""

    relevance: Relevance
    hits: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function: the weight of each feature, and what is added."""

    weights: Mapping[str, float]
    intercept: float

    def log_odds(self, features: Mapping[str, float | Column]) -> Column:
        """Return the weighted sum of the features."""
        total: Column = self.intercept + sum(
            (np.asarray(features[name]) * weight for name, weight in self.weights.items()),
            np.zeros(()),
        )
        return total


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted for one embedding model, and the probabilities that bound the classes.

    `weak_elsewhere_from` is for a Chinese question whose first hit is in another language.
    """

    answer: Logistic
    hit: Logistic
    weak_from: float
    strong_from: float
    weak_elsewhere_from: float

    def class_of(self, likely: float, seen: Seen) -> Relevance:
        """Return the class of an answer by its probability.

        The probability is too low for what a Chinese question finds in another language, so that
        it is weak from less, unless there is too little to compare the hits with.
        """
        if likely >= self.strong_from:
            return Relevance.STRONG
        is_elsewhere = seen.chinese and seen.across[0] and len(seen.meanings) >= _ENOUGH
        weak_from = self.weak_elsewhere_from if is_elsewhere else self.weak_from
        return Relevance.WEAK if likely >= weak_from else Relevance.NONE


def judged(
    evidence: Evidence, question: Question, best: Sequence[Ranked], model: EmbeddingModel
) -> Judgement:
    """Judge the hits of a question, best first.

    Relevance is unknown where the model was not measured, or nothing was compared by meaning, and
    for a question in a script that was not measured, none of whose words is in what was found. It
    is also unknown where one of the first hits was not embedded yet, and might be what answers, and
    where nothing seems to answer though a hit says every word of the question, in a store that is
    too small to compare it with others.
    """
    if not best:
        nothing = Relevance.UNKNOWN if evidence.question is None else Relevance.NONE
        return Judgement(nothing, ())
    fitted, languages = fitted_for(model), languages_of(model)
    seen = None if languages is None else seen_of(evidence, question, best, languages)
    if fitted is None or seen is None:
        return Judgement(Relevance.UNKNOWN, tuple(best))
    features = answer_features(seen)
    if features["unknown_words"] == 1 and has_other_script(question.topic):
        return Judgement(Relevance.UNKNOWN, tuple(best))
    answered = float(fitted.answer.log_odds(features))
    relevance = fitted.class_of(float(probability(answered)), seen)
    waits = relevance is not Relevance.STRONG and not seen.embedded[:FIRST].all()
    if waits or (relevance is Relevance.NONE and _is_said_in_a_small_store(seen)):
        return Judgement(Relevance.UNKNOWN, tuple(best))
    likely = probability(fitted.hit.log_odds(hit_features(seen, answered))).tolist()
    return Judgement(
        relevance,
        tuple(replace(hit, probability=one) for hit, one in zip(best, likely, strict=True)),
    )


def _is_said_in_a_small_store(seen: Seen) -> bool:
    says_all = seen.own.size > 0 and bool(seen.own.all(axis=1).any())
    return says_all and len(seen.meanings) < FIRST


def probability(log_odds: float | Column) -> Column:
    """Return the logistic function of log odds."""
    likely: Column = 1 / (1 + np.exp(-np.asarray(log_odds)))
    return likely


@cache
def fitted_for(model: EmbeddingModel) -> Fitted | None:
    """Return what was fitted for a model; None for all but the bundled one."""
    kept = json.loads(_FITTED.read_text("utf-8"))
    if str(model) != kept["model"]:
        return None
    answer, hit = (Logistic(kept[name]["weights"], kept[name]["intercept"]) for name in _PARTS)
    bounds = (kept[name] for name in ("weak_from", "strong_from", "weak_elsewhere_from"))
    return Fitted(answer, hit, *bounds)


_PARTS = ("answer", "hit")
