"""Ask questions whose known answer is not among five results, and check the stated reason.

The correct reason is never derived from `locate`: it is what was done to the memory, its rank in a
search with fifty results, or its distance by an exact comparison.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import httpx

from benchmarks.whynot.stores import Known, RunningSage
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server
from sage.providers.registry import open_embedder
from sage.retrieval.text.words import terms_in
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.config.settings import Settings

Truth = dict[str, object]
LANGUAGES = ("English", "Chinese")
PLAN: Mapping[str, int] = {
    "below": 6,
    "filtered": 5,
    "superseded": 3,
    "forgotten": 3,
    "no vector": 3,
    "not a candidate": 3,
    "unknown": 2,
}
"""Number of questions per cause and language: fifty in total."""
_TOP = 5
_MAX = 50
_TIMEOUT_S = 60
_FAR = 200
"""Twice the number of candidates by meaning."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, why its answer was not among five, and the reason that Sage stated."""

    language: str
    cause: str
    truth: Mapping[str, object]
    named: Mapping[str, object]
    question: str

    @property
    def is_right(self) -> bool:
        """Report whether the stated reason includes all of the correct one."""
        return all(self.named.get(name) == value for name, value in self.truth.items())


@dataclass(frozen=True, slots=True)
class Missed:
    """The questions whose answer ranks at 6 to 50, and how many were located at that rank."""

    questions: int
    missed: int
    placed_right: int
    others: Sequence[Case]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The stated reasons for the fifty cases, and for all answers at rank 6 to 50."""

    cases: Sequence[Case]
    missed: Missed


@dataclass(slots=True)
class _Asking:
    """The cases found so far, by asking questions."""

    sage: RunningSage
    cases: list[Case]
    missed: list[Case]

    def lacks(self, language: str, cause: str) -> bool:
        """Report whether a cause needs more questions in a language."""
        made = sum((one.language, one.cause) == (language, cause) for one in self.cases)
        return made < PLAN[cause]

    async def add(self, known: Known, cause: str, truth: Truth, **more: object) -> None:
        """Ask why a memory was not found, unless the cause has enough questions."""
        if self.lacks(known.language, cause):
            named = await self.sage.post("search/locate", {"query": known.question} | more)
            self.cases.append(Case(known.language, cause, truth, named, known.question))

    async def by_itself(self, known: Known) -> bool:
        """Record why an answer is missed without intervention; report whether it is found."""
        asked: Truth = {"query": known.question, "n": _TOP}
        if await self.sage.seen(known, asked):
            return True
        wide: Truth = asked | {"n": _MAX, "min_relevance": "none"}
        seen = await self.sage.seen(known, wide)
        if seen is None:
            await self._not_seen(known, wide)
            return False
        place, target = seen
        if place <= _TOP:
            truth: Truth = {"verdict": "filtered", "filtered_by": ["min_relevance"]}
            if not any(one.truth == truth for one in self.cases if one.language == known.language):
                await self.add(known, "filtered", truth, memory_id=target)
            return False
        truth = {"verdict": "below", "place": place}
        named = await self.sage.post(
            "search/locate", {"query": known.question, "memory_id": target}
        )
        self.missed.append(Case(known.language, "below", truth, named, known.question))
        if self.lacks(known.language, "below"):
            self.cases.append(self.missed[-1])
        return False

    async def _not_seen(self, known: Known, wide: Truth) -> None:
        """Record why an answer is not even among fifty, if that is certain."""
        asking = wide | {"include_questions": True}
        if seen := await self.sage.seen(known, asking):
            truth: Truth = {"verdict": "filtered", "filtered_by": ["include_questions"]}
            await self.add(known, "filtered", truth, memory_id=seen[1])
        elif self.lacks(known.language, "not a candidate") and await self._is_far(known):
            truth = {"verdict": "not a candidate", "embedded": True}
            await self.add(known, "not a candidate", truth, memory_id=known.answers[0])

    async def _is_far(self, known: Known) -> bool:
        """Report whether an answer shares no word and is not close, by an exact comparison."""
        said = f"{known.said.message.content} {known.said.message.name or ''}"
        if terms_in(said) & terms_in(known.question):
            return False
        return await self.sage.nearest_place(known.question, known.answers[0]) > _FAR

    async def made_to_miss(self, known: Known, cause: str, kept_out: Truth) -> bool:
        """Change the store or the search so that an answer is missed; report success."""
        target = known.answers[0]
        asked: Truth = {"query": known.question, "n": _TOP}
        truth: Truth = {"verdict": cause}
        match cause:
            case "filtered":
                asked |= kept_out
                truth["filtered_by"] = list(kept_out)
            case "superseded":
                correction = {"role": "user", "content": "No, that was wrong."}
                body = {"messages": [correction], "replaces": list(known.answers)}
                truth["superseded_by"] = (await self.sage.post("conversations", body))["memory_ids"]
            case "forgotten":
                await self.sage.post("forget", {"memory_ids": list(known.answers)})
            case _:
                for one in known.answers:
                    await self.sage.drop_vectors(one)
                truth = {"embedded": False}
        if await self.sage.seen(known, asked):
            return False
        await self.add(known, cause, truth, memory_id=target, **kept_out)
        return True


async def measure_why_not(
    settings: Settings, sets: Sequence[ConversationSet], progress: Callable[[int], None]
) -> WhyNot:
    """Store conversations in an empty database, and ask until each cause has enough cases.

    `progress` is called with the number of messages stored and questions asked, `steps_of(sets)` in
    total. Raises SageError.
    """
    async with _running(settings) as sage:
        asking, pool = _Asking(sage, [], []), list[Known]()
        for talk in (talk for one in sets for talk in one.conversations):
            pool += await sage.store(talk, talk.questions[0].evidence, progress)
        await sage.until_embedded()
        found: list[Known] = []
        for known in pool:
            progress(1)
            if not known.answers:
                text = known.said.message.content
                await asking.add(known, "unknown", {"verdict": "unknown"}, text=text)
            elif _has_one_answer(known) and await asking.by_itself(known):
                found.append(known)
        await _make_missed(asking, found)
        questions = sum(_has_one_answer(one) for one in pool)
        others = [one for one in asking.missed if not one.is_right]
        placed = len(asking.missed) - len(others)
        missed = Missed(questions, len(asking.missed), placed, others)
        return WhyNot(sorted(asking.cases, key=_order), missed)


def steps_of(sets: Sequence[ConversationSet]) -> int:
    """Return the number of messages to store and questions to ask."""
    talks = [talk for one in sets for talk in one.conversations]
    return sum(sum(map(len, talk.sessions)) + len(talk.questions) for talk in talks)


async def _make_missed(asking: _Asking, found: Sequence[Known]) -> None:
    """Make answers that are found be missed, until each cause has enough cases."""
    touched: set[str] = set()
    for language in LANGUAGES:
        filters = cycle(_FILTERS)
        for cause in ("filtered", "no vector", "superseded", "forgotten"):
            for known in found:
                if not asking.lacks(language, cause):
                    break
                if known.language != language or touched.intersection(known.answers):
                    continue
                if cause == "no vector" and known.is_in_one_language:
                    continue
                touched.update(known.answers)
                kept_out = next(filters)(known) if cause == "filtered" else {}
                await asking.made_to_miss(known, cause, kept_out)


_FILTERS: tuple[Callable[[Known], Truth], ...] = (
    lambda _: {"session_id": "another"},
    lambda known: {"role": "user" if known.said.message.role == "assistant" else "assistant"},
    lambda _: {"after": "2100-01-01"},
    lambda _: {"before": "2000-01-01"},
    lambda _: {"metadata": {"conversation": "another"}},
)


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[RunningSage]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(sage_server(settings))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.url, timeout=_TIMEOUT_S, trust_env=False)
        )
        database = await open_database(dsn_of(settings))
        stack.push_async_callback(database.close)
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        await embedder.start()
        yield RunningSage(client, database, embedder)


def _has_one_answer(known: Known) -> bool:
    return len(known.answers) in {1, 2}  # a question and its answer share a label


def _order(case: Case) -> tuple[int, int]:
    return list(PLAN).index(case.cause), LANGUAGES.index(case.language)
