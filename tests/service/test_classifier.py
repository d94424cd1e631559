"""What is stored already is classed in the background, and again when it changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from sage.domain.memories import ForgetRequest, Message, SaveRequest
from sage.domain.message_class import MessageClass
from sage.operations.checks.recent_calls import queue
from sage.retrieval.message_classes.classification import RULES_VERSION
from sage.service.arriving import arriving_memories, store_arrivals
from sage.service.counts import StoreCounts
from sage.store.message_classes import store_classes, try_lock_classification
from sage.transfer.importing.undo import undo_import
from tests.support.classification import NOON, transcript

_KEYS = """
SELECT memory_id, array_agg(lexeme ORDER BY lexeme) AS keys
FROM sage.memories, unnest(lexemes)
WHERE lexeme IN ('@prefers', '@wishes', '@decides')
GROUP BY memory_id ORDER BY keys
"""
_WITHOUT_KEYS = """
UPDATE sage.memories SET lexemes = ts_delete(lexemes, '{@prefers,@wishes,@decides}'::text[])
"""
UNCLASS = "UPDATE sage.memory_classes SET class = 0, rules_version = 1, reply_id = NULL"
EXCHANGES = [
    f"{12 + minute // 60}:{minute % 60:02} {text}"
    for number in range(9)
    for minute, text in (
        (number * 4, f"user: Which port does host {number} use?"),
        (number * 4 + 1, "assistant: I will look."),
        (number * 4 + 2, f"assistant: Host {number} listens on {9440 + number}."),
        (number * 4 + 3, "user: Thanks!"),
    )
]


async def test_what_is_stored_already_is_classed_as_if_it_was_saved_now(
    rig, capture, stored, classifier, monkeypatch
):
    monkeypatch.setattr("sage.service.classifier._BATCH", 5)
    monkeypatch.setattr("sage.service.classifier._PAGE", 7)
    await capture(*EXCHANGES)
    as_saved = await stored()
    assert [row[2] for row in as_saved[:3]] == ["Host 0 listens on 9440.", None, None]
    async with rig.database.across_spaces() as conn:
        await conn.execute(UNCLASS)
        await conn.execute(
            "INSERT INTO sage.embedding_queue (space_id, memory_id)"
            " SELECT space_id, memory_id FROM sage.memories ON CONFLICT DO NOTHING"
        )
    assert (await rig.memory.stats("default")).unclassed == 36
    running = SimpleNamespace(
        counts=StoreCounts(rig.database), schema_gate=rig.schema_gate, counted_space=None
    )
    assert (await queue(running)).detail.endswith("; 36 to be classified")
    assert await classifier.classify_all() > 0
    assert await stored() == as_saved
    assert (await rig.memory.stats("default")).unclassed == 0
    assert await classifier.classify_all() == 0


@pytest.fixture
def changed(rig, classifier, stored):
    """Forget, restore or replace, then tell what answers at once, and when it is classed."""

    async def answer():
        return next(row[2] for row in await stored() if row[1] == "question")

    async def change(contents, **rest):
        async with rig.database.across_spaces() as conn:
            rows = await conn.fetch(
                "SELECT memory_id FROM sage.memories WHERE content = ANY ($1)", list(contents)
            )
        ids = tuple(row["memory_id"] for row in rows)
        if "replaced_by" in rest:
            text = Message.validate("user", rest["replaced_by"])
            await rig.memory.save(SaveRequest((text,), replaces=ids))
        else:
            await rig.memory.forget(ForgetRequest(ids, **rest))
        at_once = await answer()
        await classifier.classify_due()
        return at_once, await answer()

    return change


QUESTION = "user: Which port does pelican use?"
FIRST, SECOND = "Pelican listens on 9443.", "Pelican listens on 9444, I mean."


async def test_an_answer_that_is_forgotten_makes_way_at_once_for_the_older_one_until_it_is_back(
    say, changed
):
    await say(QUESTION, f"assistant: {FIRST}", f"assistant: {SECOND}")
    assert await changed([SECOND]) == (FIRST, FIRST)
    assert await changed([FIRST]) == (None, None)
    assert await changed([FIRST, SECOND], undo=True) == (SECOND, SECOND)


async def test_an_answer_that_is_replaced_answers_no_more(say, changed):
    await say(QUESTION, f"assistant: {FIRST}", f"assistant: {SECOND}")
    assert await changed([SECOND], replaced_by="Pelican has no port.") == (None, FIRST)


async def test_a_task_that_is_noted_later_was_told(rig, stored):
    classes = []
    for line in ("12:08 user: Ship the parcels with DHL.", "12:09 assistant: Noted."):
        arriving = arriving_memories(transcript(line, session_id="talk"), NOON)
        async with rig.database.across_spaces() as conn:
            await store_arrivals(conn, arriving, uuid4())
        classes.append((await stored())[0][1])
    assert classes == ["request", "statement"]


async def test_an_import_that_is_undone_takes_its_answers_along(rig, stored, say, classifier):
    await say(QUESTION)
    import_id = uuid4()
    arriving = arriving_memories(transcript(f"12:09 assistant: {FIRST}", session_id="talk"), NOON)
    async with rig.database.across_spaces() as conn:
        asked_at = await conn.fetchval("SELECT created_at FROM sage.memories")
        arriving = [replace(one, created_at=asked_at + timedelta(minutes=1)) for one in arriving]
        await store_arrivals(conn, arriving, import_id)
    assert (await stored())[0][2] == FIRST
    await undo_import(rig.database, import_id, lambda _: None)
    assert [row[:3] for row in await stored()] == [(QUESTION[6:], "question", None)]
    assert await classifier.classify_due() == 1


async def test_a_new_version_of_the_rules_classes_again_and_queues_what_is_ranked_now(
    rig, say, stored, classifier
):
    await say(QUESTION, "assistant: I do not know.", f"assistant: {FIRST}")
    as_saved = await stored()
    async with rig.database.across_spaces() as conn:
        await conn.execute("UPDATE sage.memory_classes SET class = 5, reply_id = NULL")
        await conn.execute("DELETE FROM sage.embedding_queue")
        assert await classifier.classify_all() == 0
        await conn.execute("UPDATE sage.memory_classes SET rules_version = $1", RULES_VERSION - 1)
    assert await classifier.classify_all() == 3
    assert await stored() == as_saved


async def test_what_earlier_releases_kept_is_found_by_what_it_states_once_it_is_classed(
    rig, say, classifier
):
    await say("user: Always answer me in English, please.", "user: We decided to use MariaDB.")
    async with rig.database.across_spaces() as conn:
        kept = await conn.fetch(_KEYS)
        assert [row["keys"] for row in kept] == [["@decides"], ["@prefers", "@wishes"]]
        await conn.execute(_WITHOUT_KEYS)
        assert not await conn.fetch(_KEYS)
        await conn.execute("UPDATE sage.memory_classes SET rules_version = $1", RULES_VERSION - 1)
        assert await classifier.classify_all() == 2
        assert await conn.fetch(_KEYS) == kept


async def test_one_process_at_a_time_classes_what_is_stored(
    rig, say, stored, classifier, monkeypatch
):
    await say(QUESTION, f"assistant: {FIRST}")
    refused = asyncio.Event()

    async def try_lock(conn):
        is_taken = await try_lock_classification(conn)
        if not is_taken:
            refused.set()
        return is_taken

    monkeypatch.setattr("sage.store.message_classes.try_lock_classification", try_lock)
    monkeypatch.setattr("sage.service.classifier._TURN_S", 0.01)
    async with rig.database.across_spaces() as conn:
        await conn.execute(UNCLASS)
    async with rig.database.transaction_across_spaces() as other:
        assert await try_lock_classification(other)
        working = asyncio.create_task(classifier.classify_all())
        await asyncio.wait_for(refused.wait(), 20)
        assert {row[1] for row in await stored()} == {"statement"}
    await working
    assert [row[1:3] for row in await stored()] == [("question", FIRST), ("answer", None)]


async def test_an_answer_that_is_forgotten_while_its_question_is_classed_answers_nothing(
    rig, say, stored, classifier, monkeypatch
):
    await say(QUESTION, f"assistant: {FIRST}", f"assistant: {SECOND}")
    async with rig.database.across_spaces() as conn:
        await conn.execute(UNCLASS)
        ids = [row["memory_id"] for row in await conn.fetch(_SAID, SECOND)]
    forgetting = []

    async def forget_before(conn, changes):
        await rig.memory.forget(ForgetRequest(tuple(ids)))
        await store_classes(conn, changes)

    async def forget_after(conn, changes):
        await store_classes(conn, changes)
        forgetting.append(asyncio.create_task(rig.memory.forget(ForgetRequest(tuple(ids)))))
        await _until_something_waits(rig.database)

    for meanwhile in (forget_before, forget_after):
        monkeypatch.setattr("sage.store.message_classes.store_classes", meanwhile)
        await classifier.classify_all()
        await asyncio.gather(*forgetting)
        assert (await stored())[0][2] in {None, FIRST}
        monkeypatch.undo()
        await classifier.classify_due()
        assert (await stored())[0][2] == FIRST
        await rig.memory.forget(ForgetRequest(tuple(ids), undo=True))
        async with rig.database.across_spaces() as conn:
            await conn.execute(UNCLASS)


_SAID = "SELECT memory_id FROM sage.memories WHERE content = $1"
_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


async def _until_something_waits(database):
    async with asyncio.timeout(20), database.across_spaces() as conn:
        while not await conn.fetchval(_WAITING):
            await asyncio.sleep(0.01)


async def test_what_is_not_ranked_is_not_missed_when_another_model_takes_over(rig, say, reembed):
    await say(QUESTION, f"assistant: {FIRST}", "user: Thanks!", "assistant: I do not know.")
    await rig.index()
    assert await rig.vectors() == {64: 2}
    moved = await reembed()
    assert (moved.embedded, moved.queued) == (2, 0)
    assert await rig.vectors() == {64: 2, 32: 2}
    async with rig.database.across_spaces() as conn:
        ids = [row["memory_id"] for row in await conn.fetch("SELECT memory_id FROM sage.memories")]
    for undo in (False, True):
        await rig.memory.forget(ForgetRequest(tuple(ids), undo=undo))
    assert (await rig.queue_stats()).pending == 0


async def test_the_database_ranks_what_the_domain_does(rig):
    async with rig.database.across_spaces() as conn:
        for one in MessageClass:
            ranks = await conn.fetchval("SELECT sage.is_ranked($1::smallint)", one.code)
            assert (MessageClass.of_code(one.code), ranks) == (one, one.is_ranked)


async def test_classing_what_is_stored_costs_the_log_little_a_memory(rig, capture, classifier):
    for number in range(10):
        await capture(*(line.replace("host", f"host {number} of") for line in EXCHANGES))
    async with rig.database.across_spaces() as conn:
        await conn.execute(UNCLASS)
        await conn.execute("VACUUM ANALYZE")
        await conn.execute("CHECKPOINT")
        before = await conn.fetchval("SELECT pg_current_wal_insert_lsn()::text")
        assert await classifier.classify_all() > 0
        written = await conn.fetchval(
            "SELECT pg_current_wal_insert_lsn() - $1::text::pg_lsn", before
        )
        assert written / await conn.fetchval("SELECT count(*) FROM sage.memories") < 1_000
