"""Measure what a search finds: keep conversations, ask, look for the turns that answer."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from sage.bootstrap import open_services
from sage.domain.memories import SaveRequest
from sage.domain.searching import Filters, SearchRequest
from sage.retrieval.ranking import SIGNALS
from sage.surfaces.bench.indexing import until_embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from sage.bootstrap import Services
    from sage.config.settings import Settings
    from sage.surfaces.bench.conversations import Conversation, ConversationSet, KnownQuestion

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
    """What was found in one set: in all, by category, and with one signal left out."""

    name: str
    turns: int
    total: Score
    by_category: Mapping[str, Score]
    without: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class _Answered:
    category: str
    found: tuple[str, ...]
    evidence: frozenset[str]

    def recall(self, k: int) -> float:
        return len(self.evidence.intersection(self.found[:k])) / len(self.evidence)

    def reciprocal_rank(self) -> float:
        ranks = (rank for rank, label in enumerate(self.found, 1) if label in self.evidence)
        return 1 / next(ranks, float("inf"))


async def measure_quality(
    settings: Settings,
    sets: Sequence[ConversationSet],
    *,
    merged: bool,
    ablate: bool,
    progress: Callable[[int], None],
) -> list[SetQuality]:
    """Keep every set in a space of its own, ask all its questions and score the hits.

    A question looks into its own conversation, or with `merged` into all of its set. With `ablate`
    all is asked again for each signal, without that signal. `progress` is told of each message that
    can be found by meaning and each question answered: `quality_steps` in all. Raises SageError.
    """
    labels: dict[UUID, str] = {}
    async with open_services(settings) as services:
        for one in sets:
            labels |= await _keep(services, one, progress)
        whole = [await _ask(services, one, labels, progress, merged=merged) for one in sets]
    without: list[dict[str, Score]] = [{} for _ in sets]
    for signal in SIGNALS if ablate else ():
        async with open_services(settings, ignored_signals=frozenset({signal})) as services:
            for one, scores in zip(sets, without, strict=True):
                answered = await _ask(services, one, labels, progress, merged=merged)
                scores[signal] = _score(answered)
    return [
        SetQuality(one.name, _turns(one), _score(answered), _by_category(answered), scores)
        for one, answered, scores in zip(sets, whole, without, strict=True)
    ]


def quality_steps(sets: Sequence[ConversationSet], *, ablate: bool) -> int:
    """Count the messages to keep and the questions to ask."""
    questions = sum(len(talk.questions) for one in sets for talk in one.conversations)
    return sum(map(_turns, sets)) + questions * (1 + ablate * len(SIGNALS))


async def _keep(
    services: Services, kept: ConversationSet, progress: Callable[[int], None]
) -> dict[UUID, str]:
    labels: dict[UUID, str] = {}
    for talk in kept.conversations:
        for number, session in enumerate(talk.sessions, start=1):
            receipt = await services.memory.save(
                SaveRequest(
                    messages=tuple(turn.message for turn in session),
                    session_id=f"{talk.name} {number}",
                    metadata={"conversation": talk.name},
                    space_id=kept.name,
                )
            )
            labels |= {
                memory_id: f"{talk.name} {turn.label}"
                for memory_id, turn in zip(receipt.memory_ids, session, strict=True)
            }
    await until_embedded(services, kept.name, progress)
    return labels


async def _ask(
    services: Services,
    asked: ConversationSet,
    labels: Mapping[UUID, str],
    progress: Callable[[int], None],
    *,
    merged: bool,
) -> list[_Answered]:
    answers = []
    for talk, question in _questions(asked):
        filters = Filters() if merged else Filters(metadata={"conversation": talk.name})
        answer = await services.memory.search(
            SearchRequest(question.text, n=_HITS, filters=filters, space_id=asked.name)
        )
        found = dict.fromkeys(labels[hit.memory.memory_id] for hit in answer.hits)
        evidence = frozenset(f"{talk.name} {label}" for label in question.evidence)
        answers.append(_Answered(question.category, tuple(found), evidence))
        progress(1)
    return answers


def _questions(asked: ConversationSet) -> Iterator[tuple[Conversation, KnownQuestion]]:
    for talk in asked.conversations:
        for question in talk.questions:
            yield talk, question


def _turns(one: ConversationSet) -> int:
    return sum(len(session) for talk in one.conversations for session in talk.sessions)


def _by_category(answered: Sequence[_Answered]) -> dict[str, Score]:
    categories = sorted({answer.category for answer in answered})
    return {
        category: _score([answer for answer in answered if answer.category == category])
        for category in categories
    }


def _score(answered: Sequence[_Answered]) -> Score:
    return Score(
        questions=len(answered),
        recall_at_5=round(fmean(answer.recall(5) for answer in answered), 4),
        recall_at_10=round(fmean(answer.recall(10) for answer in answered), 4),
        mrr=round(fmean(answer.reciprocal_rank() for answer in answered), 4),
    )
