"""Ask the questions of each store, and record the results and their evidence."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from benchmarks.seeding import index_all
from sage.bootstrap import open_services
from sage.cli.benchmark.conversations import ConversationSet
from sage.cli.benchmark.migrated import open_migrated_services
from sage.cli.benchmark.quality import store_set
from sage.domain.searching import SearchRequest
from sage.errors import SageError
from sage.providers.local import MODEL
from sage.retrieval.relevance import classification
from sage.retrieval.relevance.bounds import any_may_answer
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.relevance.hit_evidence import hit_evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from benchmarks.relevance.questions import Question
    from benchmarks.relevance.stores import Store
    from sage.bootstrap import Services
    from sage.config.settings import Settings
    from sage.retrieval.query.questions import Question as ParsedQuestion
    from sage.retrieval.ranking.cross_language import Languages
    from sage.retrieval.ranking.evidence import Evidence
    from sage.retrieval.ranking.ranker import Ranked
    from sage.retrieval.relevance.hit_evidence import HitEvidence

_HITS = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """The results of a question: the evidence `seen`, and which of the hits answer it.

    `of_kind`: one of the first hits contains something of the kind that is asked for. Features are
    computed from `seen`, so that fitting again needs no new searches.
    """

    store: Store
    question: Question
    right: tuple[bool, ...]
    seen: HitEvidence
    of_kind: bool = True

    @property
    def among_first(self) -> bool:
        """Whether one of the first hits answers the question."""
        return any(self.right[:FIRST])


async def ask_all(
    settings: Settings, stores: Sequence[Store], progress: Callable[[int], None]
) -> list[Answered]:
    """Save every store to a separate space, and ask its questions. Raises SageError.

    Large spaces are searched with their indexes, as after months of use. `progress` is called with
    the number of messages stored and questions asked, `steps_of(stores)` in total.
    """
    labels: dict[str, dict[UUID, str]] = {}
    async with open_migrated_services(settings) as services:
        for store in stores:
            labels[store.name] = {}
            for talk in store.talks:
                one = ConversationSet(store.name, (talk,))
                stored = await store_set(services, one, merged=True, progress=lambda _: None)
                labels[store.name].update(stored.labels)
                progress(sum(map(len, talk.sessions)))
    await index_all(settings, MODEL)
    answers = []
    async with open_services(settings) as services:
        for store in stores:
            for question in store.questions:
                answers.append(await _ask(services, store, question, labels[store.name]))
                progress(1)
    return answers


def steps_of(stores: Sequence[Store]) -> int:
    """Return the number of messages to store and questions to ask."""
    turns = sum(len(turns) for one in stores for talk in one.talks for turns in talk.sessions)
    return turns + sum(len(one.questions) for one in stores)


async def _ask(
    services: Services, store: Store, question: Question, labels: Mapping[UUID, str]
) -> Answered:
    request = SearchRequest(question.text, _HITS, space_id=store.name)
    with _recorded() as recorded:
        answer = await services.memory.search(request)
    if not recorded:
        raise SageError(
            f"no vector search was run for {question.text!r}",
            hint="measure with the bundled model, on an idle machine",
        )
    seen, memory_ids = recorded[0]
    right = tuple(labels.get(one) in question.evidence for one in memory_ids)
    first = {*memory_ids[:FIRST]}
    texts = [hit.content for hit in answer.results if hit.memory_id in first]
    return Answered(store, question, right, seen, any_may_answer(texts, question.text))


@contextmanager
def _recorded() -> Iterator[list[tuple[HitEvidence, list[UUID]]]]:
    """Yield a list of the evidence and the ids of the best hits, filled by the next search."""
    recorded: list[tuple[HitEvidence, list[UUID]]] = []

    def see_and_note(
        evidence: Evidence,
        question: ParsedQuestion,
        best: Sequence[Ranked],
        languages: Languages,
    ) -> HitEvidence | None:
        first = best[:_HITS]
        seen = hit_evidence_of(evidence, question, first, languages)
        recorded.extend([] if seen is None else [(seen, [hit.memory_id for hit in first])])
        return hit_evidence_of(evidence, question, best, languages)

    with patch.object(classification, "hit_evidence_of", see_and_note):
        yield recorded
