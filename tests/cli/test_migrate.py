import asyncio
import json

import asyncpg
import pytest

from sage.store.migrate import known_migrations

COUNT = len(known_migrations())


@pytest.fixture
def empty(sage, monkeypatch, empty_postgres_dsn):
    """Run on a database that no migration has touched."""
    monkeypatch.setenv("DATABASE_URL", empty_postgres_dsn)
    return sage


def test_a_schema_is_pending_until_it_is_brought_up(empty):
    before = empty("migrate", "status")
    assert before.code == 1
    assert before.out.count("pending ") == COUNT
    assert "sage migrate up" in before.err

    applied = empty("migrate", "up")
    assert applied.code == 0
    assert applied.out.count("applied ") == COUNT

    after = empty("migrate", "status")
    assert after.code == 0
    assert after.out.count("applied ") == COUNT


def test_a_current_schema_stays_as_it_is(empty):
    assert empty("migrate").code == 0
    outcome = empty("migrate")
    assert (outcome.code, outcome.out) == (0, "the schema is current\n")


def test_looking_changes_nothing(empty):
    assert json.loads(empty("migrate", "status", "--json").out)["current"] is False
    assert json.loads(empty("migrate", "status", "--json").out)["applied"] == []


def test_machines_learn_what_was_applied(empty):
    applied = json.loads(empty("migrate", "up", "--json").out)["applied"]
    assert applied[0] == "0033_schema"
    status = json.loads(empty("migrate", "status", "--json").out)
    assert [one["migration"] for one in status["applied"]] == applied
    assert status["current"] is True
    assert status["pending"] == []


def test_a_schema_of_a_newer_release_is_refused(sage, monkeypatch, postgres_dsn):
    async def meet_the_future():
        conn = await asyncpg.connect(postgres_dsn)
        await conn.execute("INSERT INTO sage.schema_migrations VALUES (9999, 'later', 'x')")
        await conn.close()

    asyncio.run(meet_the_future())
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    for verb in ("status", "up"):
        outcome = sage("migrate", verb)
        assert outcome.code == 1
        assert "too new" in outcome.err
        assert "fix: " in outcome.err
