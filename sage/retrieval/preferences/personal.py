"""Recognize what people say about how they want to be answered or worked with.

That is valid wherever they work. A learned scorer recognizes it, a logistic function over hashed
features, fitted by `python -m benchmarks.wishes`; how well it recognizes unseen sentences:
docs/adr/0058-wishes-are-told-by-a-learned-scorer.md. A sentence that names code, is one of many, or
stands beside a question needs a higher score: in doubt it stays where it was said.
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sage.retrieval.preferences.features import features_of
from sage.retrieval.text.words import terms_in

if TYPE_CHECKING:
    from collections.abc import Sequence

_FITTED = resources.files("sage.retrieval.preferences").joinpath("model.json")
_MIN_LOG_ODDS = 0.75
_LESS_OF_MANY = 0.7
"""In a text of many sentences, each is less likely to be a preference."""
_LESS_BESIDE_A_QUESTION = 1.0
"""A sentence beside a question is mostly about the answer to that question alone."""

_CODE = re.compile(r"[`/\\_=<>{}()\[\]@#$*|~^]|[a-z][A-Z]")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|«[^»]*»|„[^“]*“")
_ADDRESSED = re.compile(
    r"^\W*(?:(?:please|my name is \w+|you can|just|bitte)\W+)*"
    r"(?:call me|address me as|nenn mich|appelle[- ]moi|llámame)"
    r"(?! (?:when|if|back|later|at|on|tomorrow|once)\b)(?: [^\W\d_]+\.?){1,3}\W*$",
    re.IGNORECASE,
)
_ADDRESS_TERMS = frozenset(
    one for word in ("call", "address", "nenn", "appelle", "llámame") for one in terms_in(word)
)
_FROM_NOW_ON = re.compile(r"^\W*from now on\b(?!,)", re.IGNORECASE)
"""Phrases that the scorer has learned with a comma after them."""


@dataclass(frozen=True, slots=True)
class PreferenceScorer:
    """A fitted model: quantized weights, the intercept, and the words that preferences contain."""

    weights: Sequence[int]
    step: float
    intercept: float
    terms: tuple[str, ...]

    def log_odds(self, sentence: str) -> float:
        """Return the log odds that a sentence is such a preference."""
        weights = self.weights
        return self.intercept + self.step * sum(weights[one] for one in features_of(sentence))


@cache
def scorer() -> PreferenceScorer:
    """Return the bundled scorer."""
    fitted = json.loads(_FITTED.read_text(encoding="utf-8"))
    weights = memoryview(base64.b64decode(fitted["weights"])).cast("b")
    return PreferenceScorer(
        weights, fitted["step"], fitted["intercept"], tuple(fitted["terms"].split())
    )


PERSONAL_TERMS = _ADDRESS_TERMS.union(scorer().terms)
"""Nearly every text with such a preference contains one of these."""


def is_personal(sentence: str, *, of: int = 1, asks: bool = False) -> bool:
    """Return whether a sentence says how its author always wants to be answered or worked with.

    `of` is the number of sentences in the message; with `asks`, another one of them is a question.
    Quoted text is ignored, since it is somebody else's.
    """
    if _ADDRESSED.search(sentence):
        return True
    if _CODE.search(_QUOTED.sub(" ", sentence)):
        return False
    least = _MIN_LOG_ODDS + _LESS_OF_MANY * math.log(of) + _LESS_BESIDE_A_QUESTION * asks
    return scorer().log_odds(_FROM_NOW_ON.sub(r"\g<0>,", sentence)) > least
