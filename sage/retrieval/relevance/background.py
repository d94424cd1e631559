"""How near ordinary talk is to a question: what is nearer stands out, whatever the question is."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Vectors
    from sage.retrieval.evidence import Column


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What vectors of ordinary messages are like, less their language, in English and in Chinese.

    They differ most in the directions `spreads`, as long as these are, and by `rest` in any other.
    """

    means: Vectors
    spreads: Vectors
    rest: Column

    def cosines(self, meant: Vectors, language: int) -> tuple[float, float]:
        """Return the mean and the standard deviation of their cosines to a question."""
        along = self.spreads[language] @ meant
        deviation = np.sqrt(along @ along + self.rest[language] ** 2)
        return float(self.means[language] @ meant), float(deviation)

    @classmethod
    def read(cls, means: str, spreads: str, rest: Sequence[float], dimensions: int) -> Background:
        """Decode a background as it is kept: halves in base64."""
        halves = (np.frombuffer(base64.b64decode(text), "<f2") for text in (means, spreads))
        mean, spread = (one.astype(np.float32).reshape(2, -1, dimensions) for one in halves)
        return cls(mean[:, 0], spread, np.array(rest))
