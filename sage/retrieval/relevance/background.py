"""The similarity of ordinary messages to a question, from which relevant hits stand out."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Vectors
    from sage.retrieval.ranking.evidence import FloatColumn


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The distribution of vectors of ordinary messages, debiased, in English and in Chinese.

    They vary most in the directions `spreads`, by the lengths of these, and by `rest` in all
    others.
    """

    means: Vectors
    spreads: Vectors
    rest: FloatColumn

    def cosines(self, question: Vectors, hit: Vectors, language: int) -> tuple[float, float, float]:
        """Return the mean and deviation of their cosines to a question, and a hit's cosine.

        The cosine of the hit is whitened: it disregards the directions in which ordinary messages
        vary.
        """
        spreads, rest = self.spreads[language], self.rest[language]
        both = np.stack([question, hit - self.means[language]])
        along = both @ spreads.T
        ordinary = along / np.sqrt((spreads**2).sum(axis=1) + rest**2)
        (one, shared), (_, other) = both @ both.T - ordinary @ ordinary.T
        deviation = np.sqrt(along[0] @ along[0] + rest**2)
        return float(self.means[language] @ question), deviation, shared / np.sqrt(one * other)

    @classmethod
    def read(cls, means: str, spreads: str, rest: Sequence[float], dimensions: int) -> Background:
        """Decode a stored background: half-precision floats in base64."""
        halves = (np.frombuffer(base64.b64decode(text), "<f2") for text in (means, spreads))
        mean, spread = (one.astype(np.float32).reshape(2, -1, dimensions) for one in halves)
        return cls(mean[:, 0], spread, np.array(rest))
