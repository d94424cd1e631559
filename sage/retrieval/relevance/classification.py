"""Classify the relevance of hits, as described in docs/adr/0030-calibrated-relevance.md."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.relevance import Relevance
from sage.retrieval.ranking.cross_language import languages_of
from sage.retrieval.relevance.background import Background
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features
from sage.retrieval.relevance.hit_evidence import hit_evidence_of
from sage.retrieval.text.scripts import has_other_script

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.embedding import EmbeddingModel
    from sage.retrieval.query.questions import Question
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn
    from sage.retrieval.ranking.ranker import Ranked
    from sage.retrieval.relevance.hit_evidence import HitEvidence

_NEAR_ONE = 1 - 1e-9
_IN_DOUBT = 0.999
_FITTED = resources.files("sage.retrieval.relevance").joinpath("coefficients.json")


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function: the weight of each feature, and the intercept."""

    weights: Mapping[str, float]
    intercept: float

    def log_odds(self, features: Mapping[str, float | FloatColumn]) -> FloatColumn:
        """Return the weighted sum of the features."""
        weighed = [np.asarray(features[name]) * one for name, one in self.weights.items()]
        return np.asarray(self.intercept + sum(weighed, np.zeros(())))


@dataclass(frozen=True, slots=True)
class FittedModel:
    """The fit for one embedding model, and the probabilities that bound the classes."""

    background: Background
    topic: Logistic
    answer: Logistic
    hit: Logistic
    few: Logistic
    weak_from: float
    strong_from: float

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Return the log odds of an answer: that the subject occurs, and that a hit answers."""
        parts = (probability(one.log_odds(features)) for one in (self.topic, self.answer))
        likely = min(math.prod(map(float, parts)), _NEAR_ONE)
        return math.log(likely / (1 - likely))

    def max_log_odds(self, relevance: Relevance) -> float:
        """Return the highest log odds of an answer of a class: WEAK or NONE."""
        above = self.strong_from if relevance is Relevance.WEAK else self.weak_from
        likely = _IN_DOUBT * above
        return math.log(likely / (1 - likely))

    def class_of(self, likely: float) -> Relevance:
        """Return the class of an answer by its probability."""
        if likely >= self.strong_from:
            return Relevance.STRONG
        return Relevance.WEAK if likely >= self.weak_from else Relevance.NONE


@dataclass(frozen=True, slots=True)
class RelevanceVerdict:
    """The relevance of the first hits, and the hits with their probabilities if these are known.

    `inputs` are what the class is based on, None if it was not decided by them; `likely` is the
    probability that one of the first hits answers.
    """

    relevance: Relevance
    hits: tuple[Ranked, ...]
    inputs: VerdictInputs | None = None
    likely: float | None = None

    def at_most(self, relevance: Relevance) -> RelevanceVerdict:
        """Return the verdict if the hits are known to have at most this relevance."""
        if self.inputs is None or relevance is Relevance.STRONG:
            return self
        return self.inputs.classify(relevance)


@dataclass(frozen=True, slots=True)
class VerdictInputs:
    """The inputs of a classification: the evidence of hits, and the log odds that they answer."""

    model: FittedModel
    evidence: HitEvidence
    hits: tuple[Ranked, ...]
    answered: float

    def classify(self, most: Relevance) -> RelevanceVerdict:
        """Classify the hits, with `most` as the highest class."""
        answered, evidence = self.answered, self.evidence
        if most is not Relevance.STRONG:
            answered = min(answered, self.model.max_log_odds(most))
        answers = float(probability(answered))
        relevance = self.model.class_of(answers)
        waits = relevance is not Relevance.STRONG and not evidence.embedded[:FIRST].all()
        if waits or (relevance is Relevance.NONE and _repeats_in_small_store(evidence)):
            return RelevanceVerdict(Relevance.UNKNOWN, self.hits)
        likely = probability(self.model.hit.log_odds(hit_features(evidence, answered))).tolist()
        hits = zip(self.hits, likely, strict=True)
        classified = tuple(replace(hit, probability=one) for hit, one in hits)
        return RelevanceVerdict(relevance, classified, self, answers)


def classify_hits(
    evidence: Evidence, question: Question, best: Sequence[Ranked], model: EmbeddingModel
) -> RelevanceVerdict:
    """Classify the hits of a question, best first.

    Relevance is unknown in the cases that the ADR lists. It is weak at most if the first hit may be
    about something else.
    """
    if not best:
        nothing = Relevance.UNKNOWN if evidence.question is None else Relevance.NONE
        return RelevanceVerdict(nothing, ())
    fitted, languages = fitted_model_for(model), languages_of(model)
    of_hits = None if languages is None else hit_evidence_of(evidence, question, best, languages)
    if fitted is None or of_hits is None:
        return RelevanceVerdict(Relevance.UNKNOWN, tuple(best))
    if of_hits.holders.size and not of_hits.holders.any() and has_other_script(question.topic):
        return RelevanceVerdict(Relevance.UNKNOWN, tuple(best))
    answered = fitted.log_odds(answer_features(of_hits, fitted.background))
    may_be_off_topic = best[0].memory_id in evidence.in_doubt
    most = Relevance.WEAK if may_be_off_topic else Relevance.STRONG
    return VerdictInputs(fitted, of_hits, tuple(best), answered).classify(most)


def classify_apart(
    best: Sequence[Ranked],
    marked: Mapping[UUID, datetime],
    classify: Callable[[Sequence[Ranked]], RelevanceVerdict],
) -> tuple[RelevanceVerdict, tuple[Ranked, ...]]:
    """Return the verdict on the hits that are not marked, and the marked hits separately.

    The probability of a marked hit is lowered below that of a weak answer.
    """
    verdict = classify(best)
    if marked.keys().isdisjoint(hit.memory_id for hit in best):
        return verdict, ()
    inputs = verdict.inputs
    most = 1.0 if inputs is None else _IN_DOUBT * inputs.model.weak_from
    demoted = [
        hit if hit.probability is None else replace(hit, probability=min(hit.probability, most))
        for hit in verdict.hits
        if hit.memory_id in marked
    ]
    return classify([hit for hit in best if hit.memory_id not in marked]), tuple(demoted)


def _repeats_in_small_store(evidence: HitEvidence) -> bool:
    says_all = evidence.own.size > 0 and bool(evidence.own.all(axis=1).any())
    return says_all and len(evidence.meanings) < FIRST


def probability(log_odds: float | FloatColumn) -> FloatColumn:
    """Return the logistic function of log odds."""
    likely: FloatColumn = 1 / (1 + np.exp(-np.asarray(log_odds)))
    return likely


@cache
def fitted_model_for(model: EmbeddingModel) -> FittedModel | None:
    """Return the fit for a model; None for all but the bundled one."""
    kept = json.loads(_FITTED.read_text("utf-8"))
    if str(model) != kept["model"]:
        return None
    background = Background.read(**kept["background"], dimensions=model.dimensions)
    topic, answer, hit, few = (Logistic(**kept[it]) for it in ("topic", "answer", "hit", "few"))
    return FittedModel(background, topic, answer, hit, few, kept["weak_from"], kept["strong_from"])
