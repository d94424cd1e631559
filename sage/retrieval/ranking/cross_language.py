"""Make vectors of Chinese and of other languages comparable in one embedding model.

A multilingual model places each language in a region of its own: a question is closer to any text
in its language than to its answer in another. Without the mean vector of its language, a vector
shows the meaning in either. The means are those of the same sentences in English and in Chinese, so
that they differ by the language alone; those of the bundled model are stored beside this module.
Other languages count as English: none is close enough to Chinese to be mistaken for it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sage.domain.embedding import EmbeddingModel, Vectors

_MEANS = resources.files("sage.retrieval.ranking").joinpath("languages.json")
_TOWARDS = 0.75
"""How far a question is moved into the other language; farther, and all of it would be close."""
_CHINESE_FROM = 0.8
"""Share of the way from English to Chinese; Chinese begins at 0.87, Japanese ends at 0.76."""


@dataclass(frozen=True, slots=True, eq=False)
class Languages:
    """Mean vectors of English and of Chinese, as passages and as questions: shape (2, dimensions).

    `asked` are the means of questions embedded as passages. A language is the index of its row.
    """

    passages: Vectors
    questions: Vectors
    asked: Vectors

    def translated(self, question: Vectors, language: int) -> Vectors:
        """Return the unit vector of a question as if it were asked in the other language."""
        debiased = question - self.questions[language]
        return _unit(debiased + _TOWARDS * self.passages[1 - language])

    def in_other_language(self, vectors: Vectors, language: int) -> NDArray[np.bool_]:
        """Return which vectors are in the other language; False for NaN."""
        differ: NDArray[np.bool_] = self._languages(vectors) != language
        return differ & ~np.isnan(vectors[:, 0])

    def debiased(
        self, vectors: Vectors, question: Vectors, language: int
    ) -> tuple[Vectors, Vectors]:
        """Subtract the mean of its language from each vector and the question; NaN stays NaN."""
        rest = self.passages[self._languages(vectors)]
        np.subtract(vectors, rest, out=rest)  # in place: these are large
        rest /= _lengths(rest)
        return rest, self.debiased_question(question, language)

    def debiased_question(self, question: Vectors, language: int) -> Vectors:
        """Return a question less the mean of its language, as a unit vector."""
        return _unit(question - self.questions[language])

    def debiased_cosines(
        self, vectors: Vectors, question: Vectors, language: int
    ) -> NDArray[np.float64]:
        """Return the cosines of the vectors of `debiased`, without computing these."""
        languages = self._languages(vectors)
        debiased = self.debiased_question(question, language)
        means = self.passages[languages]
        dots = vectors @ debiased - (self.passages @ debiased)[languages]
        squares = 1 - 2 * np.einsum("ij,ij->i", vectors, means) + (means**2).sum(axis=1)
        cosines: NDArray[np.float64] = (dots / np.sqrt(squares)).astype(float)
        return cosines

    def debiased_questions(self, vectors: Vectors) -> Vectors:
        """Subtract from the vector of each stored question the mean of questions in its language.

        A question is closer to any other question than to an answer: they share their form, which
        is as uninformative as the language.
        """
        rest = vectors - self.asked[self._languages(vectors)]
        rest /= _lengths(rest)
        return rest

    def _languages(self, vectors: Vectors) -> NDArray[np.intp]:
        english, chinese = self.passages
        way = chinese - english
        shares = (vectors @ way - english @ way) / (way @ way)
        languages: NDArray[np.intp] = (shares > _CHINESE_FROM).astype(np.intp)
        return languages


@cache
def languages_of(model: EmbeddingModel) -> Languages | None:
    """Return the language statistics of a model; None for all but the bundled one."""
    stored = json.loads(_MEANS.read_text("utf-8"))
    if str(model) != stored["model"]:
        return None
    means = (
        _decoded(stored[kind], model.dimensions) for kind in ("passages", "questions", "asked")
    )
    return Languages(*means)


def _decoded(text: str, dimensions: int) -> Vectors:
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float32).reshape(-1, dimensions)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / _lengths(vectors)
    return unit


def _lengths(vectors: Vectors) -> Vectors:
    """Return the length of each vector, to divide it by; faster than `np.linalg.norm`."""
    lengths: Vectors = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., np.newaxis]
    return lengths
