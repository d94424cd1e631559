"""A question parsed for search."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING

from sage.retrieval.text.dates import dates_in
from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.names import without_names
from sage.retrieval.text.scripts import language_of
from sage.retrieval.text.simplified_chinese import chinese_simplified, simplified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.retrieval.text.dates import NamedDate
    from sage.retrieval.text.lexemes import LexicalQuery

_ASKED_LATELY = 32
_ASKS_ELSE = r"\b(?:what|who|whom|whose|where|which|why|how)\b"
_ASKS_WHEN = re.compile(
    rf"(?:\A|[.?!\n])(?:(?!{_ASKS_ELSE}|[.?!\n]).)*\bwhen\b"  # not: who helped when he fell?
    r"|\b(?:(?:and|or) when|(?:what|which) (?:date|day|weekday|month|year|time|week|season)"
    r"|how long|how recently)\b"
    r"|什么时[候间]|何[时日]|几[号点月日时]|哪一?[天年月日]|多久|什么日子|星期几|周几",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question parsed for search.

    `topic` is its text without the `names` of people, Chinese in simplified characters; `words` are
    all its terms, `topic_terms` those of the topic, or all terms if it has none. `days` are the
    relative dates it means in addition to the dates it names, as days of `timezone`. `language` is
    that of the topic, as `language_of` returns it.
    """

    topic: str
    names: frozenset[str]
    words: LexicalQuery
    topic_terms: tuple[str, ...]
    days: tuple[NamedDate, ...]
    dates: tuple[NamedDate, ...]
    timezone: tzinfo
    asks_when: bool
    language: int

    @lru_cache(_ASKED_LATELY)  # noqa: B019 - few; a search asks twice, mostly for the same
    def about(self, names: frozenset[str]) -> Question:
        """Return the question with the people it names, given as folded names."""
        if not names:
            return self
        topic = without_names(self.topic, names)
        terms = query_of(topic, self.days, self.timezone).terms
        named = replace(self, names=names)
        if set(terms).isdisjoint(self.words.terms):
            return named
        return replace(named, topic=topic, topic_terms=terms, language=language_of(topic))


def parse_question(text: str, days: Sequence[NamedDate] = (), timezone: tzinfo = UTC) -> Question:
    """Parse a question, none of whose words is known to be a name.

    `days` are the relative dates it means in addition to the dates that `text` names.
    """
    topic, words = chinese_simplified(text), query_of(text, days, timezone)
    return Question(
        topic=topic,
        names=frozenset(),
        words=words,
        topic_terms=words.terms,
        days=tuple(days),
        dates=(*days, *dates_in(text)),
        timezone=timezone,
        asks_when=bool(_ASKS_WHEN.search(simplified(text))),
        language=language_of(topic),
    )
