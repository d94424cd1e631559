"""Fit the wish classifier: a logistic function with a ridge, one byte for each weight."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.preferences.features import SIZE, features_of, is_unspaced, words_of_concepts
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.words import terms_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RIDGE = 0.5
_ROUNDS = 800
_MAX_HIT = 0.25
_MAX_FOUND = 0.997
_FEW = 5
_STEPS = 127
_HERE = resources.files("benchmarks.wishes")


def examples() -> tuple[list[str], list[str]]:
    """Return texts of one sentence that are wishes, and sentences that are not."""
    wishes, others = (
        _HERE.joinpath(name).read_text(encoding="utf-8").splitlines()
        for name in ("wishes.txt", "others.txt")
    )
    single = [text for text in wishes if len([*sentences_in(text)]) == 1]
    return single, [sentence for text in others for sentence in sentences_in(text)]


def learned_from() -> str:
    """Return a digest of everything the model is made of, independent of names in the code.

    It covers the examples with their features and terms, the concepts, and the parameters of the
    fit.
    """
    wishes, others = examples()
    made_of = {
        "sizes": (SIZE, len(wishes), len(others)),
        "fitted_by": (_RIDGE, _ROUNDS, _STEPS, _MAX_FOUND, _MAX_HIT, _FEW),
        "concepts": sorted(words_of_concepts().items()),
        "examples": [(one, features_of(one), sorted(terms_in(one))) for one in (*wishes, *others)],
    }
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def fitted() -> str:
    """Return the content of `sage/retrieval/preferences/model.json`."""
    wishes, others = examples()
    weights, intercept = _fit(wishes, others)
    step = float(np.abs(weights).max()) / _STEPS
    rounded = np.rint(weights / step).astype(np.int8)
    model = {
        "learned_from": learned_from(),
        "intercept": round(intercept, 4),
        "step": round(step, 6),
        "terms": " ".join(_terms(wishes, others)),
        "weights": base64.b64encode(rounded.tobytes()).decode(),
    }
    return json.dumps(model, ensure_ascii=False, indent=1) + "\n"


def _fit(wishes: Sequence[str], others: Sequence[str]) -> tuple[np.ndarray, float]:
    """Return weights and intercept, found by Nesterov's accelerated gradient descent."""
    rows = [features_of(one) for one in (*wishes, *others)]
    columns = np.array([one for row in rows for one in row])
    of_row = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    truth = np.zeros(len(rows))
    truth[: len(wishes)] = 1
    longest = max(map(len, rows)) + 1
    rate = 1 / (_RIDGE + 0.25 * float(np.bincount(columns).max()) * longest**0.5)
    found = np.zeros(SIZE + 1)
    ahead = found.copy()
    for number in range(_ROUNDS):
        odds = np.bincount(of_row, ahead[columns], len(rows)) + ahead[SIZE]
        wrong = 1 / (1 + np.exp(-odds)) - truth
        slope = np.append(np.bincount(columns, wrong[of_row], SIZE), wrong.sum())
        slope[:SIZE] += _RIDGE * ahead[:SIZE]
        before, found = found, ahead - rate * slope
        ahead = found + number / (number + 3) * (found - before)
    return found[:SIZE], float(found[SIZE])


def _terms(wishes: Sequence[str], others: Sequence[str]) -> list[str]:
    """Choose words so that nearly every wish has one of them, and few other sentences do.

    All words of a concept are chosen together, since some of them do not occur in the known wishes.
    """
    in_wishes, in_others = [terms_in(one) for one in wishes], [terms_in(one) for one in others]
    units = {term: {term} for terms in in_wishes for term in terms}
    units |= _terms_of_concepts(frozenset().union(*in_wishes, *in_others))
    holds, is_in = _places_of(units, in_wishes), _places_of(units, in_others)
    chosen: set[str] = set()
    found: set[int] = set()
    hit: set[int] = set()
    left = sorted(units)
    while left and len(found) < _MAX_FOUND * len(wishes):
        best = max(left, key=lambda one: len(holds[one] - found) / (len(is_in[one] - hit) + _FEW))
        left.remove(best)
        if len(hit | is_in[best]) <= _MAX_HIT * len(others):
            chosen |= units[best]
            found |= holds[best]
            hit |= is_in[best]
    return sorted(chosen)


def _terms_of_concepts(known: frozenset[str]) -> dict[str, set[str]]:
    """Return the terms of the words of each concept; of Chinese words, the first two characters."""
    terms: dict[str, set[str]] = defaultdict(set)
    for word, concepts in words_of_concepts().items():
        if word.endswith("*"):
            found = {one for one in known if one.startswith(word[:-1])}
        elif is_unspaced(word):
            found = {one for one in terms_in(word[:2]) if len(one) > 1 or len(word) == 1}
        else:
            found = set(terms_in(word))
        for concept in concepts:
            terms[f"all of {concept}"] |= found
    return terms


def _places_of(
    units: Mapping[str, set[str]], texts: Sequence[frozenset[str]]
) -> dict[str, set[int]]:
    """Return the numbers of the texts with a term of each unit."""
    of_term: dict[str, set[int]] = defaultdict(set)
    for number, terms in enumerate(texts):
        for term in terms:
            of_term[term].add(number)
    empty: set[int] = set()
    return {unit: empty.union(*(of_term.get(one, empty) for one in units[unit])) for unit in units}
