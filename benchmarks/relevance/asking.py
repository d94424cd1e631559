"""Ask what is asked in each store, and note what was answered and by which evidence."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sage.benchmark.conversations import ConversationSet
from sage.benchmark.quality import keep
from sage.bootstrap import open_services
from sage.domain.searching import SearchRequest
from sage.retrieval.relevance import judgement
from sage.retrieval.relevance.features import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from benchmarks.relevance.questions import Question
    from benchmarks.relevance.stores import Store
    from sage.bootstrap import Services
    from sage.config.settings import Settings
    from sage.domain.relevance import Relevance
    from sage.retrieval.evidence import Column

_HITS = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered: the class, the probabilities, and which of the hits answer.

    `of_answer` and `of_hits` are the features; the log odds of the answer are not among these.
    """

    store: Store
    question: Question
    relevance: Relevance
    probabilities: tuple[float, ...]
    right: tuple[bool, ...]
    of_answer: Mapping[str, float]
    of_hits: Mapping[str, Column]

    @property
    def among_first(self) -> bool:
        """Whether one of the first hits answers."""
        return any(self.right[:FIRST])


async def ask_all(
    settings: Settings, stores: Sequence[Store], progress: Callable[[int], None]
) -> list[Answered]:
    """Keep every store in a space of its own and ask its questions. Raises SageError."""
    answers = []
    async with open_services(settings) as services:
        for store in stores:
            one = ConversationSet(store.name, store.talks)
            kept = await keep(services, one, merged=True, progress=progress)
            for question in store.questions:
                answers.append(await _ask(services, store, question, kept.labels))
                progress(1)
    return answers


def steps_of(stores: Sequence[Store]) -> int:
    """Count the messages to keep and the questions to ask."""
    turns = sum(len(turns) for one in stores for talk in one.talks for turns in talk.sessions)
    return turns + sum(len(one.questions) for one in stores)


async def _ask(
    services: Services, store: Store, question: Question, labels: Mapping[UUID, str]
) -> Answered:
    with _noted() as seen:
        answer = await services.memory.search(
            SearchRequest(question.text, _HITS, space_id=store.name)
        )
    return Answered(
        store,
        question,
        answer.relevance,
        tuple(hit.probability or 0.0 for hit in answer.results),
        tuple(labels[hit.memory_id] in question.evidence for hit in answer.results),
        seen["answer_features"],
        seen["hit_features"],
    )


@contextmanager
def _noted() -> Iterator[dict[str, Any]]:
    """Note the features of the next search."""
    seen: dict[str, Any] = {}

    def noting(name: str) -> Callable[..., Any]:
        compute = getattr(judgement, name)

        def compute_and_note(*given: object) -> object:
            seen[name] = compute(*given)
            return seen[name]

        return compute_and_note

    with (
        patch.object(judgement, "answer_features", noting("answer_features")),
        patch.object(judgement, "hit_features", noting("hit_features")),
    ):
        yield seen
