"""Measure retrieval quality: store conversations, ask questions, rank the answering turns."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from sage.cli.benchmark.abstention import abstention
from sage.cli.benchmark.indexing import until_embedded
from sage.cli.benchmark.migrated import open_migrated_services
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
"""Results per search: more than are scored, since several messages may share a label."""


@dataclass(frozen=True, slots=True)
class Score:
    """Recall@5, recall@10 and MRR, as means over questions: 0 to 1.

    `mrr` is the mean reciprocal rank of the first answering turn.
    """

    questions: int
    recall_at_5: float
    recall_at_10: float
    mrr: float


@dataclass(frozen=True, slots=True)
class SetQuality:
    """The retrieval quality for one set, in total and by category.

    `in_context` is the share of the evidence contained in full in a context, by token limit.
    `abstention` is None for a set without unanswerable questions.
    """

    name: str
    turns: int
    total: Score
    by_category: Mapping[str, Score]
    in_context: Mapping[int, float]
    abstention: Abstention | None


@dataclass(frozen=True, slots=True)
class QualityPlan:
    """Whether to search all conversations of a set at once, and to gather contexts as well."""

    merged: bool = False
    context: bool = False

    @property
    def times(self) -> int:
        """Return how often each question is asked."""
        return 1 + self.context * len(CONTEXT_WINDOWS)


@dataclass(frozen=True, slots=True)
class Answered:
    """The labels found for a question, best first, and the labels of its evidence."""

    category: str
    found: tuple[str, ...]
    evidence: frozenset[str]
    relevance: Relevance

    def recall(self, k: int) -> float:
        """Return recall@k: the share of the evidence among the first `k` labels."""
        return len(self.evidence.intersection(self.found[:k])) / len(self.evidence)

    def reciprocal_rank(self) -> float:
        """Return the reciprocal rank of the first answering label, 0 if none was found."""
        ranks = (rank for rank, label in enumerate(self.found, 1) if label in self.evidence)
        return 1 / next(ranks, float("inf"))


async def measure_quality(
    settings: Settings,
    sets: Sequence[ConversationSet],
    plan: QualityPlan,
    progress: Callable[[int], None],
) -> list[SetQuality]:
    """Store every set in a separate space, ask all its questions and score the results.

    A question searches its own conversation, or the whole set if merged. `progress` is called with
    the number of messages embedded and questions asked, `quality_steps` in total. Raises SageError.
    """
    async with open_migrated_services(settings) as services:
        asked = [
            await store_set(services, one, merged=plan.merged, progress=progress) for one in sets
        ]
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
    """Return the number of messages to store and questions to ask."""
    talks = [talk for one in sets for talk in one.conversations]
    questions = sum(len(talk.questions) for talk in talks)
    unanswerable = sum(len(talk.unanswerable) for talk in talks)
    return sum(map(_turns, sets)) + questions * plan.times + unanswerable


@dataclass(frozen=True, slots=True)
class StoredSet:
    """A set stored in a space; `labels` are the labels of its memories."""

    conversation_set: ConversationSet
    labels: Mapping[UUID, str]
    merged: bool
    progress: Callable[[int], None]

    async def answers(self, services: Services) -> list[Answered]:
        """Search for every answerable question. Raises SageError."""
        answers = []
        for talk, question in self._questions():
            answer = await services.memory.search(
                SearchRequest(
                    question.text,
                    _HITS,
                    filters=self._filters(talk),
                    space_id=self.conversation_set.name,
                )
            )
            found = tuple(dict.fromkeys(self.labels[hit.memory_id] for hit in answer.results))
            evidence = _evidence(talk, question)
            answers.append(Answered(question.category, found, evidence, answer.relevance))
        return answers

    async def unanswered(self, services: Services) -> list[Relevance]:
        """Search for every unanswerable question; return the relevances. Raises SageError."""
        found = []
        for talk in self.conversation_set.conversations:
            for text in talk.unanswerable:
                answer = await services.memory.search(
                    SearchRequest(
                        text, filters=self._filters(talk), space_id=self.conversation_set.name
                    )
                )
                found.append(answer.relevance)
                self.progress(1)
        return found

    async def share_in_context(self, services: Services, window: int) -> float:
        """Return the mean share of evidence in the contexts of all questions. Raises SageError.

        Contexts are limited to `window` tokens.
        """
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
                    space_id=self.conversation_set.name,
                )
            )
            evidence = _evidence(talk, question)
            included = [any(text in answer.context for text in lines[label]) for label in evidence]
            shares.append(fmean(included))
        return round(fmean(shares), 4)

    def _questions(self) -> Iterator[tuple[KnownConversation, KnownQuestion]]:
        for talk in self.conversation_set.conversations:
            for question in talk.questions:
                yield talk, question
                self.progress(1)

    def _filters(self, talk: KnownConversation) -> Filters:
        return Filters() if self.merged else Filters(metadata={"conversation": talk.name})

    async def _lines(self, services: Services) -> dict[str, list[str]]:
        """Return the lines that each message has in a context, by label."""
        lines: dict[str, list[str]] = {}
        for talk in self.conversation_set.conversations:
            for number in range(1, len(talk.sessions) + 1):
                session_id = _session_id(talk, number)
                for turn in await services.memory.read_session(
                    self.conversation_set.name, session_id
                ):
                    lines.setdefault(self.labels[turn.memory_id], []).append(line(turn))
        return lines


async def store_set(
    services: Services, stored: ConversationSet, *, merged: bool, progress: Callable[[int], None]
) -> StoredSet:
    """Save the conversations of a set and wait until they are embedded. Raises SageError."""
    labels: dict[UUID, str] = {}
    for talk in stored.conversations:
        for number, session in enumerate(talk.sessions, start=1):
            receipt = await services.memory.save(
                SaveRequest(
                    messages=tuple(turn.message for turn in session),
                    session_id=_session_id(talk, number),
                    metadata={"conversation": talk.name},
                    space_id=stored.name,
                )
            )
            labels |= {
                memory_id: f"{talk.name} {turn.label}"
                for memory_id, turn in zip(receipt.memory_ids, session, strict=True)
            }
    await until_embedded(services, stored.name, progress)
    return StoredSet(stored, labels, merged, progress)


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
    """Return the means over at least one question."""
    return Score(
        questions=len(answered),
        recall_at_5=round(fmean(answer.recall(5) for answer in answered), 4),
        recall_at_10=round(fmean(answer.recall(10) for answer in answered), 4),
        mrr=round(fmean(answer.reciprocal_rank() for answer in answered), 4),
    )
