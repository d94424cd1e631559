"""Measure what a search finds: keep conversations, ask, look for the turns that answer."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from sage.bootstrap import open_services
from sage.cli.benchmark.abstention import abstention
from sage.cli.benchmark.indexing import until_embedded
from sage.domain.gathering import ContextRequest
from sage.domain.limits import MAX_RESULTS
from sage.domain.memories import SaveRequest
from sage.domain.relevance import MinRelevance
from sage.domain.searching import Filters, SearchRequest
from sage.retrieval.context.transcript import line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from sage.bootstrap import Services
    from sage.cli.benchmark.abstention import Abstention
    from sage.cli.benchmark.conversations import ConversationSet, KnownConversation, KnownQuestion
    from sage.config.settings import Settings
    from sage.domain.relevance import Relevance

CONTEXT_WINDOWS = (500, 2_000, 8_000)
_HITS = 20
"""More than are scored, as several messages may share a label."""


@dataclass(frozen=True, slots=True)
class Score:
    """How much of the evidence was among the first hits, as a mean over questions: 0 to 1.

    `mrr` is the mean reciprocal rank of the first turn that answers.
    """

    questions: int
    recall_at_5: float
    recall_at_10: float
    mrr: float


@dataclass(frozen=True, slots=True)
class SetQuality:
    """What was found in one set: in all and by category.

    `in_context` is the share of the evidence that stands whole in a context of so many tokens,
    `abstention` is there for a set with questions without an answer.
    """

    name: str
    turns: int
    total: Score
    by_category: Mapping[str, Score]
    in_context: Mapping[int, float]
    abstention: Abstention | None


@dataclass(frozen=True, slots=True)
class QualityPlan:
    """What to ask: into all conversations of a set at once, and for a context, too."""

    merged: bool = False
    context: bool = False

    @property
    def times(self) -> int:
        """Count how often each question is asked."""
        return 1 + self.context * len(CONTEXT_WINDOWS)


@dataclass(frozen=True, slots=True)
class Answered:
    """The labels found for a question, best first, and those that answer it."""

    category: str
    found: tuple[str, ...]
    evidence: frozenset[str]
    relevance: Relevance

    def recall(self, k: int) -> float:
        """Return the share of the evidence among the first `k`."""
        return len(self.evidence.intersection(self.found[:k])) / len(self.evidence)

    def reciprocal_rank(self) -> float:
        """Return 1 by the rank of the first label that answers, 0 without one."""
        ranks = (rank for rank, label in enumerate(self.found, 1) if label in self.evidence)
        return 1 / next(ranks, float("inf"))


async def measure_quality(
    settings: Settings,
    sets: Sequence[ConversationSet],
    plan: QualityPlan,
    progress: Callable[[int], None],
) -> list[SetQuality]:
    """Keep every set in a space of its own, ask all its questions and score the hits.

    A question looks into its own conversation, or when merged into all of its set. `progress` is
    told of each message that can be found by meaning and each question answered: `quality_steps`
    in all. Raises SageError.
    """
    async with open_services(settings) as services:
        asked = [await keep(services, one, merged=plan.merged, progress=progress) for one in sets]
        whole = [await one.answers(services) for one in asked]
        abstained = [
            abstention(await one.unanswered(services), [answer.relevance for answer in answers])
            for one, answers in zip(asked, whole, strict=True)
        ]
        windows = CONTEXT_WINDOWS if plan.context else ()
        in_context = [
            {window: await one.share_in_context(services, window) for window in windows}
            for one in asked
        ]
    return [
        SetQuality(one.name, _turns(one), score(answers), _by_category(answers), shares, found)
        for one, answers, shares, found in zip(sets, whole, in_context, abstained, strict=True)
    ]


def quality_steps(sets: Sequence[ConversationSet], plan: QualityPlan) -> int:
    """Count the messages to keep and the questions to ask."""
    talks = [talk for one in sets for talk in one.conversations]
    questions = sum(len(talk.questions) for talk in talks)
    unanswerable = sum(len(talk.unanswerable) for talk in talks)
    return sum(map(_turns, sets)) + questions * plan.times + unanswerable


@dataclass(frozen=True, slots=True)
class StoredSet:
    """A set that is kept: its questions can be asked. `labels` name the memories."""

    kept: ConversationSet
    labels: Mapping[UUID, str]
    merged: bool
    progress: Callable[[int], None]

    async def answers(self, services: Services) -> list[Answered]:
        """Search for every question. Raises SageError."""
        answers = []
        for talk, question in self._questions():
            answer = await services.memory.search(
                SearchRequest(
                    question.text, _HITS, filters=self._filters(talk), space_id=self.kept.name
                )
            )
            found = tuple(dict.fromkeys(self.labels[hit.memory_id] for hit in answer.results))
            evidence = _evidence(talk, question)
            answers.append(Answered(question.category, found, evidence, answer.relevance))
        return answers

    async def unanswered(self, services: Services) -> list[Relevance]:
        """Search for every question without an answer. Raises SageError."""
        found = []
        for talk in self.kept.conversations:
            for text in talk.unanswerable:
                answer = await services.memory.search(
                    SearchRequest(text, filters=self._filters(talk), space_id=self.kept.name)
                )
                found.append(answer.relevance)
                self.progress(1)
        return found

    async def share_in_context(self, services: Services, window: int) -> float:
        """Gather a context for every question; give the mean share of evidence in it."""
        lines = await self._lines(services)
        shares = []
        for talk, question in self._questions():
            answer = await services.memory.context(
                ContextRequest(
                    question.text,
                    max_results=MAX_RESULTS,
                    context_window=window,
                    min_relevance=MinRelevance.NONE,
                    filters=self._filters(talk),
                    space_id=self.kept.name,
                )
            )
            evidence = _evidence(talk, question)
            included = [any(text in answer.context for text in lines[label]) for label in evidence]
            shares.append(fmean(included))
        return round(fmean(shares), 4)

    def _questions(self) -> Iterator[tuple[KnownConversation, KnownQuestion]]:
        for talk in self.kept.conversations:
            for question in talk.questions:
                yield talk, question
                self.progress(1)

    def _filters(self, talk: KnownConversation) -> Filters:
        return Filters() if self.merged else Filters(metadata={"conversation": talk.name})

    async def _lines(self, services: Services) -> dict[str, list[str]]:
        """Write each message as a context holds it, by label."""
        lines: dict[str, list[str]] = {}
        for talk in self.kept.conversations:
            for number in range(1, len(talk.sessions) + 1):
                session_id = _session_id(talk, number)
                for turn in await services.memory.read_session(self.kept.name, session_id):
                    lines.setdefault(self.labels[turn.memory_id], []).append(line(turn))
        return lines


async def keep(
    services: Services, kept: ConversationSet, *, merged: bool, progress: Callable[[int], None]
) -> StoredSet:
    """Save the conversations of a set and wait until they can be found. Raises SageError."""
    labels: dict[UUID, str] = {}
    for talk in kept.conversations:
        for number, session in enumerate(talk.sessions, start=1):
            receipt = await services.memory.save(
                SaveRequest(
                    messages=tuple(turn.message for turn in session),
                    session_id=_session_id(talk, number),
                    metadata={"conversation": talk.name},
                    space_id=kept.name,
                )
            )
            labels |= {
                memory_id: f"{talk.name} {turn.label}"
                for memory_id, turn in zip(receipt.memory_ids, session, strict=True)
            }
    await until_embedded(services, kept.name, progress)
    return StoredSet(kept, labels, merged, progress)


def _session_id(talk: KnownConversation, number: int) -> str:
    return f"{talk.name} {number}"


def _evidence(talk: KnownConversation, question: KnownQuestion) -> frozenset[str]:
    return frozenset(f"{talk.name} {label}" for label in question.evidence)


def _turns(one: ConversationSet) -> int:
    return sum(len(session) for talk in one.conversations for session in talk.sessions)


def _by_category(answered: Sequence[Answered]) -> dict[str, Score]:
    categories = sorted({answer.category for answer in answered})
    return {
        category: score([answer for answer in answered if answer.category == category])
        for category in categories
    }


def score(answered: Sequence[Answered]) -> Score:
    """Return the means over questions, at least one."""
    return Score(
        questions=len(answered),
        recall_at_5=round(fmean(answer.recall(5) for answer in answered), 4),
        recall_at_10=round(fmean(answer.recall(10) for answer in answered), 4),
        mrr=round(fmean(answer.reciprocal_rank() for answer in answered), 4),
    )
