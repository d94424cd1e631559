"""Read the start and the end of a search: names and candidates by words, and the hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.candidates import PlannerStatistics
from sage.domain.memories import Memory, Role
from sage.domain.message_class import UNINFORMATIVE, MessageClass
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.searching import Filters
    from sage.store.connections.connection import Connection

_WORDS = query("search_words")
_KEYS = query("search_keys")
_STATISTICS = query("search_statistics")
_LEXICAL = query("search_lexical")
_ASKED = query("search_asked")
_HITS = query("search_hits")
_SINCE = query("search_since")

_MAX_COUNTED = 1_000
_MAX_ASKED = 200
"""The number of best matches that are checked for unanswered questions."""
_MAX_COMPARED = 50
"""The number of unanswered texts that are compared with a question: each is split into words."""
UNINFORMATIVE_CODES = [one.code for one in UNINFORMATIVE]
"""The numbers of the classes that are results only if they have an answer."""


@dataclass(frozen=True, slots=True)
class WordMatches:
    """Memories with words of a question, best first.

    `asked` are the unanswered texts among the best, with the newest memory of each.
    """

    memory_ids: Sequence[UUID]
    asked: Mapping[str, UUID]

    def __or__(self, others: WordMatches) -> WordMatches:
        """Add others, which come after these."""
        memory_ids = [*dict.fromkeys((*self.memory_ids, *others.memory_ids))]
        return WordMatches(memory_ids, {**others.asked, **self.asked})


async def look_up_words(
    conn: Connection,
    space_id: str,
    terms: Mapping[str, str | None],
    fewest_calls: int,
    statistics: PlannerStatistics,
) -> tuple[frozenset[str], frozenset[str]]:
    """Return which folded words are names, and which words with a term do not occur at all.

    A name is that of a speaker, or of somebody addressed by it at least `fewest_calls` times.
    """
    is_large = statistics.is_large(space_id)
    rows = await conn.fetch(_WORDS, space_id, [*terms], [*terms.values()], fewest_calls, is_large)
    names = frozenset(row["word"] for row in rows if row["is_name"])
    return names, frozenset(row["word"] for row in rows if not row["is_known"]) - names


async def count_keys(
    conn: Connection, space_id: str, spellings: Mapping[str, str], statistics: PlannerStatistics
) -> dict[str, int]:
    """Count the memories of a space with each key of the index, up to a thousand.

    The keys are the terms of some spellings and those of names with that spelling. The statistics
    decide only how to count, and never affect a number: they are those of all spaces.
    """
    rows = await conn.fetch(
        _KEYS,
        space_id,
        " ".join(spellings),
        " ".join(spellings.values()),
        _MAX_COUNTED,
        statistics.is_large(space_id),
    )
    return {row["lexeme"]: row["held_by"] for row in rows}


async def read_statistics(conn: Connection) -> PlannerStatistics:
    """Read the planner's statistics about memories, of the last time they were analyzed."""
    shares: dict[str, dict[str, float]] = {"rows": {}, "term": {}, "space": {}}
    for row in await conn.fetch(_STATISTICS):
        shares[row["kind"]][row["value"]] = row["share"]
    return PlannerStatistics(shares["rows"].get("", 0.0), shares["term"], shares["space"])


async def lexical_candidates(  # noqa: PLR0913 - the space, the two queries, the filters
    conn: Connection, *, space_id: str, matching: str, ranking: str, filters: Filters, limit: int
) -> WordMatches:
    """Find memories that match the tsquery `matching`, in the order of `ranking`."""
    rows = await conn.fetch(
        _LEXICAL,
        space_id,
        matching,
        ranking,
        limit,
        *filter_values(filters),
        left_out(filters),
        0 if filters.lets_in_questions else _MAX_ASKED,
        _MAX_COMPARED,
    )
    return WordMatches(
        [row["memory_id"] for row in rows if row["asked"] is None],
        {row["asked"]: row["memory_id"] for row in rows if row["asked"] is not None},
    )


async def count_unanswered(
    conn: Connection, space_id: str, matching: str, texts: Sequence[str], filters: Filters
) -> dict[str, tuple[int, datetime]]:
    """Count how often each text was not answered, with the last time; `matching` matches all."""
    asking = [one.code for one in MessageClass if one.asks]
    values = (space_id, matching, asking, list(texts), *filter_values(filters))
    rows = await conn.fetch(_ASKED, *values)
    return {row["content"]: (row["count"], row["last_at"]) for row in rows}


async def has_memories_since(conn: Connection, space_id: str, when: datetime) -> bool:
    """Return whether a space has a message of that time or later."""
    return bool(await conn.fetchval(_SINCE, space_id, when))


async def read_hits(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, Memory]:
    """Read memories by their ids; those that were forgotten meanwhile are missing."""
    rows = await conn.fetch(_HITS, space_id, list(memory_ids))
    return {row["memory_id"]: Memory(**{**row, "role": Role(row["role"])}) for row in rows}


def left_out(filters: Filters) -> list[int]:
    """Return the numbers of the classes that are left out unless they have an answer."""
    return [one.code for one in filters.left_out]


def filter_values(filters: Filters) -> tuple[object, ...]:
    """Return the parameters $5 to $12 of the queries that include `passes_filters`."""
    return (
        filters.session_id,
        filters.role,
        filters.after,
        filters.before,
        dict(filters.metadata) or None,
        filters.project,
        _provenance(filters),
        filters.include_superseded,
    )


def _provenance(filters: Filters) -> Mapping[str, str | None] | None:
    wanted: dict[str, str | None] = {}
    if filters.author is not None:
        wanted["author"] = filters.author
    if filters.trust is not None:
        wanted |= {"trust": filters.trust.trust, "reader": filters.trust.reader}
    return wanted or None
