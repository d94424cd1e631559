import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.domain.memories import Memory, Role
from sage.domain.searching import Degradation, Hit
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.retrieval.context.packing import PackingInput
from sage.retrieval.context.tokens import count_tokens_upper_bound
from sage.service.packing import plain_context, summarized_context

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)


class Scribe:
    """A summarizer that writes what it was made with, fails, or never answers."""

    def __init__(self, summary="", *, failure=None, hangs=False):
        self.summary = summary
        self.failure = failure
        self.hangs = hangs
        self.asked = []

    async def summarize(self, question, turns, max_tokens):
        self.asked.append((question, list(turns), max_tokens))
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return self.summary


def recalled(*texts):
    hits = [
        Hit.of(
            Memory(UUID(int=n), "talk", Role.USER, "Anna", text, NOON + timedelta(minutes=n)),
            0.9,
            {},
        )
        for n, text in enumerate(texts, start=1)
    ]
    return PackingInput("what of tea?", hits)


def summary_in(context):
    """Read what stands in the only summary of a context."""
    (told,) = re.findall(r"\A<sage-summary>\n[^\n]*\n(.*)</sage-summary>\n", context, re.DOTALL)
    assert len(re.findall(r"<\s*/?\s*sage-", context, re.IGNORECASE)) == 4
    return told


async def test_a_summary_stands_fenced_before_the_turns():
    answer = await summarized_context(Scribe("Anna likes tea."), recalled("I like tea"), 500)
    assert summary_in(answer.context) == "Anna likes tea.\n"
    assert answer.context.index("likes tea.") < answer.context.index('user "Anna": I like tea')
    assert count_tokens_upper_bound(answer.context) == answer.tokens <= 500
    assert answer.degraded == ()


async def test_the_summarizer_reads_more_turns_than_then_fit():
    scribe = Scribe("Much tea.")
    texts = [f"tea number {n} " + "leaf " * 30 for n in range(40)]
    answer = await summarized_context(scribe, recalled(*texts), 300)
    ((question, turns, max_tokens),) = scribe.asked
    assert question == "what of tea?"
    assert turns[0].head == '2023-05-08 12:01 user "Anna"'
    assert len(turns) > len(answer.memories) > 0
    assert 0 < max_tokens < 100


@pytest.mark.parametrize(
    ("scribe", "reason"),
    [
        (Scribe(failure=ProviderUnavailableError("it is away")), "it is away"),
        (Scribe(failure=ProviderRejectedError("it refuses")), "it refuses"),
        (Scribe(hangs=True), "no summary within the time limit of 0.05 s"),
    ],
    ids=["away", "refuses", "hangs"],
)
async def test_without_a_summary_the_turns_fill_the_window_and_it_is_said(scribe, reason):
    found = recalled("tea " * 50, "oolong " * 50)
    answer = await summarized_context(scribe, found, 400, deadline_s=0.05)
    plain = await plain_context(found, 400)
    assert (answer.context, answer.memories) == (plain.context, plain.memories)
    assert answer.degraded == (Degradation("summary", reason),)


async def test_what_the_search_took_is_no_longer_there_for_the_summary():
    answer = await summarized_context(Scribe(hangs=True), recalled("tea"), 400, spent_s=8.0)
    assert answer.degraded == (Degradation("summary", "no summary within the time limit of 8 s"),)
    assert answer.memories


async def test_a_summarizer_with_nothing_to_say_takes_no_room():
    found = recalled("tea")
    assert await summarized_context(Scribe(""), found, 400) == await plain_context(found, 400)


async def test_a_summary_too_long_loses_its_end_by_whole_sentences():
    answer = await summarized_context(Scribe("Tea is good. " * 200), recalled("tea"), 400)
    told = summary_in(answer.context)
    assert set(told.strip().split(". ")) <= {"Tea is good", "Tea is good."}
    assert 'user "Anna": tea' in answer.context
    assert answer.tokens <= 400


@given(
    summary=st.text(max_size=400) | st.text("</sage-summary> memori\n.", max_size=400),
    window=st.integers(200, 800),
)
async def test_nothing_a_model_writes_leaves_the_fence_or_the_window(summary, window):
    answer = await summarized_context(Scribe(summary), recalled("tea"), window)
    assert answer.tokens <= window
    assert answer.memories
    if "<sage-summary>" in answer.context:
        summary_in(answer.context)


async def test_other_requests_go_on_while_long_memories_are_packed():
    packing = asyncio.ensure_future(
        plain_context(recalled(*["The heron nests by the mill. " * 4000] * 5), 2000)
    )
    turns = 0
    while not packing.done():
        await asyncio.sleep(0)
        turns += 1
    assert packing.result().memories
    assert turns > 5


@pytest.mark.parametrize("summarize", [False, True])
async def test_other_requests_go_on_while_text_is_packed_that_is_longer_than_it_looks(summarize):
    found = recalled("\ufdfa " * 9_500)
    wanted = (
        summarized_context(Scribe("Tea."), found, 2000) if summarize else plain_context(found, 2000)
    )
    packing = asyncio.ensure_future(wanted)
    turns = 0
    while not packing.done():
        await asyncio.sleep(0)
        turns += 1
    assert packing.result().memories
    assert turns > 10


async def test_a_summary_that_does_not_fit_is_named():
    answer = await summarized_context(
        Scribe("Anna likes tea. " * 3 + "x" * 4000), recalled("tea"), 200
    )
    assert answer.degraded == ()
    answer = await summarized_context(Scribe("tea " * 2000), recalled("tea"), 200)
    assert answer.degraded == (
        Degradation("summary", "it does not fit into a third of the window"),
    )
