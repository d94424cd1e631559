"""Measure the recall of vector search relative to an exact comparison.

Spaces of several sizes share one database and one model. Stored vectors are synthetic, like those
of the model; questions are embedded by it, so that their vectors are distributed differently, which
is harder.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks.seeding import PLAIN, Kind, SyntheticEmbedder, fill
from benchmarks.statements import bare_nearest, count_vectors, distances_of, settle
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.memories import Role
from sage.domain.searching import Filters
from sage.providers.registry import open_embedder
from sage.store.connections.pool import open_database
from sage.store.memories import forget
from sage.store.migrate import migrate
from sage.store.nearest import nearest_candidates
from sage.store.vector_indexes import MIN_ROWS, build_vector_indexes, read_vector_indexes
from sage.store.vectors import register_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sage.config.settings import Settings
    from sage.domain.embedding import Vectors
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.vector_indexes import VectorIndexes

_CANDIDATES = 100
_BEST = 10
_TIMEOUT_S = 900.0
_SAMPLE = 320
_CHUNKS_OF_LONG = 8
_PHRASE_EVERY = 5
_STAYS_EVERY = 4
_FORGOTTEN = "three of four forgotten"
_HARD_SHARE = 0.4
"""Number of vectors in each hard space, as a share of the largest plain one."""


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """The sizes of the spaces to measure, and the number of questions for each."""

    sizes: Sequence[int]
    questions: int

    @property
    def steps(self) -> int:
        """Return the number of memories to generate and of questions."""
        asked = self.questions * (len(self.sizes) + len(_HARD) + len(_filters(self)))
        return sum(self.sizes) + sum(_memories(kind, self.hard) for kind in _HARD.values()) + asked

    @property
    def hard(self) -> int:
        """Return the number of vectors in each hard space."""
        return round(_HARD_SHARE * max(self.sizes))


@dataclass(frozen=True, slots=True)
class SpaceRecall:
    """Recall@10 and recall@100 in a space, and the median time of a search in milliseconds.

    `vectors` is the number of vectors that can be found, `exact_ms` the time of an exact
    comparison.
    """

    space: str
    filtered_by: str
    vectors: int
    by_index: bool
    recall_at_10: float
    recall_at_100: float
    p50_ms: float
    exact_ms: float


_HARD = {
    _FORGOTTEN: PLAIN,
    "eight chunks per memory": Kind(chunks=_CHUNKS_OF_LONG),
    "every fifth one a phrase": Kind(phrase_every=_PHRASE_EVERY),
}


async def measure_recall(
    settings: Settings, plan: RecallPlan, progress: Callable[[int], None]
) -> list[SpaceRecall]:
    """Measure each space of the plan, and the largest one with filters.

    `settings` must name an empty database (see `sandbox`). `progress` is called with the number of
    memories generated and questions asked, `plan.steps` in total. Raises SageError.
    """
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        await embedder.start()
        database = await open_database(dsn_of(settings), command_timeout_s=_TIMEOUT_S)
        stack.push_async_callback(database.close)
        await migrate(database)
        synthetic = await SyntheticEmbedder.of(embedder, _SAMPLE)
        async with database.across_spaces() as conn:
            model_id = await register_model(conn, embedder.model)
        for number, (space_id, size, kind) in enumerate(_spaces(plan)):
            first = 2 * max(plan.sizes) * number
            await fill(
                database,
                space_id,
                model_id,
                synthetic,
                first=first,
                last=first + size,
                progress=progress,
                kind=kind,
            )
            if space_id == _FORGOTTEN:
                await _forget_most(database, space_id, range(first, first + size))
        async with database.across_spaces() as conn:
            await settle(conn)
        await build_vector_indexes(database, model_id, fewest_rows=MIN_ROWS)
        questions = [
            await embedder.embed_query(corpus.question(number)) for number in range(plan.questions)
        ]
        asked = [(space_id, "nothing", Filters()) for space_id, _, _ in _spaces(plan)]
        asked += [(_name(max(plan.sizes)), *one) for one in _filters(plan).items()]
        async with database.across_spaces() as conn:
            indexes = await read_vector_indexes(conn)
        measured = []
        for space_id, filtered_by, filters in asked:
            async with database.in_space(space_id) as conn:
                space = _Space(conn, indexes, space_id, model_id)
                measured.append(await space.recall(filtered_by, filters, questions))
            progress(plan.questions)
        return measured


@dataclass(frozen=True, slots=True)
class _Space:
    conn: Connection
    indexes: VectorIndexes
    space_id: str
    model_id: int

    async def recall(
        self, filtered_by: str, filters: Filters, questions: Sequence[Vectors]
    ) -> SpaceRecall:
        at_10, at_100, took_ms, exact_ms = [], [], [], []
        for vector in questions:
            began = time.perf_counter()
            exact = await bare_nearest(
                self.conn, self.space_id, self.model_id, vector, filters, _CANDIDATES
            )
            between = time.perf_counter()
            found = await nearest_candidates(
                self.conn,
                space_id=self.space_id,
                model_id=self.model_id,
                vector=vector,
                filters=filters,
                indexes=self.indexes,
                limit=_CANDIDATES,
            )
            took_ms.append((time.perf_counter() - between) * 1000)
            exact_ms.append((between - began) * 1000)
            far = await distances_of(self.conn, self.space_id, self.model_id, vector, found)
            distances = [far[memory_id] for memory_id in found]
            at_10.append(_share_found(distances, exact, _BEST))
            at_100.append(_share_found(distances, exact, _CANDIDATES))
        return SpaceRecall(
            space=self.space_id,
            filtered_by=filtered_by,
            vectors=await count_vectors(self.conn, self.space_id, self.model_id),
            by_index=self.indexes.cover(self.space_id, self.model_id),
            recall_at_10=round(fmean(at_10), 4),
            recall_at_100=round(fmean(at_100), 4),
            p50_ms=round(median(took_ms), 2),
            exact_ms=round(median(exact_ms), 2),
        )


def _share_found(found: Sequence[float], exact: Sequence[float], first: int) -> float:
    """Return the recall among the first `first`, by distance: ties count as found."""
    there = exact[:first]
    if not there:
        return 1.0
    return sum(distance <= there[-1] for distance in found[: len(there)]) / len(there)


def _spaces(plan: RecallPlan) -> Iterator[tuple[str, int, Kind]]:
    for size in plan.sizes:
        yield _name(size), size, PLAIN
    for name, kind in _HARD.items():
        yield name, _memories(kind, plan.hard), kind


def _name(size: int) -> str:
    return f"{size:,} memories"


def _memories(kind: Kind, vectors: int) -> int:
    return vectors // kind.chunks


def _filters(plan: RecallPlan) -> dict[str, Filters]:
    """Return filters for the largest plain space, from loose to selective."""
    size = max(plan.sizes)
    first = 2 * size * list(plan.sizes).index(size)
    return {
        "role": Filters(role=Role.USER),
        "later half": Filters(after=corpus.time_of(first + size // 2)),
        "last quarter": Filters(after=corpus.time_of(first + 3 * size // 4)),
        "metadata": Filters(metadata={"part": 3}),
        "session": Filters(session_id=corpus.session_of(first + size // 2)),
    }


async def _forget_most(database: Database, space_id: str, numbers: range) -> None:
    """Forget the memories of three of four sessions."""
    sessions = list(dict.fromkeys(map(corpus.session_of, numbers)))
    async with database.transaction_across_spaces() as conn:
        for place, session_id in enumerate(sessions):
            if place % _STAYS_EVERY:
                await forget(conn, space_id, [], session_id)
