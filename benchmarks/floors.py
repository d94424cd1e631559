"""The floors of a search and a save: the basic statements that each needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks.seeding import row_of
from benchmarks.statements import bare_insert, make_session
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.searching import Filters
from sage.retrieval.query.selectivity import selective_terms
from sage.retrieval.text.lexemes import query_of, tsquery_of
from sage.store.nearest import nearest_candidates
from sage.store.search import lexical_candidates, read_statistics
from sage.store.vector_indexes import read_vector_indexes
from sage.store.vectors import register_model

if TYPE_CHECKING:
    from sage.cli.benchmark.timing import Call
    from sage.domain.embedding import Embedder
    from sage.store.connections.pool import Database

_HITS = 10
_SESSION = "bare"


async def search_floor(database: Database, embedder: Embedder) -> Call:
    """Return a call that embeds a question and runs the basic statement of each retriever.

    Raises StoreError.
    """
    async with database.across_spaces() as conn:
        model_id = await register_model(conn, embedder.model)
        statistics = await read_statistics(conn)
        indexes = await read_vector_indexes(conn)

    async def call(number: int) -> None:
        text = corpus.question(number)
        vector = await embedder.embed_query(text)
        words = query_of(text)
        terms = selective_terms(words.terms, DEFAULT_SPACE, statistics)
        async with database.in_space(DEFAULT_SPACE) as conn:
            await nearest_candidates(
                conn,
                space_id=DEFAULT_SPACE,
                model_id=model_id,
                vector=vector,
                filters=Filters(),
                indexes=indexes,
                limit=_HITS,
            )
            await lexical_candidates(
                conn,
                space_id=DEFAULT_SPACE,
                matching=tsquery_of(terms),
                ranking=words.tsquery,
                filters=Filters(),
                limit=_HITS,
            )

    return call


async def save_floor(database: Database) -> Call:
    """Return a call that inserts the two messages of an exchange and commits. Raises StoreError."""
    async with database.across_spaces() as conn:
        await make_session(conn, DEFAULT_SPACE, _SESSION)

    async def call(number: int) -> None:
        rows = [row_of(2 * number + place) for place in (0, 1)]
        async with database.across_spaces() as conn:
            await bare_insert(conn, DEFAULT_SPACE, _SESSION, rows)

    return call
