"""Judge whether hits answer, by functions fitted as docs/adr/0030-calibrated-relevance.md says."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.relevance import Relevance
from sage.retrieval.cross_language import languages_of
from sage.retrieval.relevance.background import Background
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features
from sage.retrieval.relevance.seen import seen_of
from sage.retrieval.text.scripts import has_other_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.embedding import EmbeddingModel
    from sage.retrieval.evidence import Evidence, FloatColumn
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked
    from sage.retrieval.relevance.seen import Seen

_NEAR_ONE = 1 - 1e-9
_IN_DOUBT = 0.999
_FITTED = resources.files("sage.retrieval.relevance").joinpath("coefficients.json")


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function: the weight of each feature, and what is added."""

    weights: Mapping[str, float]
    intercept: float

    def log_odds(self, features: Mapping[str, float | FloatColumn]) -> FloatColumn:
        """Return the weighted sum of the features."""
        weighed = [np.asarray(features[name]) * one for name, one in self.weights.items()]
        return np.asarray(self.intercept + sum(weighed, np.zeros(())))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted for one embedding model, and the probabilities that bound the classes."""

    background: Background
    topic: Logistic
    answer: Logistic
    hit: Logistic
    few: Logistic
    weak_from: float
    strong_from: float

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Return the log odds of an answer: that such things are talked about, and of one then."""
        parts = (probability(one.log_odds(features)) for one in (self.topic, self.answer))
        likely = min(math.prod(map(float, parts)), _NEAR_ONE)
        return math.log(likely / (1 - likely))

    def most(self, relevance: Relevance) -> float:
        """Return the log odds that an answer of a class has at most: WEAK or NONE."""
        above = self.strong_from if relevance is Relevance.WEAK else self.weak_from
        likely = _IN_DOUBT * above
        return math.log(likely / (1 - likely))

    def class_of(self, likely: float) -> Relevance:
        """Return the class of an answer by its probability."""
        if likely >= self.strong_from:
            return Relevance.STRONG
        return Relevance.WEAK if likely >= self.weak_from else Relevance.NONE


@dataclass(frozen=True, slots=True)
class Judgement:
    """How relevant the first hits are, and the hits with their probabilities if these are known.

    `case` is what it was judged by, None where that does not tell, and `likely` the probability
    that one of the first hits answers.
    """

    relevance: Relevance
    hits: tuple[Ranked, ...]
    case: Case | None = None
    likely: float | None = None

    def at_most(self, relevance: Relevance) -> Judgement:
        """Return the judgement of hits that are known to be no more relevant than that."""
        if self.case is None or relevance is Relevance.STRONG:
            return self
        return self.case.judged(relevance)


@dataclass(frozen=True, slots=True)
class Case:
    """What hits are judged by: what is seen of them, and the log odds that they answer."""

    fitted: Fitted
    seen: Seen
    hits: tuple[Ranked, ...]
    answered: float

    def judged(self, most: Relevance) -> Judgement:
        """Judge the hits, which are not more relevant than `most`."""
        answered, seen = self.answered, self.seen
        if most is not Relevance.STRONG:
            answered = min(answered, self.fitted.most(most))
        answers = float(probability(answered))
        relevance = self.fitted.class_of(answers)
        waits = relevance is not Relevance.STRONG and not seen.embedded[:FIRST].all()
        if waits or (relevance is Relevance.NONE and _is_said_in_a_small_store(seen)):
            return Judgement(Relevance.UNKNOWN, self.hits)
        likely = probability(self.fitted.hit.log_odds(hit_features(seen, answered))).tolist()
        hits = zip(self.hits, likely, strict=True)
        judged = tuple(replace(hit, probability=one) for hit, one in hits)
        return Judgement(relevance, judged, self, answers)


def judged(
    evidence: Evidence, question: Question, best: Sequence[Ranked], model: EmbeddingModel
) -> Judgement:
    """Judge the hits of a question, best first.

    Relevance is unknown where it cannot be told: the ADR says when. It is not strong where the
    first hit may be about something else.
    """
    if not best:
        nothing = Relevance.UNKNOWN if evidence.question is None else Relevance.NONE
        return Judgement(nothing, ())
    fitted, languages = fitted_for(model), languages_of(model)
    seen = None if languages is None else seen_of(evidence, question, best, languages)
    if fitted is None or seen is None:
        return Judgement(Relevance.UNKNOWN, tuple(best))
    if seen.holders.size and not seen.holders.any() and has_other_script(question.topic):
        return Judgement(Relevance.UNKNOWN, tuple(best))
    answered = fitted.log_odds(answer_features(seen, fitted.background))
    is_doubtful = best[0].memory_id in evidence.doubtful
    most = Relevance.WEAK if is_doubtful else Relevance.STRONG
    return Case(fitted, seen, tuple(best), answered).judged(most)


def _is_said_in_a_small_store(seen: Seen) -> bool:
    says_all = seen.own.size > 0 and bool(seen.own.all(axis=1).any())
    return says_all and len(seen.meanings) < FIRST


def probability(log_odds: float | FloatColumn) -> FloatColumn:
    """Return the logistic function of log odds."""
    likely: FloatColumn = 1 / (1 + np.exp(-np.asarray(log_odds)))
    return likely


@cache
def fitted_for(model: EmbeddingModel) -> Fitted | None:
    """Return what was fitted for a model; None for all but the bundled one."""
    kept = json.loads(_FITTED.read_text("utf-8"))
    if str(model) != kept["model"]:
        return None
    background = Background.read(**kept["background"], dimensions=model.dimensions)
    topic, answer, hit, few = (Logistic(**kept[it]) for it in ("topic", "answer", "hit", "few"))
    return Fitted(background, topic, answer, hit, few, kept["weak_from"], kept["strong_from"])
