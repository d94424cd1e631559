"""Summaries without a language model: the sentences that say most about a question."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sage.domain.summarizing import Turn

_SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s|$)|[。！？；]|\n|$)")  # noqa: RUF001 - CJK marks
_TERM = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]")
_QUESTION_WEIGHT = 3.0
_REPEATED_WEIGHT = 0.25
_MOST_SENTENCES = 500


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    line: str
    terms: frozenset[str]
    tokens: int


class ExtractiveSummarizer:
    """Picks whole sentences and leaves them as they were said, in order of time."""

    name = "extractive"
    trouble = ""

    def __init__(self, count_tokens: Callable[[str], int]) -> None:
        """Measure with `count_tokens`."""
        self._count_tokens = count_tokens

    async def summarize(self, question: str, turns: Sequence[Turn], max_tokens: int) -> str:
        """Pick the sentences that say most about a question and least of what is already said."""
        return await asyncio.to_thread(self._picked, question, turns, max_tokens)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _picked(self, question: str, turns: Sequence[Turn], max_tokens: int) -> str:
        left = self._sentences(turns)
        found_in = Counter(term for sentence in left for term in sentence.terms)
        weights = {term: math.log1p(len(left) / count) for term, count in found_in.items()}
        asked = _terms(question) & weights.keys()
        for term in asked:
            weights[term] *= _QUESTION_WEIGHT
        picked: list[_Sentence] = []
        while left := [sentence for sentence in left if sentence.tokens <= max_tokens]:
            best = max(left, key=lambda sentence: _worth(sentence, weights))
            picked.append(best)
            max_tokens -= best.tokens
            left = [sentence for sentence in left if sentence.terms != best.terms]
            for term in best.terms - asked:
                weights[term] *= _REPEATED_WEIGHT
        return "\n".join(one.line for one in sorted(picked, key=lambda one: one.place))

    def _sentences(self, turns: Iterable[Turn]) -> list[_Sentence]:
        lines = [
            (f"{turn.head}: {text}", terms)
            for turn in turns
            for match in _SENTENCE.finditer(turn.text)
            if (terms := _terms(text := match.group().strip()))
        ]
        return [
            _Sentence(place, line, terms, self._count_tokens(line + "\n"))
            for place, (line, terms) in enumerate(lines[:_MOST_SENTENCES])
        ]


def _worth(sentence: _Sentence, weights: dict[str, float]) -> float:
    """Weigh the terms, and let a long sentence not win by its length alone."""
    return sum(weights[term] for term in sentence.terms) / math.sqrt(len(sentence.terms) + 1)


def _terms(text: str) -> frozenset[str]:
    """Give the words, and the pairs of characters where words are not set apart."""
    terms: set[str] = set()
    for match in _TERM.finditer(text.lower()):
        run = match.group()
        if _WIDE.search(run) and len(run) > 1:
            terms.update(run[place : place + 2] for place in range(len(run) - 1))
        elif len(run) > 1:
            terms.add(run)
    return frozenset(terms)
