"""What the store reads for a search, asked directly."""

import numpy as np
import pytest

from sage.domain.candidates import PlannerStatistics
from sage.domain.searching import Filters
from sage.retrieval.text.lexemes import query_of
from sage.store import memories, search
from sage.store.evidence import read_evidence, read_vectors
from sage.store.named_sql import query
from sage.store.nearest import nearest_candidates
from sage.store.search import UNINFORMATIVE_CODES
from sage.store.vector_indexes import VectorIndexes
from sage.store.vectors import VectorRow, store_vectors
from tests.store.populated import plan, rows_read
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library


@pytest.fixture
async def library(database):
    return await Library(database, BagOfWordsEmbedder(dimensions=16)).open()


@pytest.fixture
async def conn(database):
    async with database.in_space("default") as conn:
        yield conn


async def evidence(conn, candidates, question="tea"):
    found, _ = await read(conn, candidates, question)
    return found


async def read(conn, candidates, question="tea", near=None):
    words = query_of(question)
    return await read_evidence(
        conn,
        space_id="default",
        candidates=candidates,
        tsquery=words.tsquery,
        terms=words.tsqueries,
        model_id=1,
        dimensions=16,
        reach=2,
        near=near,
    )


async def test_two_neighbours_on_each_side_come_with_a_candidate_in_order(library, conn):
    ids = await library.keep(*(f"turn {number}" for number in range(9)))
    found = await evidence(conn, [ids[4]])
    assert list(found.memory_id) == ids[2:7]
    assert list(found.is_candidate) == [False, False, True, False, False]


async def test_of_a_long_session_among_short_ones_the_neighbours_alone_are_read(library, database):
    for number in range(40):
        await library.keep("one", "two", session_id=f"short {number}")
    ids = await library.keep(*(f"turn {number}" for number in range(120)), session_id="long")
    async with database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
    words = query_of("turn")
    asked = (words.tsquery, list(words.tsqueries), 1, None, False, UNINFORMATIVE_CODES)
    async with database.in_space("default") as conn:
        await read(conn, [ids[60]])
        root = await plan(conn, query("search_evidence"), "default", [ids[60]], 2, *asked)
    assert rows_read(root, "memories") == 5


async def test_however_long_an_agent_works_little_is_passed_over_to_find_neighbours(
    library, database
):
    ids = await library.keep(*(f"turn {number}" for number in range(400)), session_id="long")
    async with database.across_spaces() as conn:
        await conn.execute(
            "UPDATE sage.memory_classes SET class = 6 WHERE memory_id <> ALL ($1)",
            [ids[180], ids[200], ids[300]],
        )
        await conn.execute("ANALYZE sage.memories")
    words = query_of("turn")
    asked = (words.tsquery, list(words.tsqueries), 1, None, False, UNINFORMATIVE_CODES)
    async with database.in_space("default") as conn:
        found = await evidence(conn, [ids[200]], "turn")
        root = await plan(conn, query("search_evidence"), "default", [ids[200]], 2, *asked)
    assert list(found.memory_id) == [ids[180], ids[200]]
    assert rows_read(root, "memories") <= 1 + 2 * 40


async def test_a_neighbour_that_is_a_candidate_itself_comes_once(library, conn):
    ids = await library.keep("one", "two", "three")
    found = await evidence(conn, [ids[2], ids[0], ids[2]])
    assert list(found.memory_id) == ids
    assert list(found.is_candidate) == [True, False, True]


async def test_the_order_of_arrival_decides_between_turns_of_one_moment(library, conn):
    moment = {"created_at": (await _when(library))}
    ids = await library.keep(*({"content": f"turn {place}", **moment} for place in range(4)))
    assert list((await evidence(conn, [ids[1]])).memory_id) == ids


async def test_other_sessions_spaces_and_what_is_forgotten_are_no_neighbours(library, conn):
    ids = await library.keep("one", "two", "three")
    await library.keep("elsewhere", session_id="other")
    await library.keep("abroad", space_id="other")
    await memories.forget(conn, "default", [ids[1]], None)
    assert list((await evidence(conn, [ids[0]])).memory_id) == [ids[0], ids[2]]
    assert len((await evidence(conn, [ids[1]])).memory_id) == 0


