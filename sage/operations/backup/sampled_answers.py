"""Search for a sample of memories, so that the answers of two databases can be compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from pydantic import TypeAdapter

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.store.connections.connection import Connection

_SAMPLED_ANSWERS = query("sampled_answers")
_SEARCH = hashlib.sha256(_SAMPLED_ANSWERS.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SampledAnswer:
    """The ids of the memories that a search for a memory found, best first."""

    asked: str
    by_words: tuple[str, ...]
    by_meaning: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampledAnswers:
    """The results of a sample of searches.

    `search` is the SHA-256 of the search statement: only results of the same statement are
    compared. It is empty if nothing was searched.
    """

    search: str
    found: tuple[SampledAnswer, ...]


class Compared(NamedTuple):
    """How many searches were compared, and how many of them had other results than before."""

    searches: int
    differing: int


NOT_SEARCHED = SampledAnswers("", ())
_ANSWER = TypeAdapter(SampledAnswer)


async def sample_answers(conn: Connection) -> SampledAnswers:
    """Search for a sample of memories, in the schema of this release. Raises StoreError."""
    rows = await conn.fetch(_SAMPLED_ANSWERS)
    texts = (next(iter(row.values())) for row in rows)
    return SampledAnswers(_SEARCH, tuple(map(_ANSWER.validate_json, texts)))


def compare_answers(before: SampledAnswers, after: SampledAnswers) -> Compared:
    """Compare the results of two databases; nothing if their search statements differ."""
    if before.search != after.search:
        return Compared(0, 0)
    pairs = list(zip_longest(_searches(before), _searches(after)))
    return Compared(len(pairs), sum(one != other for one, other in pairs))


def _searches(answers: SampledAnswers) -> Iterator[tuple[str, tuple[str, ...]]]:
    for answer in answers.found:
        yield answer.asked, answer.by_words
        yield answer.asked, answer.by_meaning
