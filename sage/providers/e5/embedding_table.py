"""The rows of the embedding table, read on demand from the file of weights.

They are most of that file, and few are ever used. In a memory map, each page that is touched brings
in fifteen others, until all 54 MB of them count as memory of the process.
"""

from __future__ import annotations

import os
import weakref
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_WEIGHTS, _SCALES = 192, 24
_ROW = np.dtype([("weights", np.uint8, (_WEIGHTS,)), ("scales", "<f2", (_SCALES // 2,))])
_MAX_KEPT = 4_096


class EmbeddingTable:
    """The embedding table, with a cache of the rows used last. Calls may overlap."""

    def __init__(self, weights: Path, scales_at: int) -> None:
        """Open the file; its scales begin at that offset. Raises OSError."""
        self._file = os.open(weights, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._scales_at = scales_at
        self._row = lru_cache(_MAX_KEPT)(self._read)

    def rows(self, tokens: Iterable[int]) -> NDArray[np.void]:
        """Return the weights and the scales of some tokens. Raises OSError."""
        return np.frombuffer(b"".join(map(self._row, tokens)), _ROW)

    def _read(self, token: int) -> bytes:
        weights = os.pread(self._file, _WEIGHTS, token * _WEIGHTS)
        return weights + os.pread(self._file, _SCALES, self._scales_at + token * _SCALES)
