"""Large spaces get an index of vectors, give it up when nobody uses them, and get it back."""

import asyncio

import pytest

from sage.domain.searching import SearchRequest
from sage.operations.erasing import erase_target
from sage.service.erasure.target import ErasureTarget
from sage.service.index_keeping import IndexKeeper
from sage.store.vector_indexes import build_vector_indexes
from tests.support.memory_locks import locked_memories
from tests.support.serving import settings_for

LARGE = 20
INDEXES = "SELECT count(*) FROM pg_class WHERE relname LIKE 'embeddings\\_hnsw\\_%'"
AGE = (
    "UPDATE sage.indexed_spaces SET searched_at = now() - make_interval(days => $1)",
    "UPDATE sage.memories SET saved_at = now() - make_interval(days => $1)",
)


@pytest.fixture
async def rig(rig):
    """Give a space of thirty memories, and a small one."""
    await rig.save(*(f"heron number {number}" for number in range(30)))
    await rig.save("a robin", space_id="small")
    await rig.index()
    return rig


def keeper_of(rig, **options):
    return IndexKeeper(rig.schema_gate, rig.searched, fewest_rows=LARGE, **options)


async def indexes(rig):
    async with rig.database.across_spaces() as conn:
        return await conn.fetchval(INDEXES)


async def let_pass(rig, days):
    async with rig.database.across_spaces() as conn:
        for statement in AGE:
            await conn.execute(statement, days)


async def found(rig, query):
    answer = await rig.memory.search(SearchRequest(query))
    assert not answer.degraded
    return [hit.content for hit in answer.results]


async def test_an_idle_space_answers_without_its_index_and_gets_it_back_when_it_is_searched(rig):
    keeper = keeper_of(rig, grace_s=0)
    await keeper.look()
    assert await indexes(rig) == 1
    before = await found(rig, "heron number 7")
    await let_pass(rig, 31)
    await keeper.look()  # writes down the search above
    assert await indexes(rig) == 1
    await let_pass(rig, 31)
    await keeper.look()
    assert await indexes(rig) == 0
    await keeper.look()
    assert await indexes(rig) == 0
    assert await found(rig, "heron number 7") == before
    await keeper.look()
    assert await indexes(rig) == 1


async def test_a_save_brings_the_index_of_an_idle_space_back(rig):
    keeper = keeper_of(rig, grace_s=0)
    await keeper.look()
    await let_pass(rig, 31)
    await keeper.look()
    assert await indexes(rig) == 0
    await rig.save("heron number 31")
    await keeper.look()
    assert await indexes(rig) == 1


async def test_an_index_stays_for_a_month_and_for_a_day_after_a_start(rig):
    keeper = keeper_of(rig)
    await keeper.look()
    await let_pass(rig, 31)
    await keeper.look()
    assert await indexes(rig) == 1
    await let_pass(rig, 29)
    await keeper_of(rig, grace_s=0).look()
    assert await indexes(rig) == 1


async def test_no_index_is_built_of_a_space_that_is_being_erased(rig, postgres_dsn, tmp_path):
    keeper = keeper_of(rig)
    model_id = (await rig.schema_gate.active_model()).model_id
    await keeper.look()
    assert await indexes(rig) == 1
    target = ErasureTarget("default")
    with locked_memories(postgres_dsn, "default"):
        erasing = asyncio.create_task(
            erase_target(rig.database, settings_for(postgres_dsn, tmp_path), target)
        )
        async with asyncio.timeout(30):
            while await indexes(rig):
                await asyncio.sleep(0.05)
            await keeper.look()
            assert await build_vector_indexes(rig.database, model_id, fewest_rows=LARGE) == 0
        assert await indexes(rig) == 0
    await erasing
    async with rig.database.across_spaces() as conn:
        assert not await conn.fetch("SELECT FROM sage.indexed_spaces")
    await rig.save(*(f"heron number {number}" for number in range(30)))
    await rig.index()
    await keeper.look()
    assert await indexes(rig) == 1
