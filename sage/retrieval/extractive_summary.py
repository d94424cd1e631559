"""Pick the sentences that say most about a question: a summary without a language model."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.retrieval.text.lexemes import query_of
from sage.retrieval.text.words import terms_in
from sage.retrieval.tokens import count_tokens_upper_bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sage.domain.summarizing import SummaryTurn

_END = re.compile(
    r"(?<![.!?…])[.!?…]++(?=\s|$)"  # a run of marks is looked at once, not from each of its marks
    r"|[。！？；\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"  # noqa: RUF001 - CJK marks
)
_QUESTION_MARKS = ("?", "？")  # noqa: RUF001 - CJK mark
_ASKING_WEIGHT = 0.5
_MIN_SHARE = 0.5
_MAX_SENTENCES = 500


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    line: str
    terms: frozenset[str]
    head_terms: frozenset[str]
    asks: bool


def split_sentences(text: str) -> Iterator[str]:
    """Cut a text after each sentence and each line; the pieces together are the text."""
    begins_at = 0
    for end in _END.finditer(text):
        yield text[begins_at : end.end()]
        begins_at = end.end()
    yield text[begins_at:]


def pick_sentences(question: str, turns: Sequence[SummaryTurn], max_tokens: int) -> str:
    """Return whole sentences as they were said, a line each, in order of time and at most so long.

    A sentence counts by the words it shares with the question, the rarer among all `turns` the
    more, and half where it asks itself. Who spoke lends it weight, but does not make it fit by
    itself, unless the question names nothing else. One that counts less than half of the best is
    left out; empty where none has a word of the question.
    """
    sentences = _sentences(turns)
    asked = set(query_of(question).terms)
    topics = asked.difference(*(sentence.head_terms for sentence in sentences))
    found_in = Counter(term for one in sentences for term in one.terms | one.head_terms)
    weights = {
        term: math.log1p(len(sentences) / found_in[term]) for term in asked & found_in.keys()
    }
    worth = {
        one: sum(weights[term] for term in asked & (one.terms | one.head_terms))
        * (_ASKING_WEIGHT if one.asks else 1.0)
        for one in sentences
        if (topics or asked) & (one.terms if topics else one.terms | one.head_terms)
    }
    least = _MIN_SHARE * max(worth.values(), default=0.0)
    picked: list[_Sentence] = []
    said: set[frozenset[str]] = set()
    for one in sorted(worth, key=lambda one: (-worth[one], -len(one.terms), one.place)):
        tokens = count_tokens_upper_bound(f"{one.line}\n")
        if worth[one] >= least and tokens <= max_tokens and one.terms not in said:
            picked.append(one)
            said.add(one.terms)
            max_tokens -= tokens
    return "\n".join(one.line for one in sorted(picked, key=lambda one: one.place))


def _sentences(turns: Iterable[SummaryTurn]) -> list[_Sentence]:
    found = [
        (turn.head, text, terms)
        for turn in turns
        for sentence in split_sentences(turn.text)
        if (terms := terms_in(text := sentence.strip()))
    ]
    return [
        _Sentence(place, f"{head}: {text}", terms, terms_in(head), text.endswith(_QUESTION_MARKS))
        for place, (head, text, terms) in enumerate(found[:_MAX_SENTENCES])
    ]
