"""Ending a task loses no other cancellation."""

import asyncio
from functools import partial

import pytest

from sage.service.background import end_task, running


async def test_who_ends_a_task_can_be_cancelled_meanwhile():
    slow = asyncio.create_task(end_slowly())
    await asyncio.sleep(0)
    ending = asyncio.create_task(end_task(slow))
    await asyncio.sleep(0)  # it waits for the slow one now
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    await slow


async def end_slowly():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(0.05)


async def test_a_task_that_is_ended_is_waited_for_and_what_it_raises_is_raised():
    async def fail():
        try:
            await asyncio.sleep(60)
        finally:
            raise ValueError("it broke")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="it broke"):
        await end_task(task)
    quiet = asyncio.create_task(asyncio.sleep(60))
    await end_task(quiet)
    assert quiet.cancelled()


async def test_works_are_ended_at_once_not_one_after_the_other():
    ended = []

    async def work(name):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.wait_for(both.wait(), 10)  # reached if the other is ended meanwhile
            ended.append(name)
            raise

    both = asyncio.Barrier(2)
    async with running([partial(work, "one"), partial(work, "other")]):
        await asyncio.sleep(0)
    assert sorted(ended) == ["one", "other"]