async def test_terms_are_ranked_in_the_body_alone_and_the_whole_with_the_speaker(library, conn):
    turns = ({"content": "tea", "name": "Anna"}, {"content": "bread", "name": "Ben"})
    ids = await library.keep(*turns)
    found = await evidence(conn, ids[:1], "anna tea")
    assert found.word_rank[0] > 0
    body_ranks = dict(zip(query_of("anna tea").terms, found.term_ranks[0], strict=True))
    assert body_ranks["anna"] == 0
    assert body_ranks["tea"] > 0
    assert found.term_ranks[1].tolist() == [0, 0]
    assert found.word_rank[1] == 0


async def test_traits_are_read_back(library, conn):
    ids = await library.keep("Did I swim yesterday?", "the sky")
    found = await evidence(conn, ids)
    assert list(found.asks) == [True, False]
    assert list(found.speaks_of_self) == [True, False]
    assert list(found.dated) == list(found.timed) == [True, False]


async def test_vectors_come_in_the_order_asked_for_with_nan_for_those_to_come(library, conn):
    ids = await library.keep("alpha", "beta")
    late = await library.keep("gamma", session_id="new", embedded=False)
    point = await library.embedder.embed_query("beta")
    asked = [ids[1], late[0], ids[0]]
    vectors = await read_vectors(conn, "default", library.model_id, asked, point)
    expected = await library.embedder.embed_passages(["beta", "alpha"])
    assert vectors[[0, 2]] == pytest.approx(expected, abs=1e-3)
    assert np.isnan(vectors[1]).all()


async def test_a_search_is_planned_alike_whether_it_looked_for_another_language_or_not(
    library, conn
):
    ids = await library.keep("alpha")
    point = await library.embedder.embed_query("alpha")
    await read_vectors(conn, "default", library.model_id, ids, point)
    before = await conn.fetchval("SHOW hnsw.ef_search")
    await conn.execute("SET LOCAL hnsw.ef_search = 600")  # as a walk of an index does
    await read_vectors(conn, "default", library.model_id, ids, point)
    assert await conn.fetchval("SHOW hnsw.ef_search") == before


async def test_a_vector_is_read_as_exactly_as_it_is_kept(library, conn):
    (memory_id,) = await library.keep("alpha", embedded=False)
    least, largest = 2.0**-24, 65_504.0
    numbers = [1, -1, largest, -largest, least, -least, 3 * least, 2.0**-14, -(2.0**-14), 1 / 3]
    kept = np.array([*numbers, 0, -0.0, 0.1, -0.1, 2, -7], np.float16).astype(np.float32)
    row = VectorRow("default", memory_id, 0, 0, 5, kept)
    await store_vectors(conn, library.model_id, [row])
    (vector,) = await read_vectors(conn, "default", library.model_id, [memory_id], kept)
    assert vector.tobytes() == kept.tobytes()


async def test_evidence_near_a_point_comes_with_the_same_vectors(library, conn):
    ids = await library.keep("alpha", "beta " * 90 + "alpha " * 90)
    late = await library.keep("gamma", session_id="the last", embedded=False)
    for word in ("alpha", "beta"):
        point = await library.embedder.embed_query(word)
        found, vectors = await read(conn, [*ids, *late], near=point)
        assert list(found.memory_id) == [*ids, *late]
        asked = await read_vectors(conn, "default", library.model_id, [*ids, *late], point)
        assert np.array_equal(vectors, asked, equal_nan=True)
    nothing, vectors = await read(conn, [], near=point)
    assert (len(nothing.memory_id), vectors.shape) == (0, (0, 16))


async def test_without_a_point_evidence_has_no_vectors(library, conn):
    _, vectors = await read(conn, await library.keep("alpha", "beta"))
    assert vectors.shape == (2, 16)
    assert np.isnan(vectors).all()


async def test_of_a_long_memory_the_nearest_chunk_is_read(library, conn):
    text = "alpha " * 80 + "beta " * 80
    (memory_id,) = await library.keep(text)
    for word in ("alpha", "beta"):
        point = await library.embedder.embed_query(word)
        (vector,) = await read_vectors(conn, "default", library.model_id, [memory_id], point)
        assert vector @ point > 0.9


async def test_one_long_memory_does_not_crowd_out_the_others(library, conn):
    await library.keep("alpha " * 800)
    (other,) = await library.keep("alpha beta", session_id="other")
    near = await nearest_candidates(
        conn,
        space_id="default",
        model_id=library.model_id,
        vector=await library.embedder.embed_query("alpha"),
        filters=Filters(),
        indexes=VectorIndexes(),
        limit=2,
    )
    assert len(near) == 2
    assert near[1] == other


