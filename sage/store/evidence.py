"""Read candidates and their neighbours as columns of numbers, and their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from pgvector import HalfVector

from sage.domain.candidates import FoundColumns
from sage.store.named_sql import query
from sage.store.search import UNINFORMATIVE_CODES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.domain.embedding import Vectors
    from sage.store.connections.connection import Connection

_EVIDENCE = query("search_evidence")
_PLAN_ONCE = query("plan_once")
_VECTORS = query("search_vectors")
_EPOCH = np.datetime64("2000-01-01", "us")
_SIGN_AND_REST = np.int32(-0x70000001)
"""All bits of a float except the three highest of its exponent."""
_BIAS = np.float32(2.0**112)
"""The factor between the exponent biases of halves and floats."""
_NUMBERS = np.dtype(
    [
        ("created_at", ">i8"),  # microseconds since the epoch of Postgres
        ("arrival", ">i8"),
        ("word_rank", ">f4"),
        ("is_candidate", "?"),
        ("asks", "?"),
        ("speaks_of_self", "?"),
        ("dated", "?"),
        ("timed", "?"),
        ("said", ">i8"),
        ("class", ">i2"),
    ]
)


async def read_evidence(  # noqa: PLR0913 - the candidates and what they are compared with
    conn: Connection,
    *,
    space_id: str,
    candidates: Sequence[UUID],
    tsquery: str,
    terms: Sequence[str],
    model_id: int,
    dimensions: int,
    reach: int,
    near: Vectors | None = None,
    include_superseded: bool = False,
) -> tuple[FoundColumns, Vectors]:
    """Read candidates with the values that rank them by their text, and their vectors.

    Up to `reach` neighbours before and after each in its session are included, whether they pass
    any filter or not. Superseded memories are no candidates, unless included. `tsquery` is the
    whole question and `terms` its parts, all as literals of a tsquery. Candidates that are
    forgotten or of another space are left out. All rows are grouped by session, each in order. The
    vectors are like those of `read_vectors`; without `near` all of them are NaN. Later queries of
    the transaction are planned like this one: once, for look-ups by keys.
    """
    point = None if near is None else HalfVector(near)
    texts = (tsquery, list(terms))
    compared = (*texts, model_id, point)
    values = (space_id, list(candidates), reach, *compared, include_superseded, UNINFORMATIVE_CODES)
    rows: Sequence[Sequence[Any]] = []
    if candidates:
        await conn.execute(_PLAN_ONCE)
        # Iterating over a row of the driver yields its values, faster than `values`.
        rows = cast("Sequence[Sequence[Any]]", await conn.fetch(_EVIDENCE, *values))
    columns = list(zip(*rows, strict=True)) or [()] * 8
    memory_id, session_id, role, name, wire, term_ranks, asked, embeddings = columns
    numbers = np.frombuffer(b"".join(wire), dtype=_NUMBERS)
    order = _by_session(session_id, numbers)
    places, numbers = order.tolist(), numbers.take(order)
    found = FoundColumns(
        is_candidate=numbers["is_candidate"],
        memory_id=_objects(memory_id)[order],
        session_id=_objects(session_id)[order],
        role=_objects(role)[order],
        name=_objects(name)[order],
        created_at=_EPOCH + numbers["created_at"].astype("timedelta64[us]"),
        arrival=numbers["arrival"].astype(np.int64),
        word_rank=numbers["word_rank"].astype(np.float64),
        term_ranks=_ranks([term_ranks[place] for place in places], len(terms)),
        asks=numbers["asks"],
        speaks_of_self=numbers["speaks_of_self"],
        dated=numbers["dated"],
        timed=numbers["timed"],
        said=numbers["said"].astype(np.int64),
        class_code=numbers["class"],
        asked=_objects(asked)[order],
    )
    return found, _vectors([embeddings[place] for place in places], dimensions)


async def read_vectors(
    conn: Connection, space_id: str, model_id: int, memory_ids: Sequence[UUID], near: Vectors
) -> Vectors:
    """Read one vector for each memory: of its chunk nearest to `near`; NaN if it has none yet.

    Shape (len(memory_ids), dimensions), in the order of the ids.
    """
    rows = await conn.fetch(_VECTORS, space_id, model_id, list(memory_ids), HalfVector(near))
    embeddings = {row["memory_id"]: row["embedding"] for row in rows}
    return _vectors([embeddings.get(memory_id) for memory_id in memory_ids], len(near))


def _by_session(sessions: Sequence[str], numbers: NDArray[np.void]) -> NDArray[np.intp]:
    """Return the indexes of rows grouped by session, each in order."""
    number_of = {name: number for number, name in enumerate(sorted(set(sessions)))}
    of_session = np.fromiter(map(number_of.__getitem__, sessions), np.intp, len(sessions))
    return np.lexsort((numbers["arrival"], numbers["created_at"], of_session))


def _vectors(embeddings: Sequence[bytes | None], dimensions: int) -> Vectors:
    """Decode vectors from their binary format."""
    wire = np.dtype([("header", "V4"), ("halves", ">i2", (dimensions,))])
    known = _widened(np.frombuffer(_end_to_end(embeddings), wire)["halves"])
    if len(known) == len(embeddings):
        return known
    vectors = np.full((len(embeddings), dimensions), np.nan, dtype=np.float32)
    vectors[_there(embeddings)] = known
    return vectors


def _widened(halves: NDArray[np.int16]) -> Vectors:
    """Convert the bits of finite half floats to floats: numpy itself takes four times as long."""
    bits = halves.astype(np.int32)  # the sign bit fills all higher bits
    bits <<= 13
    bits &= _SIGN_AND_REST
    floats: Vectors = bits.view(np.float32)
    floats *= _BIAS
    return floats


def _ranks(lines: Sequence[bytes | None], terms: int) -> NDArray[np.float64]:
    """Decode the output of float4send, a line for each memory, empty if all ranks are 0."""
    ranks = np.zeros((len(lines), terms))
    ranks[_there(lines)] = np.frombuffer(_end_to_end(lines), ">f4").reshape(-1, max(terms, 1))
    return ranks


def _there(lines: Sequence[bytes | None]) -> NDArray[np.bool_]:
    return np.frombuffer(bytes(map(bool, lines)), dtype=bool)


def _end_to_end(lines: Sequence[bytes | None]) -> bytes:
    return b"".join(filter(None, lines))


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    return np.fromiter(values, dtype=object, count=len(values))
