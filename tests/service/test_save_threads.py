"""What saves compute has threads of its own, which callers share, and ends when they leave."""

import asyncio
import threading

import pytest

from sage.domain.call_context import CallContext, use_call_context
from sage.errors import WithdrawnError
from sage.service.save_threads import SaveThreads
from tests.support.serving import DEADLINE_S


class Work:
    """Goes on until it is to end."""

    def __init__(self):
        self.began, self.ended = threading.Event(), threading.Event()

    def __call__(self, check_cancelled):
        self.began.set()
        try:
            while True:
                check_cancelled()
        finally:
            self.ended.set()


@pytest.fixture
async def threads():
    made = SaveThreads()
    yield made
    await made.close()


def begin(threads, caller, work):
    """Begin work for a caller; return it, and what makes them leave."""
    leaving = asyncio.Event()
    with use_call_context(CallContext(caller, leaving.wait)):
        return asyncio.ensure_future(threads.run(work)), leaving


async def until(event):
    assert await asyncio.to_thread(event.wait, DEADLINE_S)


async def withdrawn(task):
    with pytest.raises(WithdrawnError):
        await task


async def test_a_caller_gets_one_thread_and_leaves_the_other_to_others(threads):
    first, second, other = Work(), Work(), Work()
    one, leave = begin(threads, "anna", first)
    two, leave_too = begin(threads, "anna", second)
    await until(first.began)
    three, leave_last = begin(threads, "ben", other)
    await until(other.began)
    assert not second.began.is_set()
    leave.set()
    await withdrawn(one)
    await until(second.began)
    assert first.ended.is_set()
    leave_too.set()
    leave_last.set()
    await withdrawn(two)
    await withdrawn(three)
    assert await threads.run(lambda _: 7) == 7


async def test_who_leaves_before_their_turn_begins_nothing(threads):
    first, second = Work(), Work()
    one, leave = begin(threads, "anna", first)
    await until(first.began)
    two, leave_too = begin(threads, "anna", second)
    leave_too.set()
    await withdrawn(two)
    leave.set()
    await withdrawn(one)
    assert not second.began.is_set()


async def test_work_ends_when_its_call_is_cancelled_and_when_sage_stops(threads):
    cancelled, closed = Work(), Work()
    one, _ = begin(threads, "anna", cancelled)
    two, _ = begin(threads, "ben", closed)
    await until(cancelled.began)
    await until(closed.began)
    one.cancel()
    await until(cancelled.ended)
    await threads.close()
    await withdrawn(two)