@pytest.mark.parametrize("common", [(), ("@by:anna", "@to:ben")])
async def test_a_name_is_known_by_its_speaker_or_by_three_calls(library, conn, common):
    statistics = PlannerStatistics(0.0, dict.fromkeys(common, 0.5), {})

    async def names(space_id):
        words = dict.fromkeys(["anna", "berg", "ben", "hello"])
        names, unknown = await search.look_up_words(conn, space_id, words, 3, statistics)
        assert not unknown
        return names

    await library.keep({"content": "hello", "name": "Anna Berg"}, "Hey Ben! Well?", "Hi Ben, you?")
    assert await names("default") == {"anna", "berg"}
    await library.keep("Thanks, Ben!", session_id="other")
    assert await names("default") == {"anna", "berg", "ben"}
    assert await names("other") == set()


@pytest.mark.parametrize(
    "common", [(), ("bake", "@by:caroline"), ("carolin", "tent", "@by:tent", "@by:carolin")]
)
async def test_a_word_that_nobody_used_and_one_with_the_stem_of_a_name_are_unknown(
    library, conn, common
):
    statistics = PlannerStatistics(100.0, dict.fromkeys(common, 0.5), {})
    await library.keep({"content": "I was baking", "name": "Caroline"}, "and waiting")
    terms = {"baked": "bake", "caroline": "carolin", "carolin": "carolin", "tent": "tent"}
    names, unknown = await search.look_up_words(conn, "default", terms, 3, statistics)
    assert names == {"caroline"}
    assert unknown == {"carolin", "tent"}
    assert (await search.look_up_words(conn, "other", {"wait": "wait"}, 3, statistics))[1] == {
        "wait"
    }


@pytest.mark.parametrize("memories", [100.0, 1e6])
async def test_keys_are_counted_in_their_space_however_large_it_is(library, conn, memories):
    statistics = PlannerStatistics(memories, {}, {"default": 0.5})
    await library.keep("bread and tea", "bread", {"content": "milk", "name": "Ben"})
    await library.keep({"content": "oat bread", "name": "Ann"}, space_id="other")
    words = {word: word for word in ("bread", "milk", "oat", "tea", "ben", "ann")}
    assert await search.count_keys(conn, "default", words, statistics) == {
        "bread": 2,
        "milk": 1,
        "tea": 1,
        "ben": 1,
        "@by:ben": 1,
    }


@pytest.mark.parametrize("memories", [100.0, 1e6])
async def test_names_are_counted_by_their_terms(library, conn, memories):
    statistics = PlannerStatistics(memories, {}, {"default": 0.5})
    await library.keep({"content": "Hey Ben!", "name": "James"}, "James, Ben and Ann", "Hi Ben!")
    await library.keep({"content": "Hi Ben!", "name": "Ann"}, space_id="other")
    words = {"james": "jame", "ben": "ben", "jamess": "jame", "mill": "mill"}
    assert await search.count_keys(conn, "default", words, statistics) == {
        "jame": 2,
        "ben": 3,
        "@by:james": 1,
        "@to:ben": 2,
    }


async def test_more_keys_than_one_scan_takes_are_all_counted(library, conn):
    words = [f"{letter}{other}ord" for letter in "abcdefghij" for other in "abcdefghij"]
    await library.keep(" ".join(words), *words)
    terms = {word: word for word in words}
    statistics = PlannerStatistics(0.0, {}, {})
    assert await search.count_keys(conn, "default", terms, statistics) == dict.fromkeys(words, 2)


async def test_the_planner_tells_common_terms_once_it_has_looked(library):
    async with library.database.across_spaces() as conn:
        assert (await search.read_statistics(conn)).share_by_term == {}
        await library.keep(*(f"common rare{number}" for number in range(200)))
        await conn.execute("ANALYZE sage.memories")
        statistics = await search.read_statistics(conn)
    assert statistics.memories == 200
    assert statistics.share_by_term["common"] == pytest.approx(1)
    assert statistics.share_by_term.get("rare7", 0.0) < 0.01
    assert statistics.share_by_space["default"] == pytest.approx(1)


async def _when(library):
    ids = await library.keep("a moment", session_id="clock")
    async with library.database.across_spaces() as conn:
        return (await memories.read_memory(conn, "default", ids[0])).created_at
