"""Ask about facts repeatedly, and measure what a search finds after each number of times."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from benchmarks import corpus
from benchmarks.echoes.facts import facts, unanswered
from benchmarks.echoes.talk import (
    ANSWERS,
    ECHOES,
    Clock,
    LabelledMessage,
    Part,
    Reply,
    Words,
    question_session,
    statement_sessions,
    unanswerable_session,
)
from benchmarks.seeding import index_all
from sage import bootstrap
from sage.bootstrap import open_services
from sage.cli.benchmark.indexing import until_embedded
from sage.domain.memories import SaveRequest
from sage.domain.relevance import Relevance
from sage.domain.searching import SearchRequest
from sage.providers.delegating import DelegatingEmbedder
from sage.providers.local import MODEL
from sage.providers.registry import open_embedder
from sage.service.configured_database import open_configured_database
from sage.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from benchmarks.echoes.facts import Fact
    from benchmarks.echoes.talk import Manner
    from sage.bootstrap import Services
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, Vectors
    from sage.domain.searching import Hit

TIMES = (0, 1, 3, 10, 30)
"""Numbers of times that a question has been asked when it is searched for."""
HITS = 5
ACROSS = "other language"
"""The wording of queries that are not in the language of the fact."""
CELLS = tuple(product(Reply, Words))
_ACROSS_EVERY = 3
_FILLER_AT_ONCE = 100
_WORST_FIRST = (Relevance.UNKNOWN, Relevance.NONE, Relevance.WEAK, Relevance.STRONG)


@dataclass(frozen=True, slots=True)
class EchoPlan:
    """The sizes of the stores before any question, and the number of facts and rounds.

    In each round, a fact is asked and answered in another way; six rounds cover all combinations.
    """

    sizes: tuple[int, ...] = (500, 10_000)
    rounds: int = 1
    facts: int | None = None
    times: tuple[int, ...] = TIMES

    def stated_facts(self) -> list[Fact]:
        """Return the facts to state."""
        return facts()[: self.facts]

    def unanswerable(self) -> list[tuple[str, str]]:
        """Return the unanswerable questions, at most as many as there are facts."""
        return [*unanswered()][: self.facts]

    @property
    def steps(self) -> int:
        """Return the number of searches."""
        stated = len(self.stated_facts())
        across = len(range(0, stated, _ACROSS_EVERY))
        unanswerable = len(self.unanswerable())
        at_each = 2 * stated + across + unanswerable
        near = 2 * 2 * stated
        return len(self.sizes) * self.rounds * (at_each * len(self.times) + near)


@dataclass(frozen=True, slots=True)
class FactSearch:
    """The result of a search for a fact; `way` is the wording of the query.

    `first`, `among_three` and `shown` are whether the fact or its right answer was the first
    result, among the first three, or among all. `likelihood` is the probability of the best result
    that answers, 0 without one.
    """

    size: int
    round: int
    fact: int
    language: str
    times: int
    reply: Reply
    words: Words
    way: str
    first: bool
    among_three: bool
    shown: bool
    wrong_first: bool
    echoes: int
    relevance: Relevance
    likelihood: float


@dataclass(frozen=True, slots=True)
class UnanswerableSearch:
    """The result of a search for an unanswerable question."""

    size: int
    round: int
    question: str
    times: int
    echoes: int
    relevance: Relevance


@dataclass(slots=True)
class Results:
    """All searches: for facts, for near misses of facts, and for unanswerable questions."""

    facts: list[FactSearch] = field(default_factory=list)
    near_misses: list[FactSearch] = field(default_factory=list)
    unanswerable: list[UnanswerableSearch] = field(default_factory=list)


class _CachingEmbedder(DelegatingEmbedder):
    """An embedder that caches the vectors of passages, since many are repeated."""

    def __init__(self, wrapped: Embedder) -> None:
        super().__init__(wrapped)
        self._known: dict[str, Vectors] = {}

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts; embed only new ones. Raises ProviderError."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            vectors = await self.wrapped.embed_passages(new)
            self._known.update(zip(new, vectors, strict=True))
        return np.array([self._known[text] for text in texts], np.float32)


async def measure_echoes(
    settings: Settings, plan: EchoPlan, progress: Callable[[int], None]
) -> Results:
    """Measure the retrieval of facts after each number of times. Raises SageError.

    `progress` is called after each search, `plan.steps` times in total.
    """
    results = Results()
    async with open_configured_database(settings) as database:
        await migrate(database)  # calls wait only a few seconds for it
    with patch.object(bootstrap, "open_embedder", lambda of: _CachingEmbedder(open_embedder(of))):
        for size, number in product(plan.sizes, range(plan.rounds)):
            store = _Store(plan, size, number, results, progress)
            async with open_services(settings) as services:
                await store.store_facts(services)
            await index_all(settings, MODEL)
            async with open_services(settings) as services:
                await store.ask(services)
    return results


class _Store:
    """A space in which facts are stated, asked about and searched for."""

    def __init__(
        self,
        plan: EchoPlan,
        size: int,
        number: int,
        results: Results,
        progress: Callable[[int], None],
    ) -> None:
        self._plan = plan
        self._size = size
        self._round = number
        self._space = f"echoes {size} {number}"
        self._results = results
        self._progress = progress
        self._facts = plan.stated_facts()
        self._unanswerable = plan.unanswerable()
        self._labels: dict[UUID, tuple[Part, int | None]] = {}
        self._clock = Clock()

    async def store_facts(self, services: Services) -> None:
        """Save the facts, and generated memories up to the size of the store."""
        sessions = list(statement_sessions(self._facts, self._clock))
        others = max(0, self._size - sum(map(len, sessions)))
        for begin in range(0, others, _FILLER_AT_ONCE):
            numbers = range(begin, min(begin + _FILLER_AT_ONCE, others))
            messages = tuple(map(corpus.memory, numbers))
            await services.memory.save(
                SaveRequest(messages, corpus.session_of(begin), space_id=self._space)
            )
        await self._save(services, sessions)

    async def ask(self, services: Services) -> None:
        """Ask every question, and search after each number of times."""
        so_far = 0
        for times in self._plan.times:
            sessions = [session for time in range(so_far, times) for session in self._asked(time)]
            await self._save(services, sessions)
            so_far = times
            await self._search(services, times)
            if times in {self._plan.times[0], self._plan.times[-1]}:
                await self._search_near_misses(services, times)

    def _cell(self, fact: int) -> Manner:
        return CELLS[(fact // 2 + self._round) % len(CELLS)]

    def _asked(self, time: int) -> Iterator[list[LabelledMessage]]:
        for number, fact in enumerate(self._facts):
            yield question_session(fact, number, time, self._cell(number), self._clock)
        for language, question in self._unanswerable:
            yield unanswerable_session(question, language, time, self._clock)

    async def _save(
        self, services: Services, sessions: Sequence[Sequence[LabelledMessage]]
    ) -> None:
        for session in sessions:
            receipt = await services.memory.save(
                SaveRequest(tuple(one.message for one in session), space_id=self._space)
            )
            for memory_id, one in zip(receipt.memory_ids, session, strict=True):
                self._labels[memory_id] = (one.part, one.fact)
        await until_embedded(services, self._space, lambda _: None)

    async def _search(self, services: Services, times: int) -> None:
        for number, fact in enumerate(self._facts):
            ways = {"same words": fact.question, "other words": fact.paraphrases[number // 2 % 2]}
            if number % _ACROSS_EVERY == 0:
                ways[ACROSS] = fact.paraphrases[-1]
            for way, query in ways.items():
                self._results.facts.append(await self._found(services, number, times, way, query))
        for _, question in self._unanswerable:
            hits, relevance = await self._hits(services, question)
            self._results.unanswerable.append(
                UnanswerableSearch(
                    self._size,
                    self._round,
                    question,
                    times,
                    sum(map(self._is_echo, hits)),
                    relevance,
                )
            )

    async def _search_near_misses(self, services: Services, times: int) -> None:
        for number, fact in enumerate(self._facts):
            for way, query in zip(("other value", "not"), fact.near_misses, strict=True):
                self._results.near_misses.append(
                    await self._found(services, number, times, way, query)
                )

    async def _found(
        self, services: Services, number: int, times: int, way: str, query: str
    ) -> FactSearch:
        hits, relevance = await self._hits(services, query)
        right = [self._answers(hit, number) for hit in hits]
        likely = [hit.likelihood for hit, answers in zip(hits, right, strict=True) if answers]
        return FactSearch(
            self._size,
            self._round,
            number,
            self._facts[number].language,
            times,
            *self._cell(number),
            way,
            first=right[:1] == [True],
            among_three=any(right[:3]),
            shown=any(right),
            wrong_first=bool(hits) and self._part(hits[0].memory_id, number) is Part.WRONG,
            echoes=sum(map(self._is_echo, hits)),
            relevance=relevance,
            likelihood=likely[0] if likely else 0.0,
        )

    async def _hits(self, services: Services, query: str) -> tuple[Sequence[Hit], Relevance]:
        request = SearchRequest(query, HITS, space_id=self._space)
        answer = await services.memory.search(request)
        self._progress(1)
        return answer.results, answer.relevance

    def _part(self, memory_id: UUID, fact: int) -> Part | None:
        """Return the part of a message if it is about a fact, else None."""
        part, about = self._labels.get(memory_id, (None, None))
        return part if about == fact else None

    def _answers(self, hit: Hit, fact: int) -> bool:
        """Report whether a result is the right answer, or its reply is."""
        shown = (hit.memory_id, *_reply_of(hit))
        return any(self._part(one, fact) in ANSWERS for one in shown)

    def _is_echo(self, hit: Hit) -> bool:
        """Report whether a result is a question or a non-answer, without an answer as its reply."""
        part, _ = self._labels.get(hit.memory_id, (None, None))
        if part not in ECHOES:
            return False
        replies = (self._labels.get(one, (None, None))[0] for one in _reply_of(hit))
        return all(one is None or one in ECHOES for one in replies)


def _reply_of(hit: Hit) -> tuple[UUID, ...]:
    """Return the id of the reply shown with a result, if any."""
    return () if hit.reply is None else (hit.reply.memory_id,)


def not_higher(now: Relevance, before: Relevance) -> bool:
    """Report whether a relevance is not higher than one before."""
    return _WORST_FIRST.index(now) <= _WORST_FIRST.index(before)
