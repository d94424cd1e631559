import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from sage.config.settings import Settings
from sage.domain.embedding import EmbeddingModel
from sage.domain.health import Status
from sage.domain.memories import ForgetRequest
from sage.domain.searching import SearchRequest
from sage.errors import StoreUnavailableError
from sage.operations.checks.context import RunningContext
from sage.operations.checks.health import HealthService
from sage.providers.unavailable import UnavailableEmbedder
from sage.service.active_model import ActiveModel
from sage.service.counts import StoreCounts
from sage.service.indexing import Indexer
from sage.service.schema_gate import SchemaGate
from sage.service.search.pipeline import SearchPipeline
from sage.store import active_model as active
from sage.store.connections.pool import open_database
from sage.store.vectors import register_model
from tests.support.embedders import BagOfWordsEmbedder

SMALL = EmbeddingModel("test", "bag-of-words", 32)


@asynccontextmanager
async def another_process(database, configured, **others):
    """Run what a second Sage runs on the same database; `others` it can open by length."""

    def reopen(model):
        embedder = others.get(f"of_{model.dimensions}")
        return embedder or UnavailableEmbedder(model, "there is no key for it", "set the key")

    follower = ActiveModel(database, configured, reopen)
    schema_gate = SchemaGate(database, follower)
    running = asyncio.create_task(schema_gate.run())
    try:
        yield follower, schema_gate
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await follower.close()


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def switch(database, model, refused=None):
    async with database.across_spaces() as conn:
        model_id = await register_model(conn, model)
    return await active.switch_active_model(database, model_id, refused or {})


async def fetch(database, sql, *args):
    async with database.across_spaces() as conn:
        return [tuple(row.values()) for row in await conn.fetch(sql, *args)]


QUEUE = """
SELECT content, failed_at IS NOT NULL, last_error
FROM sage.embedding_queue JOIN sage.memories USING (space_id, memory_id) ORDER BY content
"""
VECTORS = """
SELECT dimensions, count(*) FROM sage.embeddings JOIN sage.embedding_models USING (model_id)
GROUP BY 1
"""


async def test_the_model_that_made_the_vectors_goes_on_answering_whatever_is_configured(rig):
    await rig.save("the heron nests by the mill")
    await rig.index()
    async with another_process(rig.database, BagOfWordsEmbedder(32), of_64=rig.embedder) as (
        follower,
        schema_gate,
    ):
        space = await schema_gate.active_model()
        assert space.embedder is rig.embedder
        assert "sage reembed" in follower.advice
        assert "(test, 32)" in follower.advice
        assert follower.embedder.model.dimensions == 64


async def test_health_names_the_model_that_answers_and_says_how_to_move(rig, tmp_path):
    await rig.save("the heron nests by the mill")
    await rig.index()
    async with another_process(rig.database, BagOfWordsEmbedder(32), of_64=rig.embedder) as (
        follower,
        schema_gate,
    ):
        await schema_gate.wait_ready()
        health = HealthService(
            RunningContext(
                settings=Settings(data_dir=tmp_path),
                database=rig.database,
                schema_gate=schema_gate,
                active_model=follower,
                counts=StoreCounts(rig.database),
            )
        )
        check = (await health.detailed()).checks["embedding"]
    assert check.status is Status.HEALTHY
    assert check.detail.startswith("bag-of-words, 64 dimensions")
    assert "sage reembed" in check.detail


async def test_what_is_saved_under_another_configuration_gets_vectors_of_the_model_that_answers(
    rig,
):
    await rig.save("the heron nests by the mill")
    await rig.index()
    async with another_process(rig.database, BagOfWordsEmbedder(32), of_64=rig.embedder) as (
        _,
        other,
    ):
        await rig.save("bread bakes")
        indexer = Indexer(other)
        assert await indexer.work_off_batch() == 1
    assert await fetch(rig.database, VECTORS) == [(64, 2)]


async def test_without_any_vector_the_model_that_is_configured_takes_over(rig):
    rig.embedder.refused_word = "heron"
    await rig.save("the heron nests by the mill", "bread bakes")
    small = BagOfWordsEmbedder(32)
    rig.embedder.refused_word = "e"
    await rig.index()
    assert {failed for _, failed, _ in await fetch(rig.database, QUEUE)} == {True}
    async with another_process(rig.database, small) as (follower, other):
        assert (await other.active_model()).embedder is small
        assert follower.advice == ""
        assert await Indexer(other).work_off_batch() == 2
    assert await fetch(rig.database, VECTORS) == [(32, 2)]


async def test_a_model_that_cannot_be_opened_leaves_the_words_and_the_reason(rig):
    await rig.save("the heron nests by the mill", "bread bakes")
    await rig.index()
    await switch(rig.database, SMALL)
    await until(lambda: rig.model.embedder.model == SMALL)
    answer = await rig.memory.search(SearchRequest("heron"))
    assert [hit.content for hit in answer.results] == ["the heron nests by the mill"]
    assert [(part.part, part.reason) for part in answer.degraded] == [
        ("embedding", "there is no key for it")
    ]
    assert (await rig.memory.stats("default")).embedding_model == SMALL.name


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON sage.embedding_queue FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""


async def test_a_changed_model_takes_over_a_long_queue_at_start_in_its_own_time(rig, postgres_dsn):
    await rig.schema_gate.wait_ready()
    await rig.save("the heron nests by the mill")
    async with rig.database.across_spaces() as conn:
        await conn.execute(SLOW)  # as with some hundred thousand rows
    hasty = await open_database(postgres_dsn, command_timeout_s=1.0)
    try:
        assert (await active.ensure_active_model(hasty, SMALL)).model == SMALL
    finally:
        await hasty.close()


