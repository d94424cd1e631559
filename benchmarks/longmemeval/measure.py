"""Measure retrieval on LongMemEval by turn and by session, with its authors' metrics."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from pydantic import SecretStr

from sage.cli.benchmark.abstention import abstention
from sage.cli.benchmark.indexing import until_embedded
from sage.cli.benchmark.migrated import open_migrated_services
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.limits import MAX_RESULTS
from sage.domain.memories import DEFAULT_SPACE, SaveRequest
from sage.domain.searching import SearchRequest
from sage.store.connections.temporary import temporary_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from benchmarks.longmemeval.reading import HistoryQuestion
    from sage.cli.benchmark.abstention import Abstention
    from sage.config.settings import Settings
    from sage.domain.relevance import Relevance


@dataclass(frozen=True, slots=True)
class Ranking:
    """The results of a question, best first: whether each is relevant; and all relevant ones.

    `relevant` is the number of relevant turns or sessions in the history.
    """

    found: tuple[bool, ...]
    relevant: int

    def recall_any(self, k: int) -> float:
        """Return 1 if a relevant one is among the first `k`, else 0."""
        return float(any(self.found[:k]))

    def recall_all(self, k: int) -> float:
        """Return 1 if all relevant ones are among the first `k`, else 0."""
        return float(sum(self.found[:k]) == self.relevant)

    def ndcg(self, k: int) -> float:
        """Return the normalized discounted cumulative gain of the first `k`: 0 to 1.

        The discounts are those of LongMemEval, where the first two ranks are not discounted.
        """
        ideal = sum(map(_discount, range(min(k, self.relevant))))
        gain = sum(_discount(place) for place, hit in enumerate(self.found[:k]) if hit)
        return gain / ideal


@dataclass(frozen=True, slots=True)
class RankingScore:
    """Means over questions: 0 to 1."""

    questions: int
    recall_any_at_5: float
    recall_all_at_5: float
    recall_any_at_10: float
    recall_all_at_10: float
    ndcg_at_10: float


@dataclass(frozen=True, slots=True)
class LongMemEvalQuality:
    """The retrieval quality for the questions of one file, by category and as `all`."""

    name: str
    messages: int
    turns: Mapping[str, RankingScore]
    sessions: Mapping[str, RankingScore]
    abstention: Abstention | None


async def measure_longmemeval(
    place: Settings,
    name: str,
    questions: Iterable[HistoryQuestion],
    progress: Callable[[int], None],
) -> LongMemEvalQuality:
    """Ask every question in a database that contains only its chat history.

    `progress` is called after each question. Raises SageError.
    """
    messages = 0
    turns: dict[str, list[Ranking]] = defaultdict(list)
    sessions: dict[str, list[Ranking]] = defaultdict(list)
    relevance: dict[bool, list[Relevance]] = {True: [], False: []}
    for question in questions:
        messages += sum(len(session.messages) for session in question.sessions)
        of_turns, of_sessions, found = await _ask(place, question)
        relevance[question.has_answer].append(found)
        if question.has_answer:
            for category in ("all", question.category):
                if of_turns.relevant:
                    turns[category].append(of_turns)
                if of_sessions.relevant:
                    sessions[category].append(of_sessions)
        progress(1)
    abstained = abstention(relevance[False], relevance[True])
    return LongMemEvalQuality(name, messages, _scores(turns), _scores(sessions), abstained)


async def _ask(place: Settings, question: HistoryQuestion) -> tuple[Ranking, Ranking, Relevance]:
    """Return the rankings of turns and of sessions for a question, and its relevance."""
    async with temporary_database(dsn_of(place)) as dsn:
        database = place.database.model_copy(update={"dsn": SecretStr(dsn)})
        settings = place.model_copy(update={"database": database})
        async with open_migrated_services(settings) as services:
            origins: dict[UUID, tuple[int, int]] = {}
            for number, session in enumerate(question.sessions):
                if session.messages:
                    receipt = await services.memory.save(
                        SaveRequest(session.messages, session_id=str(number))
                    )
                    origins |= {
                        memory_id: (number, turn)
                        for turn, memory_id in enumerate(receipt.memory_ids)
                    }
            await until_embedded(services, DEFAULT_SPACE, lambda _: None)
            answer = await services.memory.search(SearchRequest(question.text, MAX_RESULTS))
    found = [origins[hit.memory_id] for hit in answer.results]
    answering = [session.answering for session in question.sessions]
    evidence = [session.is_evidence for session in question.sessions]
    numbers = dict.fromkeys(number for number, _ in found)
    return (
        Ranking(tuple(turn in answering[number] for number, turn in found), _total(answering)),
        Ranking(tuple(evidence[number] for number in numbers), sum(evidence)),
        answer.relevance,
    )


def _total(answering: Sequence[frozenset[int]]) -> int:
    return sum(map(len, answering))


def _discount(place: int) -> float:
    return 1 / math.log2(max(place + 1, 2))


def _scores(rankings: Mapping[str, Sequence[Ranking]]) -> dict[str, RankingScore]:
    return {category: _score(some) for category, some in sorted(rankings.items())}


def _score(rankings: Sequence[Ranking]) -> RankingScore:
    def mean(of: Callable[[Ranking, int], float], k: int) -> float:
        return round(fmean(of(one, k) for one in rankings), 4)

    return RankingScore(
        len(rankings),
        mean(Ranking.recall_any, 5),
        mean(Ranking.recall_all, 5),
        mean(Ranking.recall_any, 10),
        mean(Ranking.recall_all, 10),
        mean(Ranking.ndcg, 10),
    )
