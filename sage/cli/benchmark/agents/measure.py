"""Play weeks of work against a memory, and judge what it hands out in some of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, TypeAlias

from sage.cli.benchmark.agents.memory import NOTHING, sage_memory
from sage.cli.benchmark.agents.story import Begins, StoryKind
from sage.cli.benchmark.agents.truth import Truth, holds, names
from sage.cli.benchmark.running import measure_apart
from sage.retrieval.context.tokens import count_tokens_upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from sage.cli.benchmark.agents.memory import Handed, MemorySystem, RecalledPart
    from sage.cli.benchmark.agents.story import Story, StorySession
    from sage.cli.benchmark.agents.truth import StoryMessage
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

OpenMemory: TypeAlias = "Callable[[Settings, Story], AbstractAsyncContextManager[MemorySystem]]"
"""Opens a memory in a place of its own, with an empty database, for the people of a story."""
MAX_PREFERENCES = 3
"""Of more than these of a person, any three are as good."""


@dataclass(frozen=True, slots=True)
class WeekResult:
    """What was handed out in a week; shares are 0 to 1, and None where nothing was to be held.

    `brought` is the share of the facts wanted that were in the context when they were, `across` of
    those among them that were recalled in another language than the question. `echoes` and
    `remarks_handed` are shares of what was handed out, `with_echo` of the prompts that something
    was handed out for.
    `session_tokens` is the median of a session, and `answer_nothing` the share of tokens, but for
    what frames them, that neither answer nor are relevant. `at_resume` counts the resumed and
    forked sessions that received at their start what they contain.
    """

    story: str
    week: int
    messages: int
    remarks: float
    sessions: int
    prompts: int
    wanted: int
    brought: float | None
    wanted_across: int
    across: float | None
    handed: int
    echoes: float | None
    remarks_handed: float | None
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
    answer_nothing: float | None
    missed: Sequence[str] = ()


@dataclass(slots=True)
class _Week:
    """What is counted in a week."""

    sessions: int = 0
    prompts: int = 0
    brought: list[bool] = field(default_factory=list)
    across: list[bool] = field(default_factory=list)
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
    """Play each story against a memory of its own; return what was handed out in `weeks`.

    The memory is Sage, unless another one is opened. Raises SageError.
    """
    results: list[WeekResult] = []
    for story in stories:

        async def measure(
            place: Settings, advance: Callable[[int], None], story: Story = story
        ) -> list[WeekResult]:
            async with open_memory(place, story) as memory:
                return await play(memory, story, weeks, advance)

        turns = sum(len(session.turns) for session in story.sessions)
        results += measure_apart(settings, console, f"agents, {story.name}", turns, measure)
    return results


async def play(
    memory: MemorySystem, story: Story, weeks: Collection[int], progress: Callable[[int], None]
) -> list[WeekResult]:
    """Play a story against a memory; of other weeks than `weeks` nothing is asked."""
    player = _Player(memory, story)
    results = []
    for week in range(1, story.weeks + 1):
        counted = _Week()
        for session in (one for one in story.sessions if one.week == week):
            if week in weeks:
                await memory.settle()
                await player.play(session, counted)
            else:
                await player.keep(session)
            progress(len(session.turns))
            await asyncio.sleep(0)  # hooks hold up this process, which is to be stopped by Ctrl-C
        if week in weeks:
            results.append(_result(story, week, counted))
    return results


class _Player:
    """Plays sessions and notes what was said, and what of it was handed out."""

    def __init__(self, memory: MemorySystem, story: Story) -> None:
        self._memory = memory
        self._story = story
        self._truth = Truth(story)

    async def keep(self, session: StorySession) -> None:
        """Play a session of which nothing is asked."""
        await self._memory.keep_all(session)
        for number, _ in enumerate(session.turns):
            self._truth.add(session, number)

    async def play(self, session: StorySession, counted: _Week) -> None:
        """Play a session, and judge what it is handed."""
        counted.sessions += 1
        start = await self._memory.begin(session)
        self._judge_start(session, start, counted)
        handed = [start]
        for number, _ in enumerate(session.turns):
            recalled = await self._memory.ask(session, number)
            self._judge_prompt(session, number, recalled, handed, counted)
            handed.append(recalled)
            await self._memory.keep(session, number)
            self._truth.add(session, number)
            counted.prompts += 1
        counted.session_tokens.append(sum(_tokens(one.text) for one in handed))

    def _judge_start(self, session: StorySession, handed: Handed, counted: _Week) -> None:
        truth = self._truth
        if session.begins is not Begins.ANEW:
            counted.at_resume += handed != NOTHING
            self._count(handed, (), counted, lambda _: False)
            return
        counted.starts += 1
        if (task := truth.last_task(session.project)) is not None:
            self._note(holds(handed, task), counted.last_task, counted, f"task: {_short(task)}")
        if (found := truth.last_found(session.project)) is not None:
            self._note(holds(handed, found), counted.found, counted, f"found: {_short(found)}")
        if (decision := truth.last_decision(session.project)) is not None:
            counted.decision.append(holds(handed, decision))
        if left_open := truth.left_open(session.project):
            counted.left_open.append(left_open in handed.text)
        if preferences := truth.preferences(session.person):
            held = [holds(handed, one) for one in preferences]
            enough = sum(held) >= min(MAX_PREFERENCES, len(held))
            missed = ", ".join(
                _short(one) for one, there in zip(preferences, held, strict=True) if not there
            )
            self._note(enough, counted.preferences, counted, f"preference: {missed}")
        self._count(handed, (), counted, lambda entry: truth.is_relevant_at_start(session, entry))

    def _judge_prompt(
        self,
        session: StorySession,
        number: int,
        handed: Handed,
        before: Sequence[Handed],
        counted: _Week,
    ) -> None:
        truth, turn = self._truth, session.turns[number]
        known = truth.in_context(session)
        for key in turn.wants:
            if (value := truth.values.get(key)) is None or key in known:
                continue
            brought = any(names(one.text, value) for one in (*before, handed))
            if self._is_across(session, key):
                counted.across.append(brought)
            missed = f"fact {key}={value}: {turn.prompt.text[:90]}"
            self._note(brought, counted.brought, counted, missed)
        echoes = self._count(
            handed, before, counted, lambda entry: truth.answers(session, turn, entry)
        )
        if handed.entries:
            counted.with_echo.append(echoes > 0)

    def _is_across(self, session: StorySession, key: str) -> bool:
        """Report whether a fact was stated only in another language than the question."""
        people = self._story.people
        languages = {
            people[one.session.person]
            for one in self._truth.said.values()
            if (key, self._truth.values[key]) in one.line.facts
            and one.line.kind
            in {StoryKind.FACT, StoryKind.TASK, StoryKind.ANSWER, StoryKind.DECISION}
        }
        return people[session.person] not in languages

    def _count(
        self,
        handed: Handed,
        before: Iterable[Handed],
        counted: _Week,
        is_worth: Callable[[RecalledPart], bool],
    ) -> int:
        """Count what is handed out, and return how many echoes are in it.

        What this session was handed `before` is worth nothing; what was asked is worth as much as
        what replies to it and is handed out beside it.
        """
        truth = self._truth
        known = {key for one in before for entry in one.entries for key in entry.keys}
        new: set[int] = set()
        for place, entry in enumerate(handed.entries):
            if not entry.keys or not known.issuperset(entry.keys):
                new.add(place)
            known.update(entry.keys)
        worth = {place for place in new if is_worth(handed.entries[place])}
        beside = {key for place in worth for key in handed.entries[place].keys}
        worth |= {place for place in new if truth.leads_to(handed.entries[place], beside)}
        echoes = 0
        for place, entry in enumerate(handed.entries):
            tokens = _tokens(entry.text)
            counted.entry_tokens += tokens
            counted.irrelevant_tokens += 0 if place in worth else tokens
            is_echo = place not in worth and truth.is_echo(entry)
            counted.echoes.append(is_echo)
            counted.remarks.append(truth.is_remark(entry))
            counted.taken_back += truth.is_taken_back(entry)
            echoes += is_echo
        return echoes

    @staticmethod
    def _note(held: bool, into: list[bool], counted: _Week, missed: str) -> None:  # noqa: FBT001
        into.append(held)
        if not held:
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
        wanted=len(counted.brought),
        brought=_share(counted.brought),
        wanted_across=len(counted.across),
        across=_share(counted.across),
        handed=len(counted.echoes),
        echoes=_share(counted.echoes),
        remarks_handed=_share(counted.remarks),
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
        answer_nothing=(
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
