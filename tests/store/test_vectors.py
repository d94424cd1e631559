from __future__ import annotations

import asyncio
from uuid import uuid4

import numpy as np
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.errors import ProviderRejectedError, StoreError
from sage.store import queue
from sage.store.vectors import VectorRow, register_model, store_vectors
from tests.support.lending import LentForEach
from tests.support.saving import message, save

MODEL = EmbeddingModel("local", "small", 3)


@pytest.fixture
def conn(database):
    return LentForEach(database)


@pytest.fixture
async def model_id(conn):
    return await register_model(conn, MODEL)


@pytest.fixture
async def memory_id(database):
    return (await save(database, [message()])).memory_ids[0]


def _row(memory_id, vector, chunk=0, space_id="default"):
    return VectorRow(space_id, memory_id, chunk, 0, 5, np.array(vector, dtype=np.float32))


async def _stored(conn):
    rows = await conn.fetch("SELECT embedding FROM sage.embeddings ORDER BY chunk")
    return [row["embedding"].to_list() for row in rows]


async def test_a_model_keeps_its_id_and_another_gets_another(conn):
    first = await register_model(conn, MODEL)
    assert await register_model(conn, MODEL) == first
    other = EmbeddingModel("local", "small", 4)
    assert await register_model(conn, other) != first


async def test_processes_that_start_at_once_agree_on_the_id(database):
    async def register():
        async with database.across_spaces() as conn:
            return await register_model(conn, MODEL)

    assert len(set(await asyncio.gather(*[register() for _ in range(8)]))) == 1


async def test_vectors_are_stored_and_written_over(conn, model_id, memory_id):
    await store_vectors(
        conn, model_id, [_row(memory_id, [1, 0, 0]), _row(memory_id, [0, 1, 0], chunk=1)]
    )
    await store_vectors(conn, model_id, [_row(memory_id, [0, 0, 1])])
    assert await _stored(conn) == [[0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    ("vector", "fault"),
    [
        ([0, 0, 0], "length zero"),
        ([1e-12, 0, 0], "length zero"),
        ([float("nan"), 1, 1], "not finite"),
        ([float("inf"), 1, 1], "not finite"),
        ([1e9, 1, 1], "not finite"),
        ([1, 1], "shape"),
        ([1, 1, 1, 1], "shape"),
        ([[1, 1, 1]], "shape"),
    ],
)
async def test_a_vector_that_cannot_be_compared_is_refused_with_its_whole_batch(
    conn, model_id, memory_id, vector, fault
):
    rows = [_row(memory_id, [1, 0, 0]), _row(memory_id, vector, chunk=1)]
    with pytest.raises(ProviderRejectedError, match=fault) as caught:
        await store_vectors(conn, model_id, rows)
    assert str(memory_id) in caught.value.detail
    assert await _stored(conn) == []


async def test_vectors_of_an_unknown_model_are_refused(conn, memory_id):
    with pytest.raises(StoreError, match="embedding model 99 does not exist"):
        await store_vectors(conn, 99, [_row(memory_id, [1, 0, 0])])


async def test_a_memory_deleted_meanwhile_does_not_spoil_the_batch(conn, model_id, memory_id):
    rows = [_row(uuid4(), [1, 0, 0]), _row(memory_id, [0, 1, 0])]
    await store_vectors(conn, model_id, rows)
    assert await _stored(conn) == [[0, 1, 0]]


async def test_a_memory_that_is_just_being_deleted_does_not_spoil_the_batch(
    database, model_id, memory_id
):
    batch = [message("It goes."), message("It stays.")]
    gone, stays = (await save(database, batch)).memory_ids
    rows = [_row(gone, [1, 0, 0]), _row(stays, [0, 1, 0]), _row(memory_id, [0, 0, 1])]

    async def store():
        async with database.transaction_across_spaces() as conn:
            await store_vectors(conn, model_id, rows)
            await queue.complete(conn, items)

    async with database.across_spaces() as conn:
        items = await queue.lease_due(conn, 3, 60)
    assert len(items) == 3
    async with database.transaction_across_spaces() as deleting:
        await deleting.execute(
            "DELETE FROM sage.memories WHERE space_id = 'default' AND memory_id = $1", gone
        )
        storing = asyncio.create_task(store())
        assert not (await asyncio.wait([storing], timeout=0.5))[0]
    await storing
    async with database.across_spaces() as conn:
        assert sorted(await _stored(conn)) == [[0, 0, 1], [0, 1, 0]]
        assert (await queue.queue_stats(conn, None)).pending == 0


async def test_vectors_and_the_end_of_their_work_are_one_transaction(
    database, conn, model_id, memory_id
):
    items = await queue.lease_due(conn, 1, 60)
    with pytest.raises(ProviderRejectedError):
        await _store_and_complete(database, model_id, items, [_row(memory_id, [0, 0, 0])])
    assert (await queue.queue_stats(conn, None)).pending == 1
    await _store_and_complete(database, model_id, items, [_row(memory_id, [1, 0, 0])])
    assert (await queue.queue_stats(conn, None)).pending == 0


async def _store_and_complete(database, model_id, items, rows):
    async with database.transaction_across_spaces() as conn:
        await queue.complete(conn, items)
        await store_vectors(conn, model_id, rows)


async def test_vectors_of_two_models_stand_side_by_side(conn, model_id, memory_id):
    larger = await register_model(conn, EmbeddingModel("local", "large", 1024))
    vector = np.ones(1024, dtype=np.float32)
    await store_vectors(conn, model_id, [_row(memory_id, [1, 0, 0])])
    await store_vectors(conn, larger, [_row(memory_id, vector)])
    assert await conn.fetchval("SELECT count(*) FROM sage.embeddings") == 2


async def test_a_long_vector_stays_in_its_row(conn, memory_id):
    large = await register_model(conn, EmbeddingModel("local", "large", 3072))
    await store_vectors(conn, large, [_row(memory_id, np.ones(3072, dtype=np.float32))])
    assert (
        await conn.fetchval(
            "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'embeddings'"
        )
        == 0
    )
