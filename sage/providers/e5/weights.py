"""Write the weights of the packed file in the layout of onnxruntime's graph.

The weights remain in four bits. A byte of the packed file has the weights j and j + 16 of a block,
in onnxruntime adjacent ones. The scales of the vocabulary remain in 16 bits, which is less to store
and to compress; the graph widens those of the tokens of a text. The operator of the layers requires
32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from sage.providers.e5.packed_file import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sage.providers.e5.packed_file import PackedFile

    _Content = tuple[str, str, tuple[int, ...], Iterator[NDArray[np.generic]]]

ALIGNMENT = 4_096
"""Bytes; a page, so that every tensor can be mapped into memory."""
_ROWS = 8_192  # converted at once: a few megabytes
_MATRICES = ("q", "k", "v", "ao", "fi", "fo")
_NORMS = ("aln", "oln")


@dataclass(frozen=True, slots=True)
class Tensor:
    """The offset, type and shape of a tensor in the file of weights."""

    name: str
    type: str
    shape: tuple[int, ...]
    offset: int
    size: int


def write_weights(packed: PackedFile, file: IO[bytes]) -> list[Tensor]:
    """Write all tensors to a file and return their offsets. Raises OSError."""
    written = []
    for name, kind, shape, parts in _tensors(packed):
        file.write(bytes(-file.tell() % ALIGNMENT))
        offset = file.tell()
        for part in parts:
            file.write(np.ascontiguousarray(part).tobytes())
        written.append(Tensor(name, kind, shape, offset, file.tell() - offset))
    return written


def matrices(packed: PackedFile) -> Iterator[tuple[str, int, int]]:
    """Yield the matrices of the layers: name, rows, columns."""
    hidden, inner = packed.hidden, packed.inner
    for layer in range(packed.layers):
        for matrix in _MATRICES:
            rows = inner if matrix == "fi" else hidden
            columns = inner if matrix == "fo" else hidden
            yield f"l{layer}.{matrix}", rows, columns


def _tensors(packed: PackedFile) -> Iterator[_Content]:
    """Yield the name, type, shape and content of each tensor, in the order of the file."""
    hidden = packed.hidden
    rows, blocks = packed.vocabulary_size, hidden // BLOCK
    weights, scales = _matrix(packed, "emb.word", (rows, hidden), (rows, hidden // 2))
    yield weights
    yield "emb.word.scales", "float16", (rows, blocks), iter((scales,))
    positions = packed.floats("emb.pos", packed.positions, hidden)
    of_type = packed.floats("emb.type", packed.types, hidden)[0]
    yield _floats("emb.pos", positions + of_type)  # there is one type of text
    for part in ("w", "b"):
        yield _floats(f"emb.ln.{part}", packed.floats(f"emb.ln.{part}", hidden))
    for name, rows, columns in matrices(packed):
        shape = (rows, columns // BLOCK, BLOCK // 2)
        weights, scales = _matrix(packed, f"{name}.w", (rows, columns), shape)
        yield weights
        yield _floats(f"{name}.w.scales", scales.astype("<f4").ravel())
        yield _floats(f"{name}.b", packed.floats(f"{name}.b", rows))
    for layer in range(packed.layers):
        for norm in _NORMS:
            for part in ("w", "b"):
                name = f"l{layer}.{norm}.{part}"
                yield _floats(name, packed.floats(name, hidden))


def _matrix(
    packed: PackedFile, name: str, size: tuple[int, int], shape: tuple[int, ...]
) -> tuple[_Content, NDArray[np.float16]]:
    """Return the tensor of a matrix and the scales of its blocks."""
    weights, scales = packed.blocks(name, *size)
    parts = (_neighbours(weights[start : start + _ROWS]) for start in range(0, size[0], _ROWS))
    return (name, "uint8", shape, parts), scales


def _neighbours(weights: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Repack the bytes of blocks: rows x blocks x 16."""
    all_of_block = np.concatenate([weights & 15, weights >> 4], axis=2)
    neighbours: NDArray[np.uint8] = all_of_block[:, :, 0::2] | (all_of_block[:, :, 1::2] << 4)
    return neighbours


def _floats(name: str, content: NDArray[np.float32]) -> _Content:
    return name, "float32", content.shape, iter((content,))
