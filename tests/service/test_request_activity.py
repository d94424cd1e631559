"""Background work waits for a pause between calls, but not for ever."""

import asyncio
from contextlib import contextmanager

import pytest

from sage.domain.gathering import ContextRequest
from sage.domain.searching import SearchRequest
from sage.service.request_activity import RequestActivity

LONG_S = 60


async def test_nothing_is_waited_for_when_nobody_calls():
    async with asyncio.timeout(LONG_S / 2):
        await RequestActivity().wait_idle(LONG_S)


async def test_a_lull_begins_when_the_last_call_is_answered(monkeypatch):
    monkeypatch.setattr("sage.service.request_activity._LULL_S", 0)
    activity = RequestActivity()
    with activity.call():
        waiting = asyncio.create_task(activity.wait_idle(LONG_S))
        with activity.call():
            await turns_of_the_loop()
        await turns_of_the_loop()
        assert not waiting.done()
    async with asyncio.timeout(LONG_S / 2):
        await waiting


async def turns_of_the_loop():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_calls_that_follow_each_other_closely_are_no_lull(monkeypatch):
    monkeypatch.setattr("sage.service.request_activity._LULL_S", LONG_S)
    activity = RequestActivity()
    waiting = asyncio.create_task(activity.wait_idle(0.2))
    for _ in range(3):
        with activity.call():
            await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_a_call_that_never_ends_holds_background_work_up_for_a_bounded_time():
    activity = RequestActivity()
    with activity.call():
        async with asyncio.timeout(LONG_S):
            await activity.wait_idle(0.01)


async def test_saves_searches_and_contexts_are_calls(rig, monkeypatch):
    seen = []

    @contextmanager
    def noted():
        seen.append("begun")
        yield
        seen.append("ended")

    monkeypatch.setattr(rig.indexer.activity, "call", noted)
    await rig.save("the ferry leaves at nine")
    await rig.memory.search(SearchRequest("ferry"))
    await rig.memory.context(ContextRequest("ferry"))
    assert seen == ["begun", "ended"] * 3


async def test_a_call_that_fails_is_over(rig):
    with pytest.raises(AttributeError):
        await rig.memory.search(None)
    async with asyncio.timeout(LONG_S / 2):
        await rig.indexer.activity.wait_idle(LONG_S)


@pytest.mark.parametrize("local", [True, False])
async def test_only_a_model_on_this_machine_stands_back_for_calls(rig, monkeypatch, local):
    asked, answered = asyncio.Event(), asyncio.Event()

    async def wait_idle(_at_most_s):
        asked.set()
        await answered.wait()

    rig.embedder.is_local = local
    monkeypatch.setattr(rig.indexer.activity, "wait_idle", wait_idle)
    await rig.save("the ferry leaves at nine")
    running = asyncio.create_task(rig.indexer.run())
    async with asyncio.timeout(LONG_S):
        if local:
            await asked.wait()
            assert (await rig.queue_stats()).pending == 1
            answered.set()
        while (await rig.queue_stats()).pending:
            await asyncio.sleep(0.01)
    assert asked.is_set() is local
    running.cancel()
