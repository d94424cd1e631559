"""Measure the contribution of each ranking signal: the retrieval quality without it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from sage.cli.benchmark.migrated import open_migrated_services
from sage.cli.benchmark.quality import quality_steps, score, store_set
from sage.retrieval.ranking.ranker import SIGNALS, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.quality import QualityPlan, Score
    from sage.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Ablation:
    """The retrieval quality for one set with all signals, and without each of them."""

    name: str
    total: Score
    without: Mapping[str, Score]


async def measure_ablation(
    settings: Settings,
    sets: Sequence[ConversationSet],
    plan: QualityPlan,
    progress: Callable[[int], None],
) -> list[Ablation]:
    """Store every set in a separate space, and ask its questions without each signal.

    `progress` is called with the number of messages embedded and questions asked, `ablation_steps`
    in total. Raises SageError.
    """
    async with open_migrated_services(settings) as services:
        asked = [
            await store_set(services, one, merged=plan.merged, progress=progress) for one in sets
        ]
        total = [score(await one.answers(services)) for one in asked]
        without: list[dict[str, Score]] = [{} for _ in sets]
        for signal in SIGNALS:
            with _weightless(signal):
                for one, scores in zip(asked, without, strict=True):
                    scores[signal] = score(await one.answers(services))
    return [
        Ablation(one.name, scores, lost)
        for one, scores, lost in zip(sets, total, without, strict=True)
    ]


def ablation_steps(sets: Sequence[ConversationSet], plan: QualityPlan) -> int:
    """Return the number of messages to store and questions to ask."""
    questions = sum(len(talk.questions) for one in sets for talk in one.conversations)
    return quality_steps(sets, plan) + len(SIGNALS) * questions


@contextmanager
def _weightless(signal: str) -> Iterator[None]:
    with patch.dict(WEIGHTS, {signal: 0.0}):
        yield
