"""The table of the audit log: added to, never changed, purged by age, read in pages."""

from datetime import UTC, datetime, timedelta

import pytest

from sage.access.audit import store
from sage.access.audit.event import AuditEvent, Surface
from sage.access.audit.store import EventFilter, purge_events, read_events, record_events
from sage.errors import StoreError

NOW = datetime.now(UTC)
ALL = EventFilter()


def event(action, *, days=0, **more):
    at = NOW - timedelta(days=days)
    return AuditEvent(Surface.MCP, action, "203.0.113.9", at=at, **more)


@pytest.fixture
async def conn(database):
    async with database.across_spaces() as lent:
        yield lent


async def found(conn, choice=ALL, limit=None):
    return [one["action"] async for one in read_events(conn, choice, limit)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sage.audit SET outcome = 'ok'",
        "DELETE FROM sage.audit",
        "TRUNCATE sage.audit",
        "UPDATE sage.audit SET at = at - interval '10 days'",
    ],
)
async def test_what_was_recorded_today_cannot_be_changed_or_removed(conn, statement):
    await record_events(conn, [event("forget_memory", outcome="failed")])
    with pytest.raises(StoreError):
        await conn.execute(statement)
    assert await found(conn) == ["forget_memory"]


async def test_what_is_older_than_the_days_it_is_kept_is_purged(conn, monkeypatch):
    monkeypatch.setattr(store, "_PAGE", 2)
    kept = [event("new"), event("older", days=89)]
    await record_events(conn, [*kept, *(event("expired", days=91) for _ in range(5))])
    assert await purge_events(conn, 90) == 5
    assert await found(conn) == ["new", "older"]
    assert await purge_events(conn, 90) == 0


async def test_events_are_read_page_by_page_the_newest_first_each_once(conn, monkeypatch):
    monkeypatch.setattr(store, "_PAGE", 3)
    same_time = [event(f"action-{number}") for number in range(10)]
    await record_events(conn, [*same_time, event("old", days=2)])
    names = await found(conn)
    assert sorted(names[:-1]) == [one.action for one in same_time]
    assert names[-1] == "old"
    assert await found(conn, limit=4) == names[:4]


async def test_events_are_chosen_by_time_user_token_space_and_action(conn):
    await record_events(
        conn,
        [
            event("a", token_name="laptop", user_name="anna"),
            event("b", token_name="phone", user_name="anna", space="default"),
            event("c", token_name="phone", days=3),
        ],
    )
    assert await found(conn, EventFilter(user="anna")) == await found(conn, EventFilter(since=NOW))
    assert await found(conn, EventFilter(token="phone")) == ["b", "c"]
    assert await found(conn, EventFilter(space="default")) == ["b"]
    assert await found(conn, EventFilter(action="c")) == ["c"]
    assert await found(conn, EventFilter(token="phone", since=NOW - timedelta(days=1))) == ["b"]
    assert await found(conn, EventFilter(user="nobody")) == []
