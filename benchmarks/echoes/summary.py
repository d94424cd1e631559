"""Summarize searches by the number of times that a question was asked before."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.echoes.measure import ACROSS, not_higher
from benchmarks.echoes.talk import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.echoes.measure import FactSearch, Results


@dataclass(frozen=True, slots=True)
class Row:
    """Shares and means over searches; `asked` describes these searches."""

    size: int
    times: int
    asked: str
    searches: int
    first: float
    among_three: float
    shown: float
    wrong_first: float
    echoes: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The shares of questions whose relevance is not higher than before they were asked.

    `facts` are questions about facts that got no answer; `unanswerable` are unanswerable questions.
    """

    size: int
    times: int
    facts: float
    unanswerable: float
    unanswerable_echoes: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows, and the verdicts.

    `total`, `by_reply` and `by_language` leave out queries in the other language: there, facts with
    similar words in the language of the query rank higher.
    """

    total: Sequence[Row]
    by_reply: Sequence[Row]
    by_way: Sequence[Row]
    by_language: Sequence[Row]
    near_misses: Sequence[Row]
    verdicts: Sequence[Verdicts]


def summary_of(results: Results) -> Summary:
    """Return shares and means over searches."""
    found = results.facts
    own = [one for one in found if one.way != ACROSS]
    return Summary(
        [*_rows(own, lambda _: "all")],
        [*_rows(own, lambda one: f"{one.reply.value}, {one.words.value}")],
        [*_rows(found, lambda one: one.way)],
        [*_rows(own, lambda one: one.language)],
        [*_rows(results.near_misses, lambda one: one.way)],
        [*_verdicts(results)],
    )


def _rows(found: Sequence[FactSearch], asked: Callable[[FactSearch], str]) -> Iterator[Row]:
    alike: dict[tuple[int, int, str], list[FactSearch]] = {}
    for one in found:
        alike.setdefault((one.size, one.times, asked(one)), []).append(one)
    for (size, times, name), ones in alike.items():
        yield Row(
            size,
            times,
            name,
            len(ones),
            *(
                round(fmean(values), 4)
                for values in (
                    [one.first for one in ones],
                    [one.among_three for one in ones],
                    [one.shown for one in ones],
                    [one.wrong_first for one in ones],
                    [one.echoes for one in ones],
                    [one.likelihood for one in ones],
                )
            ),
        )


def _verdicts(results: Results) -> Iterator[Verdicts]:
    unasked = {
        (one.size, one.round, one.fact, one.way): one.relevance
        for one in results.facts
        if one.times == 0
    }
    before = {
        (one.size, one.round, one.question): one.relevance
        for one in results.unanswerable
        if one.times == 0
    }
    for size, times in dict.fromkeys((one.size, one.times) for one in results.facts):
        facts = [
            not_higher(one.relevance, unasked[one.size, one.round, one.fact, one.way])
            for one in results.facts
            if (one.size, one.times) == (size, times) and one.reply is Reply.NOTHING
        ]
        unanswerable = [
            one for one in results.unanswerable if (one.size, one.times) == (size, times)
        ]
        yield Verdicts(
            size,
            times,
            _mean(facts),
            _mean(
                [
                    not_higher(one.relevance, before[one.size, one.round, one.question])
                    for one in unanswerable
                ]
            ),
            _mean([one.echoes for one in unanswerable]),
        )


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 4) if values else 0.0
