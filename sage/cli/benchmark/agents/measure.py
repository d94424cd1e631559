"""Replay weeks of work against a memory, and evaluate what it recalls in some of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, TypeAlias

from sage.cli.benchmark.agents.ground_truth import GroundTruth, contains_value, quotes
from sage.cli.benchmark.agents.memory import NOTHING, sage_memory
from sage.cli.benchmark.agents.story import Begins, StoryKind
from sage.cli.benchmark.running import measure_in_sandbox
from sage.retrieval.context.tokens import count_tokens_upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from sage.cli.benchmark.agents.ground_truth import StoryMessage
    from sage.cli.benchmark.agents.memory import MemorySystem, RecalledContext, RecalledEntry
    from sage.cli.benchmark.agents.story import Story, StorySession
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

OpenMemory: TypeAlias = "Callable[[Settings, Story], AbstractAsyncContextManager[MemorySystem]]"
"""Opens a memory for the people of a story; the settings name an empty database."""
MAX_PREFERENCES = 3
"""A session start counts as complete if it includes this many preferences of the person."""


@dataclass(frozen=True, slots=True)
class WeekResult:
    """What was recalled in one week; shares are 0 to 1, and None if nothing was counted.

    `recalled` is the share of the `facts` needed by prompts that were in the context by then;
    `recalled_other_language` that of the facts stated only in another language than the prompt's.
    `entries` counts all recalled entries; `echoes` and `recalled_remarks` are shares of them, and
    `with_echo` is the share of the prompts with recalled entries that had an echo. `at_resume`
    counts the resumed and forked sessions that received at their start what they already contain.
    `session_tokens` is the median number of recalled tokens per session, and `irrelevant` the share
    of the tokens of entries that are of no use. docs/benchmarks.md defines the measures.
    """

    story: str
    week: int
    messages: int
    remarks: float
    sessions: int
    prompts: int
    facts: int
    recalled: float | None
    facts_other_language: int
    recalled_other_language: float | None
    entries: int
    echoes: float | None
    recalled_remarks: float | None
    taken_back: int
    with_echo: float | None
    starts: int
    last_task: float | None
    found: float | None
    preferences: float | None
    decision: float | None
    left_open: float | None
    at_resume: int
    session_tokens: float
    irrelevant: float | None
    missed: Sequence[str] = ()


@dataclass(slots=True)
class _Week:
    """Counters of one week."""

    sessions: int = 0
    prompts: int = 0
    recalled: list[bool] = field(default_factory=list)
    recalled_other_language: list[bool] = field(default_factory=list)
    echoes: list[bool] = field(default_factory=list)
    remarks: list[bool] = field(default_factory=list)
    taken_back: int = 0
    with_echo: list[bool] = field(default_factory=list)
    starts: int = 0
    last_task: list[bool] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    preferences: list[bool] = field(default_factory=list)
    decision: list[bool] = field(default_factory=list)
    left_open: list[bool] = field(default_factory=list)
    at_resume: int = 0
    session_tokens: list[int] = field(default_factory=list)
    entry_tokens: int = 0
    irrelevant_tokens: int = 0
    missed: list[str] = field(default_factory=list)


def measure_stories(
    settings: Settings,
    console: Console,
    stories: Sequence[Story],
    weeks: Collection[int],
    open_memory: OpenMemory = sage_memory,
) -> list[WeekResult]:
    """Replay each story against a memory of its own; return the results of `weeks`.

    The memory is Sage by default. Raises SageError.
    """
    results: list[WeekResult] = []
    for story in stories:

        async def measure(
            place: Settings, advance: Callable[[int], None], story: Story = story
        ) -> list[WeekResult]:
            async with open_memory(place, story) as memory:
                return await replay(memory, story, weeks, advance)

        turns = sum(len(session.turns) for session in story.sessions)
        results += measure_in_sandbox(settings, console, f"agents, {story.name}", turns, measure)
    return results


async def replay(
    memory: MemorySystem, story: Story, weeks: Collection[int], progress: Callable[[int], None]
) -> list[WeekResult]:
    """Replay a story against a memory; evaluate only `weeks`, and store the others."""
    replayer = _Replayer(memory, story)
    results = []
    for week in range(1, story.weeks + 1):
        counted = _Week()
        for session in (one for one in story.sessions if one.week == week):
            if week in weeks:
                await memory.settle()
                await replayer.replay(session, counted)
            else:
                await replayer.store(session)
            progress(len(session.turns))
            await asyncio.sleep(0)  # hooks block the event loop, and Ctrl-C must stop it
        if week in weeks:
            results.append(_result(story, week, counted))
    return results


class _Replayer:
    """Replays sessions, records the ground truth, and evaluates what is recalled."""

    def __init__(self, memory: MemorySystem, story: Story) -> None:
        self._memory = memory
        self._story = story
        self._truth = GroundTruth(story)

    async def store(self, session: StorySession) -> None:
        """Store a session without evaluating it."""
        await self._memory.store_session(session)
        for number, _ in enumerate(session.turns):
            self._truth.add(session, number)

    async def replay(self, session: StorySession, counted: _Week) -> None:
        """Replay a session, and evaluate what is recalled at its start and before each prompt."""
        counted.sessions += 1
        start = await self._memory.begin(session)
        self._judge_start(session, start, counted)
        before = [start]
        for number, _ in enumerate(session.turns):
            recalled = await self._memory.ask(session, number)
            self._judge_prompt(session, number, recalled, before, counted)
            before.append(recalled)
            await self._memory.store_turn(session, number)
            self._truth.add(session, number)
            counted.prompts += 1
        counted.session_tokens.append(sum(_tokens(one.text) for one in before))

    def _judge_start(
        self, session: StorySession, recalled: RecalledContext, counted: _Week
    ) -> None:
        truth = self._truth
        if session.begins is not Begins.ANEW:
            counted.at_resume += recalled != NOTHING
            self._count(recalled, (), counted, lambda _: False)
            return
        counted.starts += 1
        if (task := truth.last_task(session.project)) is not None:
            self._note(quotes(recalled, task), counted.last_task, counted, f"task: {_short(task)}")
        if (found := truth.last_found(session.project)) is not None:
            self._note(quotes(recalled, found), counted.found, counted, f"found: {_short(found)}")
        if (decision := truth.last_decision(session.project)) is not None:
            counted.decision.append(quotes(recalled, decision))
        if left_open := truth.left_open(session.project):
            counted.left_open.append(left_open in recalled.text)
        if preferences := truth.preferences(session.person):
            included = [quotes(recalled, one) for one in preferences]
            enough = sum(included) >= min(MAX_PREFERENCES, len(included))
            missed = ", ".join(
                _short(one) for one, there in zip(preferences, included, strict=True) if not there
            )
            self._note(enough, counted.preferences, counted, f"preference: {missed}")
        self._count(recalled, (), counted, lambda entry: truth.is_relevant_at_start(session, entry))

    def _judge_prompt(
        self,
        session: StorySession,
        number: int,
        recalled: RecalledContext,
        before: Sequence[RecalledContext],
        counted: _Week,
    ) -> None:
        truth, turn = self._truth, session.turns[number]
        known = truth.in_context(session)
        for key in turn.needs:
            if (value := truth.values.get(key)) is None or key in known:
                continue
            is_recalled = any(contains_value(one.text, value) for one in (*before, recalled))
            if self._is_in_other_language(session, key):
                counted.recalled_other_language.append(is_recalled)
            missed = f"fact {key}={value}: {turn.prompt.text[:90]}"
            self._note(is_recalled, counted.recalled, counted, missed)
        echoes = self._count(
            recalled, before, counted, lambda entry: truth.answers(session, turn, entry)
        )
        if recalled.entries:
            counted.with_echo.append(echoes > 0)

    def _is_in_other_language(self, session: StorySession, key: str) -> bool:
        """Report whether a fact was stated only in another language than that of the session."""
        people = self._story.people
        languages = {
            people[one.session.person]
            for one in self._truth.messages.values()
            if (key, self._truth.values[key]) in one.line.facts
            and one.line.kind
            in {StoryKind.FACT, StoryKind.TASK, StoryKind.ANSWER, StoryKind.DECISION}
        }
        return people[session.person] not in languages

    def _count(
        self,
        recalled: RecalledContext,
        before: Iterable[RecalledContext],
        counted: _Week,
        is_relevant: Callable[[RecalledEntry], bool],
    ) -> int:
        """Count recalled entries and their tokens, and return the number of echoes.

        An entry that the session received `before` is irrelevant. A question is as relevant as its
        answer if both are recalled together.
        """
        truth = self._truth
        known = {key for one in before for entry in one.entries for key in entry.keys}
        new: set[int] = set()
        for place, entry in enumerate(recalled.entries):
            if not entry.keys or not known.issuperset(entry.keys):
                new.add(place)
            known.update(entry.keys)
        relevant = {place for place in new if is_relevant(recalled.entries[place])}
        keys = {key for place in relevant for key in recalled.entries[place].keys}
        relevant |= {place for place in new if truth.is_answered_by(recalled.entries[place], keys)}
        echoes = 0
        for place, entry in enumerate(recalled.entries):
            tokens = _tokens(entry.text)
            counted.entry_tokens += tokens
            counted.irrelevant_tokens += 0 if place in relevant else tokens
            is_echo = place not in relevant and truth.is_echo(entry)
            counted.echoes.append(is_echo)
            counted.remarks.append(truth.is_remark(entry))
            counted.taken_back += truth.is_taken_back(entry)
            echoes += is_echo
        return echoes

    @staticmethod
    def _note(included: bool, into: list[bool], counted: _Week, missed: str) -> None:  # noqa: FBT001
        into.append(included)
        if not included:
            counted.missed.append(missed)


def _result(story: Story, week: int, counted: _Week) -> WeekResult:
    so_far = story.until(week)
    messages = so_far.messages()
    return WeekResult(
        story=story.name,
        week=week,
        messages=messages,
        remarks=round(so_far.remarks() / messages, 3),
        sessions=counted.sessions,
        prompts=counted.prompts,
        facts=len(counted.recalled),
        recalled=_share(counted.recalled),
        facts_other_language=len(counted.recalled_other_language),
        recalled_other_language=_share(counted.recalled_other_language),
        entries=len(counted.echoes),
        echoes=_share(counted.echoes),
        recalled_remarks=_share(counted.remarks),
        taken_back=counted.taken_back,
        with_echo=_share(counted.with_echo),
        starts=counted.starts,
        last_task=_share(counted.last_task),
        found=_share(counted.found),
        preferences=_share(counted.preferences),
        decision=_share(counted.decision),
        left_open=_share(counted.left_open),
        at_resume=counted.at_resume,
        session_tokens=median(counted.session_tokens or [0]),
        irrelevant=(
            round(counted.irrelevant_tokens / counted.entry_tokens, 4)
            if counted.entry_tokens
            else None
        ),
        missed=counted.missed,
    )


def _share(values: Sequence[bool]) -> float | None:
    return round(fmean(values), 4) if values else None


def _tokens(text: str) -> int:
    return count_tokens_upper_bound(text)


def _short(said: StoryMessage) -> str:
    return said.line.text[:90]