async def test_every_process_takes_up_a_switch_and_one_that_cannot_goes_on_with_words(rig):
    await rig.save("the heron nests by the mill")
    await rig.index()
    small = BagOfWordsEmbedder(32)
    async with (
        another_process(rig.database, rig.embedder, of_32=small) as (able, first),
        another_process(rig.database, rig.embedder) as (unable, second),
    ):
        assert {(await one.active_model()).embedder for one in (first, second)} == {rig.embedder}
        await switch(rig.database, SMALL)
        await until(lambda: able.embedder is small)
        await until(lambda: unable.embedder.model == SMALL)
        assert unable.embedder.last_error
        assert (await first.active_model()).model_id == (await second.active_model()).model_id


async def test_a_pair_that_was_handed_out_stays_whole_and_open_after_a_switch(rig):
    await rig.save("the heron nests by the mill")
    await rig.index()
    small = BagOfWordsEmbedder(32)
    async with another_process(rig.database, rig.embedder, of_32=small) as (follower, other):
        before = await other.active_model()
        await switch(rig.database, SMALL)
        await until(lambda: follower.embedder is small)
        assert before.embedder is rig.embedder
        assert await SearchPipeline(rig.database).search(SearchRequest("mill"), before)
        after = await other.active_model()
        assert (after.embedder, after.model_id) != (before.embedder, before.model_id)


async def test_no_memory_counts_as_embedded_for_a_model_that_does_not_answer_any_more(rig):
    await rig.save("saved before")
    await rig.index()
    await rig.save("the heron nests by the mill")
    embed = rig.embedder.embed_passages

    async def embed_while_another_takes_over(texts):
        vectors = await embed(texts)
        await switch(rig.database, SMALL)
        return vectors

    rig.embedder.embed_passages = embed_while_another_takes_over
    with pytest.raises(StoreUnavailableError, match="another embedding model"):
        await rig.indexer.work_off_batch()
    assert await fetch(rig.database, VECTORS) == [(64, 1)]
    waiting = [content for content, *_ in await fetch(rig.database, QUEUE)]
    assert waiting == ["saved before", "the heron nests by the mill"]


async def test_a_switch_waits_for_vectors_that_are_just_being_stored(rig):
    await rig.save("saved before")
    await rig.index()
    model_id = (await rig.schema_gate.active_model()).model_id
    async with rig.database.transaction_across_spaces() as conn:
        await active.lock_active(conn, model_id)
        switching = asyncio.create_task(switch(rig.database, SMALL))
        async with rig.database.across_spaces() as other:
            while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        assert not switching.done()
    assert (await switching).pending == 1


async def test_a_switch_queues_what_lacks_vectors_and_tells_what_the_model_refuses(rig):
    saved = await rig.save("a heron", "a mill", "a pond", "a reed")
    await rig.index()
    await rig.memory.forget(ForgetRequest(saved.memory_ids[3:]))
    refused = {("default", saved.memory_ids[1]): "no mills"}
    queued = await switch(rig.database, SMALL, refused)
    assert (queued.pending, queued.failed) == (2, 1)
    assert await fetch(rig.database, QUEUE) == [
        ("a heron", False, None),
        ("a mill", True, "no mills"),
        ("a pond", False, None),
    ]


async def test_a_switch_gives_what_the_earlier_model_refused_a_new_chance(rig):
    rig.embedder.refused_word = "poison"
    await rig.save("a heron", "poison")
    await rig.index()
    assert (await rig.queue_stats()).failed == 1
    await switch(rig.database, SMALL)
    assert [(text, failed) for text, failed, _ in await fetch(rig.database, QUEUE)] == [
        ("a heron", False),
        ("poison", False),
    ]


async def test_what_is_brought_back_after_a_switch_gets_vectors_of_the_model_that_answers(rig):
    saved = await rig.save("a heron", "a mill")
    await rig.index()
    await rig.memory.forget(ForgetRequest(saved.memory_ids))
    assert (await switch(rig.database, SMALL)).pending == 0
    await rig.memory.forget(ForgetRequest(saved.memory_ids[:1], undo=True))
    assert [text for text, *_ in await fetch(rig.database, QUEUE)] == ["a heron"]


async def test_what_was_given_up_and_is_brought_back_after_a_switch_gets_a_new_chance(rig):
    rig.embedder.refused_word = "mill"
    saved = await rig.save("a heron", "a mill")
    await rig.index()
    await rig.memory.forget(ForgetRequest(saved.memory_ids[1:]))
    await switch(rig.database, SMALL)
    await rig.memory.forget(ForgetRequest(saved.memory_ids[1:], undo=True))
    assert ("a mill", False, None) in await fetch(rig.database, QUEUE)


async def test_what_is_brought_back_while_a_switch_goes_on_is_queued_as_well(rig):
    saved = await rig.save("a heron", "a mill")
    await rig.index()
    await rig.memory.forget(ForgetRequest(saved.memory_ids[:1]))
    async with rig.database.across_spaces() as conn:
        small_id = await register_model(conn, SMALL)
    async with rig.database.transaction_across_spaces() as conn:
        await active._switch(conn, small_id, {})  # noqa: SLF001 - stops before the commit
        undo = ForgetRequest(saved.memory_ids[:1], undo=True)
        restoring = asyncio.create_task(rig.memory.forget(undo))
        async with rig.database.across_spaces() as other:
            while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
    assert (await restoring).restored == 1
    assert [text for text, *_ in await fetch(rig.database, QUEUE)] == ["a heron", "a mill"]
