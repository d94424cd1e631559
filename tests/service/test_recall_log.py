"""What sessions were given is recorded beside the calls, without content, and kept for its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sage.config.settings import RecallSettings
from sage.domain.recall_log import RecalledMemory, RecallRecord, RecallTrigger
from sage.service.recall_log import RecallLog
from sage.store.connections.pool import open_database
from sage.store.recalls import purge_recalls
from tests.support.saving import message, save

QUERY = "Where do herons nest? 苍鹭住在哪里?"
ROWS = """
SELECT recalls.*, memory_id, place, probability
FROM sage.recalls LEFT JOIN sage.recalled_memories USING (space_id, recall_id)
ORDER BY recall_id, place
"""


def recall(memory_ids, **rest):
    told = [RecalledMemory(one, 0.5) for one in memory_ids]
    return RecallRecord("default", RecallTrigger.PROMPT, QUERY, told, **rest)


@pytest.fixture
async def memory_ids(database):
    return (await save(database, [message("herons"), message("mill")])).memory_ids


@pytest.fixture
def rows(database):
    async def read():
        async with database.across_spaces() as conn:
            return await conn.fetch(ROWS)

    return read


async def test_an_occasion_is_recorded_with_its_memories_and_without_any_text(
    database, memory_ids, rows
):
    log = RecallLog(database, RecallSettings())
    log.add(recall([*memory_ids, uuid4()], session_id="codex:1", client="codex"))
    await log.close()
    told = await rows()
    assert [(row["memory_id"], row["place"]) for row in told] == [
        (memory_ids[0], 0),
        (memory_ids[1], 1),
    ]
    assert told[0]["session_id"] == "codex:1"
    assert told[0]["probability"] == 0.5
    assert all(0 <= one < 1 << 14 for one in told[0]["words"])
    assert len(told[0]["words"]) >= 4
    assert "heron" not in str(told)
    assert "苍" not in str(told)


async def test_words_are_hashed_by_a_key_of_their_space(database):
    async with database.across_spaces() as conn:
        await conn.execute("INSERT INTO sage.spaces (id, name) VALUES ('b', 'b')")
    log = RecallLog(database, RecallSettings())
    keys = {await log.key_of(one) for one in ("default", "b")}
    assert {len(one) for one in keys} == {16}
    assert len(keys) == 2
    assert await log.key_of("nowhere") is None


async def test_nothing_is_recorded_where_that_is_off_or_nothing_was_handed_out(
    database, memory_ids, rows
):
    off = RecallLog(database, RecallSettings(log=False))
    off.add(recall(memory_ids))
    await off.close()
    on = RecallLog(database, RecallSettings())
    on.add(recall([]))
    await on.close()
    assert await rows() == []


async def test_in_a_space_that_is_erased_meanwhile_nothing_is_recorded(database, rows):
    log = RecallLog(database, RecallSettings())
    async with database.across_spaces() as conn:
        await conn.execute("INSERT INTO sage.spaces (id, name) VALUES ('b', 'b')")
        assert await log.key_of("b")
        await conn.execute("DELETE FROM sage.spaces WHERE id = 'b'")
    log.add(
        RecallRecord(
            "b", RecallTrigger.PROMPT, QUERY, [RecalledMemory(uuid4())], session_id="codex:1"
        )
    )
    await log.close()
    assert await rows() == []


async def test_what_the_database_refuses_loses_nothing_else(database, memory_ids, rows):
    log = RecallLog(database, RecallSettings())
    sessions = [f"codex:{number}" for number in range(5)]
    for session_id in [*sessions[:3], "not\0stored", *sessions[3:]]:
        log.add(recall(memory_ids[:1], session_id=session_id))
    await log.close()
    assert sorted(row["session_id"] for row in await rows()) == sessions
    assert log.lost == 1


async def test_what_cannot_be_written_is_lost_and_counted(monkeypatch):
    monkeypatch.setattr("sage.service.recall_log._MAX_WAITING", 2)
    monkeypatch.setattr("sage.service.recall_log._FLUSH_TIMEOUT_S", 0.1)
    away = await open_database("postgresql://sage@127.0.0.1:1/sage")
    log = RecallLog(away, RecallSettings())
    for _ in range(3):
        log.add(recall([uuid4()]))
    assert log.lost == 1
    await log.close()
    assert log.lost == 3
    await away.close()


async def test_what_is_too_old_is_deleted_and_marks_stay(database, memory_ids, rows):
    log = RecallLog(database, RecallSettings())
    old = recall(memory_ids, at=datetime.now(UTC) - timedelta(days=91))
    log.add(old)
    log.add(recall(memory_ids[:1]))
    await log.close()
    async with database.across_spaces() as conn:
        await conn.execute(
            "INSERT INTO sage.not_useful SELECT space_id, memory_id, recall_id, 'prompt', NULL,"
            " '{}' FROM sage.recalled_memories WHERE recall_id = $1",
            old.recall_id,
        )
        assert await purge_recalls(conn, 90) == 1
        assert await conn.fetchval("SELECT count(*) FROM sage.not_useful") == 2
        assert len(await rows()) == 1
        await conn.execute("DELETE FROM sage.memories")
        assert await conn.fetchval("SELECT count(*) FROM sage.not_useful") == 0
        assert await conn.fetchval("SELECT count(*) FROM sage.recalled_memories") == 0
