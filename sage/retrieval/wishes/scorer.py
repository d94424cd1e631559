"""Score how likely a sentence is a wish of its author on how to be answered and worked with.

A logistic function over hashed features, fitted anew by `python -m benchmarks.wishes`; how well it
finds what it has not seen: docs/adr/0058-wishes-are-told-by-a-learned-scorer.md.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sage.retrieval.wishes.features import features_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_FITTED = resources.files("sage.retrieval.wishes").joinpath("model.json")


@dataclass(frozen=True, slots=True)
class Scorer:
    """What was learned: weights in steps, what is added, and the words that wishes are found by."""

    weights: Sequence[int]
    step: float
    intercept: float
    terms: tuple[str, ...]

    def log_odds(self, sentence: str) -> float:
        """Return the logarithm of the odds that a sentence is such a wish."""
        weights = self.weights
        return self.intercept + self.step * sum(weights[one] for one in features_of(sentence))


@cache
def scorer() -> Scorer:
    """Return the scorer that is shipped."""
    fitted = json.loads(_FITTED.read_text(encoding="utf-8"))
    weights = memoryview(base64.b64decode(fitted["weights"])).cast("b")
    return Scorer(weights, fitted["step"], fitted["intercept"], tuple(fitted["terms"].split()))
