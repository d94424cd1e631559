from datetime import timedelta

import pytest

from sage.domain.embedding import EmbeddedQuestion
from sage.domain.searching import Filters
from sage.store import memories
from sage.store.neighbours import nearest_chunks, read_surroundings
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import START, Library


@pytest.fixture
async def library(database):
    return await Library(database, BagOfWordsEmbedder()).open()


@pytest.fixture
async def around(library):
    async def read(ids, *, reach=2, space_id="default", longest_chars=1000, **filters):
        async with library.database.across_spaces() as conn:
            return await read_surroundings(
                conn,
                space_id=space_id,
                memory_ids=ids,
                reach=reach,
                longest_chars=longest_chars,
                filters=Filters(**filters),
            )

    return read


def told(found):
    return sorted((near.memory.content, near.distance) for near in found.neighbours)


async def test_the_turns_before_and_after_are_read_with_how_far_they_are(library, around):
    ids = await library.keep("a", "b", "c", "d", "e", "f")
    found = await around([ids[2]])
    assert told(found) == [("a", 2), ("b", 1), ("d", 1), ("e", 2)]
    assert {near.beside for near in found.neighbours} == {ids[2]}


async def test_a_turn_near_two_is_told_beside_each(library, around):
    ids = await library.keep("a", "b", "c")
    found = await around([ids[0], ids[2]], reach=1)
    beside = {(near.memory.memory_id, near.beside) for near in found.neighbours}
    assert beside == {(ids[1], ids[0]), (ids[1], ids[2])}


async def test_turns_of_one_moment_are_told_apart_by_arrival(library, around):
    ids = await library.keep(*({"content": text, "created_at": START} for text in "abc"))
    found = await around([ids[1]])
    assert told(found) == [("a", 1), ("c", 1)]
    assert sorted(found.arrivals, key=found.arrivals.get) == ids


async def test_a_memory_alone_in_its_session_still_has_its_arrival(library, around):
    (alone,) = await library.keep("alone", session_id="other")
    found = await around([alone])
    assert (found.neighbours, list(found.arrivals)) == ((), [alone])


async def test_other_sessions_other_spaces_and_the_forgotten_are_no_neighbours(library, around):
    ids = await library.keep("a", "b", "c")
    await library.keep("elsewhere", session_id="other")
    await library.keep("abroad", space_id="other")
    async with library.database.across_spaces() as conn:
        await memories.forget(conn, "default", [ids[1]], None)
    assert told(await around([ids[0]])) == [("c", 1)]
    assert told(await around([ids[0]], space_id="other")) == []


async def test_role_time_metadata_and_length_keep_neighbours_out(library, around):
    ids = await library.keep("a", "b", "ccc", "d")
    assert told(await around([ids[1]], longest_chars=2)) == [("a", 1), ("d", 2)]
    assert told(await around([ids[1]], after=START + timedelta(seconds=1))) == [
        ("ccc", 1),
        ("d", 2),
    ]
    assert told(await around([ids[1]], before=START + timedelta(seconds=1))) == [("a", 1)]
    assert told(await around([ids[1]], metadata={"project": "garden"})) == []
    assert told(await around([ids[1]], role="assistant")) == []
    assert len(told(await around([ids[1]], role="user"))) == 3


async def test_the_chunk_nearest_to_a_vector_is_found_in_each_memory(library):
    text = "alpha " * 80 + "beta " * 80
    ids = await library.keep(text, "beta")
    late = await library.keep("later", session_id="new", embedded=False)
    async with library.database.across_spaces() as conn:
        for word in ("alpha", "beta"):
            vector = await library.embedder.embed_query(word)
            question = EmbeddedQuestion(vector, library.model_id)
            found = await nearest_chunks(conn, "default", [*ids, *late], question)
            starts_at, ends_at = found[ids[0]]
            assert set(text[starts_at:ends_at].split()) == {word}
            assert found[ids[1]] == (0, 4)
            assert late[0] not in found
