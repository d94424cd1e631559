"""What a question asks for, as far as its words tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.retrieval.chinese import chinese_simplified, simplified
from sage.retrieval.dates import dates_in
from sage.retrieval.languages import language_of
from sage.retrieval.lexemes import query_of
from sage.retrieval.names import without_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sage.retrieval.dates import NamedDate
    from sage.retrieval.lexemes import LexicalQuery

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
    """A question, cut for search.

    `topic` is its text without the `names` of people, Chinese in simplified characters; `words` are
    all its terms, `topic_terms` those of the topic, or all where it has none. `language` is that of
    the topic, as `language_of` tells it.
    """

    topic: str
    names: frozenset[str]
    words: LexicalQuery
    topic_terms: tuple[str, ...]
    dates: tuple[NamedDate, ...]
    asks_when: bool
    language: int


def parse_question(
    text: str, words: LexicalQuery, names: Collection[str], days: Sequence[NamedDate] = ()
) -> Question:
    """Read a question whose terms are `words`, knowing which of its words are `names`.

    `days` are those it means besides the dates that `text` names.
    """
    topic = without_names(text, names) if names else chinese_simplified(text)
    topic_terms = query_of(topic, days).terms
    if not set(topic_terms) & set(words.terms):
        topic, topic_terms = chinese_simplified(text), words.terms
    return Question(
        topic=topic,
        names=frozenset(names),
        words=words,
        topic_terms=topic_terms,
        dates=(*days, *dates_in(text)),
        asks_when=bool(_ASKS_WHEN.search(simplified(text))),
        language=language_of(topic),
    )
