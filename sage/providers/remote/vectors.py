"""Check what a model gave for vectors before any of it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.providers.remote.faults import MalformedAnswerError

if TYPE_CHECKING:
    from sage.domain.embedding import Vectors


def read_vectors(answer: object, count: int, dimensions: int) -> Vectors:
    """Take the vectors out of an answer of /embeddings, in the order of what was sent, as units.

    Shape (count, dimensions). Raises MalformedAnswerError for any that is missing, of another
    length, not finite or without a direction.
    """
    match answer:
        case {"data": [*entries]} if len(entries) == count:
            pass
        case {"data": [*entries]}:
            raise MalformedAnswerError(f"sent {len(entries)} vectors for {count} texts")
        case _:
            raise MalformedAnswerError("sent no vectors")
    ordered: list[object] = [None] * count
    for place, entry in enumerate(entries):
        match entry:
            case {"index": int(index), "embedding": [*numbers]} if 0 <= index < count:
                ordered[index] = numbers
            case {"embedding": [*numbers]} if "index" not in entry:
                ordered[place] = numbers
            case _:
                raise MalformedAnswerError("sent a vector without its place")
    return np.stack([_unit(numbers, dimensions) for numbers in ordered])


def _unit(numbers: object, dimensions: int) -> Vectors:
    if not isinstance(numbers, list):
        raise MalformedAnswerError("sent two vectors for one text")
    if len(numbers) != dimensions:
        raise MalformedAnswerError(
            f"sent a vector of {len(numbers)} dimensions where {dimensions} are expected",
            hint=f"set EMBEDDING_DIMENSIONS={len(numbers)} if the model is the right one",
        )
    try:
        vector = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise MalformedAnswerError("sent a vector of something else than numbers") from None
    if vector.ndim != 1:
        raise MalformedAnswerError("sent a vector of something else than numbers")
    if not np.isfinite(vector).all():
        raise MalformedAnswerError("sent a vector with numbers that are not finite")
    largest = np.abs(vector).max()
    if largest == 0:
        raise MalformedAnswerError("sent a vector of length zero")
    vector /= largest
    unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
