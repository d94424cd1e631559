"""Parse and validate the vectors in a response of /embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.phrases import phrase
from sage.providers.remote.faults import MalformedResponseError

if TYPE_CHECKING:
    from sage.domain.embedding import Vectors


def parse_vectors(document: object, count: int, dimensions: int) -> Vectors:
    """Return the vectors as unit vectors in the order of the input: shape (count, dimensions).

    Raises MalformedResponseError for a vector that is missing, of another length, not finite or
    zero.
    """
    match document:
        case {"data": [*entries]} if len(entries) == count:
            pass
        case {"data": [*entries]}:
            raise MalformedResponseError(
                phrase(
                    "{name} sent {vectors} vectors for {texts} texts",
                    vectors=len(entries),
                    texts=count,
                )
            )
        case _:
            raise MalformedResponseError("{name} sent no vectors")
    ordered: list[object] = [None] * count
    for position, entry in enumerate(entries):
        match entry:
            case {"index": int(index), "embedding": [*numbers]} if 0 <= index < count:
                ordered[index] = numbers
            case {"embedding": [*numbers]} if "index" not in entry:
                ordered[position] = numbers
            case _:
                raise MalformedResponseError("{name} sent a vector without a valid index")
    return np.stack([_unit(numbers, dimensions) for numbers in ordered])


def _unit(numbers: object, dimensions: int) -> Vectors:
    if not isinstance(numbers, list):
        raise MalformedResponseError("{name} sent two vectors for one text")
    if len(numbers) != dimensions:
        raise MalformedResponseError(
            phrase(
                "{name} sent a vector of {count} dimensions, expected {dimensions}",
                count=len(numbers),
                dimensions=dimensions,
            ),
            hint=phrase(
                "set EMBEDDING_DIMENSIONS={count} if EMBEDDING_MODEL is right", count=len(numbers)
            ),
        )
    try:
        vector = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise MalformedResponseError(
            "{name} sent a vector that contains something other than numbers"
        ) from None
    if vector.ndim != 1:
        raise MalformedResponseError(
            "{name} sent a vector that contains something other than numbers"
        )
    if not np.isfinite(vector).all():
        raise MalformedResponseError("{name} sent a vector with numbers that are not finite")
    largest = np.abs(vector).max()
    if largest == 0:
        raise MalformedResponseError("{name} sent a zero vector")
    vector /= largest
    unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
