"""Measure the accuracy of the relevance, and the calibration of probabilities."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.few_stores import FEW
from benchmarks.relevance.fit import Judged, fitted_from, judge, shipped
from benchmarks.relevance.questions import Kind, is_chinese
from benchmarks.relevance.stores import BOTH, LANGUAGES
from sage.domain.relevance import Relevance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.relevance.asking import Answered
    from sage.retrieval.ranking.evidence import FloatColumn
    from sage.retrieval.relevance.classification import FittedModel

_BINS = 10


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the questions of a kind that are classified correctly.

    Own questions must not be `none`, all others must be.
    """

    kind: str
    where: str
    questions: int
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The expected calibration error of the probabilities of the first hits, in ten bins.

    Own and foreign questions have equal total weight.
    """

    where: str
    hits: int
    error: float


@dataclass(frozen=True, slots=True)
class RelevanceMeasured:
    """The accuracy and calibration on stores that were not used for the fit.

    `held_out` uses the shipped coefficients on held-out stores; `each_left_out` uses
    cross-validation, with one conversation left out at a time.
    """

    held_out: tuple[Share, ...]
    held_out_calibration: tuple[Calibration, ...]
    each_left_out: tuple[Share, ...]
    each_left_out_calibration: tuple[Calibration, ...]


def measured(answers: Sequence[Answered]) -> RelevanceMeasured:
    """Evaluate answers with the shipped coefficients, and by cross-validation."""
    held_out = list(_judged(shipped(), [one for one in answers if one.store.held_out]))
    left_out = list(_left_out([one for one in answers if one.store.view != FEW]))
    return RelevanceMeasured(
        tuple(_shares(held_out)),
        tuple(_calibrations(held_out)),
        tuple(_shares(left_out)),
        tuple(_calibrations(left_out)),
    )


def calibration_error(
    likely: FloatColumn, truth: FloatColumn, weights: FloatColumn | None = None
) -> float:
    """Return the weighted mean difference of probability and frequency over ten equal bins."""
    weights = np.ones(len(likely)) if weights is None else weights
    bins = np.minimum((likely * _BINS).astype(int), _BINS - 1)
    distances = np.bincount(bins, weights * (likely - truth), _BINS)
    return float(np.abs(distances).sum() / weights.sum())


def _left_out(answers: Sequence[Answered]) -> Iterator[tuple[Answered, bool, FloatColumn]]:
    """Fit without each conversation in turn, and evaluate the questions about it."""
    alone = [one for one in answers if one.store.language != BOTH]
    for group in dict.fromkeys(one.store.group for one in alone if one.store.view != LANGUAGES):
        inside = [one for one in alone if one.store.group == group]
        allowed = [one for one in answers if one.store.language != BOTH or not one.store.held_out]
        fitted = fitted_from([one for one in allowed if not one.store.holds(group)])
        yield from _judged(fitted, inside)


def _judged(
    fitted: FittedModel, answers: Sequence[Answered]
) -> Iterator[tuple[Answered, bool, FloatColumn]]:
    for one in answers:
        found: Judged = judge(fitted, one)
        yield one, found.relevance is not Relevance.NONE, found.each


def _shares(judged: Sequence[tuple[Answered, bool, FloatColumn]]) -> Iterator[Share]:
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for one, fits, _ in judged:
        if one.question.kind is Kind.OFF_TOPIC_FIT:
            continue
        if one.question.kind is Kind.OWN and not one.among_first:
            continue
        wanted = one.question.kind is Kind.OWN
        right[(str(one.question.kind), _where(one))].append(fits == wanted)
    for (kind, where), hits in sorted(right.items()):
        yield Share(kind, where, len(hits), round(float(np.mean(hits)), 4))


def _calibrations(judged: Sequence[tuple[Answered, bool, FloatColumn]]) -> Iterator[Calibration]:
    hits: dict[str, dict[Kind, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for one, _, each in judged:
        kind = one.question.kind
        if kind not in {Kind.OWN, Kind.FOREIGN} or one.store.messages:
            continue
        both = f"own and foreign, {_where(one)}"
        for where in (both, *([f"own, {_where(one)}"] if kind is Kind.OWN else ())):
            hits[where][kind] += zip(each.tolist(), map(float, one.right), strict=False)
    for where, of_kind in sorted(hits.items()):
        likely, truth = np.array([pair for pairs in of_kind.values() for pair in pairs]).T
        weights = np.concatenate(
            [np.full(len(pairs), 1 / len(pairs)) for pairs in of_kind.values()]
        )
        error = calibration_error(likely, truth, weights)
        yield Calibration(where, len(likely), round(error, 4))


def _where(one: Answered) -> str:
    store = one.store
    if store.language == BOTH:
        asked_in = "Chinese" if is_chinese(one.question.text) else "English"
        return f"{store.view}, asked in {asked_in}{', other language' * one.question.across}"
    view = f"{store.messages} messages" if store.messages else store.view
    return f"{store.language}, {view}{', other language' * one.question.across}"
