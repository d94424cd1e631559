"""The audit log: what it takes, when it writes, and what a database that is away costs it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from sage.access.audit import log as audit_log
from sage.access.audit.event import MAX_IDS, AuditEvent, Surface
from sage.access.audit.log import AuditLog
from sage.access.audit.store import EventFilter, read_events
from sage.config.choices import AuditMode
from sage.config.settings import AuditSettings
from sage.domain.caller import OWNER_BY_TOKEN
from sage.errors import StoreUnavailableError
from tests.support.polling import DEADLINE_S

ALL = EventFilter()


def event(action="search_memory", *, token="laptop", **more):
    return AuditEvent(Surface.REST, action, "203.0.113.9", token_name=token, **more)


async def recorded(database, choice=ALL, limit=None):
    async with database.across_spaces() as conn:
        return [one async for one in read_events(conn, choice, limit)]


async def eventually(read, condition):
    """Read again and again until a condition holds; give what was read."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition(found := await read()):
            await asyncio.sleep(0.01)
    return found


async def actions(database):
    return [one["action"] for one in reversed(await recorded(database))]


@asynccontextmanager
async def running(database, mode=AuditMode.AUTO):
    log = AuditLog(database, AuditSettings(mode=mode))
    task = asyncio.create_task(log.run())
    yield log
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.close()


async def test_an_event_is_written_soon_with_all_that_was_noted(database):
    noted = event()
    noted.by(OWNER_BY_TOKEN)
    noted.space = "default"
    noted.about(range(MAX_IDS + 20))
    async with running(database) as log:
        log.add(noted)
        (start, row) = await eventually(lambda: recorded(database), lambda rows: len(rows) == 2)
    assert (row["token_name"], row["space"], row["space_name"]) == (
        "SAGE_TOKEN",
        "default",
        "default",
    )
    assert (row["surface"], row["origin"], row["outcome"]) == ("rest", "203.0.113.9", "ok")
    assert row["ids"] == [str(number) for number in range(MAX_IDS)]
    assert row["id_count"] == MAX_IDS + 20
    assert start["action"] == "start"


async def test_what_waits_is_written_when_the_process_ends_and_the_end_is_recorded(database):
    log = AuditLog(database, AuditSettings())
    for _ in range(1_200):
        log.add(event())
    await log.close()
    assert await actions(database) == ["start", *["search_memory"] * 1_200, "stop"]
    start, stop = (await recorded(database))[-1], (await recorded(database))[0]
    assert start["ids"] == stop["ids"]
    assert stop["unrecorded"] == 0


async def test_a_process_that_recorded_nothing_leaves_no_trace(database):
    await AuditLog(database, AuditSettings()).close()
    assert await actions(database) == []


@pytest.mark.parametrize(
    ("mode", "written"),
    [
        (AuditMode.OFF, []),
        (AuditMode.AUTO, ["with_token", "refused"]),
        (AuditMode.ON, ["with_token", "without_token", "refused"]),
    ],
)
async def test_the_mode_says_which_calls_are_recorded(database, mode, written):
    async with running(database, mode) as log:
        log.add(event("with_token"))
        log.add(event("without_token", token=None))
        log.add(event("refused", token=None, outcome="token"))
    assert [one for one in await actions(database) if one not in {"start", "stop"}] == written


async def test_of_refusals_one_a_minute_is_recorded_for_each_sender(database, monkeypatch):
    monkeypatch.setattr(audit_log, "_SAMPLE_INTERVAL_S", 0.0)
    async with running(database) as every:
        for _ in range(3):
            every.add(event("all", outcome="rate-limit"))
    monkeypatch.undo()
    async with running(database) as sampled:
        for _ in range(50):
            sampled.add(event("some", outcome="rate-limit"))
            sampled.add(event("other", token="phone", outcome="rate-limit"))
            sampled.add(event("failed", outcome="failed"))
    found = await actions(database)
    assert [found.count(one) for one in ("all", "some", "other", "failed")] == [3, 1, 1, 50]


async def test_events_wait_for_a_database_that_is_away_and_what_is_too_much_is_counted(
    database, monkeypatch
):
    monkeypatch.setattr(audit_log, "_MAX_WAITING", 6)
    monkeypatch.setattr(audit_log, "_RETRY_S", 0.01)
    away, refused = True, 0
    lend = database.across_spaces

    @asynccontextmanager
    async def across_spaces():
        nonlocal refused
        if away:
            refused += 1
            raise StoreUnavailableError("the database does not answer")
        async with lend() as conn:
            yield conn

    monkeypatch.setattr(database, "across_spaces", across_spaces)
    async with running(database) as log:
        for _ in range(9):
            log.add(event())
        await eventually(lambda: asyncio.sleep(0, refused), lambda count: count > 1)
        away = False
        await eventually(lambda: actions(database), lambda found: len(found) == 6)
    assert await actions(database) == ["start", *["search_memory"] * 5, "stop"]
    assert (await recorded(database))[0]["unrecorded"] == 4


async def test_a_batch_whose_fate_is_unknown_is_written_once(database):
    log = AuditLog(database, AuditSettings())
    log.add(event())
    await log._write()  # noqa: SLF001 - as before an answer that is lost
    twice = event()
    log.add(twice)
    log.add(twice)
    await log.close()
    assert await actions(database) == ["start", "search_memory", "search_memory", "stop"]
