"""A question during a search: its words, corrected by those of the space, and their matches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.retrieval.query.selectivity import paired_terms, selective_terms
from sage.retrieval.text.lexemes import tsquery_of, tsquery_of_pairs
from sage.retrieval.text.names import MIN_CALLS, possible_names
from sage.retrieval.text.typos import Typos, known_names, name_terms
from sage.store.search import WordMatches, count_keys, lexical_candidates, look_up_words
from sage.telemetry.metrics.catalog import SEARCH_STAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import EmbedderHandle
    from sage.domain.searching import SearchRequest
    from sage.retrieval.query.questions import Question
    from sage.retrieval.text.names import PossibleNames
    from sage.service.search.caches import SearchStatistics
    from sage.store.connections.connection import Connection

CANDIDATES_PER_LEG = 100
"""The number of candidates by words, and the number by meaning."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question, and what is known before the search.

    `text` is that of the request without words for days, and `possible` are the possible names in
    it.
    """

    request: SearchRequest
    text: str
    question: Question
    possible: PossibleNames
    handle: EmbedderHandle
    statistics: SearchStatistics

    @property
    def matching(self) -> Sequence[str]:
        """The tsqueries for candidates by words, each for those that the one before lacks."""
        terms, space_id = self.question.topic_terms, self.request.space_id
        known = self.statistics.statistics
        pairs = tsquery_of_pairs(*paired_terms(terms, space_id, known))
        rarest = tsquery_of(selective_terms(terms, space_id, known))
        return (pairs, rarest) if pairs else (rarest,)


async def resolve_words(conn: Connection, asked: SearchQuery) -> tuple[str, frozenset[str]]:
    """Return a question with typos replaced by words of the space, and the names in it."""
    text, possible = asked.text, asked.possible
    if not possible.guesses:
        return text, frozenset()
    space_id, known = asked.request.space_id, asked.statistics.statistics
    has_word = asked.handle.embedder.has_word
    words = name_terms(possible, asked.question.words.terms, has_word)
    names, unknown = await look_up_words(conn, space_id, words, MIN_CALLS, known)
    typos = Typos.among(unknown, has_word)
    if not typos.candidates:
        return text, possible.meant(names)
    held_by = await count_keys(conn, space_id, typos.spellings, known)
    corrected = typos.corrected(text, held_by)
    return corrected, possible_names(corrected).meant(names | known_names(held_by))


@SEARCH_STAGE.time("words")
async def found_by_words(conn: Connection, asked: SearchQuery) -> WordMatches:
    """Find the memories with words of a question, best first."""
    found = WordMatches((), {})
    for matching in asked.matching:
        found |= await lexical_candidates(
            conn,
            space_id=asked.request.space_id,
            matching=matching,
            ranking=asked.question.words.tsquery,
            filters=asked.request.filters,
            limit=CANDIDATES_PER_LEG,
        )
        if len(found.memory_ids) >= CANDIDATES_PER_LEG:
            break
    return replace(found, memory_ids=found.memory_ids[:CANDIDATES_PER_LEG])
