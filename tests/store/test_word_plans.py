"""How words of a question are looked up by their index, in a space of any size."""

from __future__ import annotations

import json

import pytest

from sage.domain.candidates import PlannerStatistics
from sage.retrieval.query.selectivity import paired_terms, selective_terms
from sage.retrieval.text.lexemes import query_of, tsquery_of, tsquery_of_pairs
from sage.store.named_sql import query
from sage.store.search import look_up_words, read_statistics
from tests.store.corpus import Corpus
from tests.store.populated import (
    LEFT_OUT,
    NO_FILTER,
    ROWS,
    enter,
    fake_statistics,
    indexes_of,
    plan,
    rows_fetched,
    rows_read,
)

_LATEST = 100
"""So many memories are looked at before the index of words is asked."""

pytestmark = pytest.mark.timeout(300)  # the store is made within the first test


async def test_words_are_looked_up_in_the_index_and_few_memories_are_read(conn):
    statistics = await read_statistics(conn)
    corpus = Corpus(seed=3)
    for space_id in ("tiny", "small", "large", "largest"):
        await enter(conn, space_id)
        for _ in range(5):
            words = query_of(corpus.question())
            terms = selective_terms(words.terms, space_id, statistics, most_matches=200)
            asked = (tsquery_of(terms), words.tsquery, 100, *NO_FILTER, LEFT_OUT, 200, 50)
            root = await plan(conn, query("search_lexical"), space_id, *asked)
            assert indexes_of(root) & {"memories_lexemes", "memories_by_time"}
            assert rows_read(root, "memories") <= 1_000


@pytest.mark.parametrize("spaces", [1, 10_000])
@pytest.mark.parametrize("rows", [1e6, 1e7])
async def test_what_holds_words_is_found_by_them_among_a_million_memories(big, rows, spaces):
    async with big.across_spaces() as conn:
        known = await read_statistics(conn)
        await conn.execute("BEGIN")
        try:
            await fake_statistics(conn, rows, spaces, {"largest": 50_000 / rows})
            await enter(conn, "largest")
            words = query_of(Corpus(seed=3).question())
            terms = selective_terms(words.terms, "largest", known, most_matches=200)
            asked = (tsquery_of(terms), words.tsquery, 100, *NO_FILTER, LEFT_OUT, 200, 50)
            root = await plan(conn, query("search_lexical"), "largest", *asked)
            assert rows_read(root, "memories") <= 1_000
        finally:
            await conn.execute("ROLLBACK")


async def test_of_what_common_words_are_in_only_that_with_two_of_them_is_read(big):
    async with big.across_spaces() as conn:
        shares = (await read_statistics(conn)).share_by_term
        common = sorted(shares, key=shares.get)[-20:]
        in_space = ROWS["largest"] * sum(shares[term] for term in common[:4])
        known = PlannerStatistics(1e6, shares, {"largest": 1.0})
        pairs = tsquery_of_pairs(*paired_terms(common[:4], "largest", known))
        await enter(conn, "largest")
        values = (pairs, tsquery_of(common[:4]), 100, *NO_FILTER, LEFT_OUT, 200, 50)
        root = await plan(conn, query("search_lexical"), "largest", *values)
        either = "SELECT count(*) FROM sage.memories WHERE lexemes @@ $1::text::tsquery"
        holding = await conn.fetchval(f"{either} AND space_id = 'largest'", pairs)
        everywhere = await conn.fetchval(either, pairs)
    assert "memories_lexemes" in indexes_of(root)
    assert 0 < holding < in_space
    assert rows_read(root, "memories") <= everywhere + holding


async def test_a_word_that_many_hold_is_known_without_what_the_index_has_of_it(big):
    """The latest memories are looked at first, of which one has it."""
    async with big.across_spaces() as conn:
        shares = (await read_statistics(conn)).share_by_term
        terms = sorted(shares, key=shares.get)[-3:]
        await enter(conn, "largest")
        words = [f"nobody {term}" for term in terms]
        asked = ("largest", words, terms, 3)
        blocks = {}
        for is_large in (True, False):
            for _ in range(2):  # the first reads the catalog, too
                plans = await conn.fetchval(
                    f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query('search_words')}",
                    *asked,
                    is_large,
                )
            root = json.loads(plans)[0]["Plan"]
            blocks[is_large] = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        rows = await conn.fetch(query("search_words"), *asked, True)  # noqa: FBT003 - a parameter of the query
    assert all(row["is_known"] and not row["is_name"] for row in rows)
    assert blocks[True] <= 3 * _LATEST


async def test_behind_a_policy_no_index_finds_words_which_is_why_a_view_is_read(conn):
    """Fails once PostgreSQL does better: then the view can go."""
    values = ("largest", "'nobody'", "'nobody'", 100, *NO_FILTER, LEFT_OUT, 200, 50)
    root = await plan(conn, query("search_lexical"), *values)
    assert "memories_lexemes" in indexes_of(root)
    assert rows_read(root, "memories") == 0
    behind_policy = query("search_lexical").replace("visible_memories", "memories")
    root = await plan(conn, behind_policy, *values)
    assert "memories_lexemes" not in indexes_of(root)
    assert rows_read(root, "memories") >= ROWS["largest"]


async def test_words_that_are_nobodys_name_cost_no_reading(conn):
    words = [f"nobody{number}" for number in range(60)]
    asked = ("largest", words, words, 3, False)
    assert await rows_fetched(conn, "memories", query("search_words"), *asked) == 0


async def test_a_common_name_is_known_by_the_first_memory_found(conn):
    speaker = await conn.fetchval(
        "SELECT name FROM sage.memories WHERE space_id = 'largest' LIMIT 1"
    )
    word = speaker.casefold()
    asked = ("largest", [word], [None], 3, False)
    assert await rows_fetched(conn, "memories", query("search_words"), *asked) <= 50


async def test_many_keys_that_nobody_used_cost_no_reading(conn):
    keys = " ".join(f"nobody{number}" for number in range(1_000))
    asked = ("largest", keys, keys, 1_000, False)
    assert await rows_fetched(conn, "memories", query("search_keys"), *asked) == 0


async def test_keys_that_are_common_are_counted_no_further_than_asked(big, conn):
    """In a large space, past what others hold of them that was stored before."""
    async with big.across_spaces() as owned:  # the statistics are hidden from the application
        shares = (await read_statistics(owned)).share_by_term
    common = sorted(shares, key=shares.get)[-5:]
    before = sum(ROWS.values()) - ROWS["largest"]
    asked = ("largest", " ".join(common), " ".join(common), 10, True)
    read = await rows_fetched(conn, "memories", query("search_keys"), *asked)
    assert 0 < read <= (before + 10) * len(common) / 2


@pytest.mark.parametrize("spaces", [1, 10_000])
@pytest.mark.parametrize("rows", [1e6, 1e7])
async def test_words_of_a_question_read_no_whole_space_among_a_million_memories(big, rows, spaces):
    """Neither where one space holds them all, nor where thousands of small ones surround it."""
    words = [f"nobody{number}" for number in range(6)]
    asked = {
        "search_words": (words, words, 3, True),
        "search_keys": (" ".join(words), " ".join(words), 1_000, True),
    }
    async with big.across_spaces() as conn:
        await conn.execute("BEGIN")
        try:
            await fake_statistics(conn, rows, spaces, {"largest": 50_000 / rows})
            await enter(conn, "largest")
            for name, values in asked.items():
                read = await rows_fetched(conn, "memories", query(name), "largest", *values)
                assert read <= (_LATEST if name == "search_words" else 0), name
        finally:
            await conn.execute("ROLLBACK")


async def test_a_word_that_many_hold_is_known_by_the_first_of_them(big, conn):
    async with big.across_spaces() as owned:
        shares = (await read_statistics(owned)).share_by_term
    terms = sorted(shares, key=shares.get)[-5:]
    held_by = sum(ROWS.values()) * sum(shares[term] for term in terms)
    for is_large in (False, True):
        asked = ("largest", [f"nobody {term}" for term in terms], terms, 3, is_large)
        read = await rows_fetched(conn, "memories", query("search_words"), *asked)
        assert read <= held_by / 10, is_large


async def test_a_small_space_pays_for_no_words_of_thousands_of_others(big):
    async with big.across_spaces() as conn:
        shares = (await read_statistics(conn)).share_by_term
        terms = sorted(shares, key=shares.get)[-5:]
        asked = ("tiny", [f"nobody {term}" for term in terms], terms, 3, False)
        await conn.execute("BEGIN")
        try:
            await fake_statistics(conn, 1e6, 10_000, {"largest": 0.05})
            await enter(conn, "tiny")
            explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query('search_words')}"
            for _ in range(2):  # the first reads the catalog, too
                root = json.loads(await conn.fetchval(explained, *asked))[0]["Plan"]
            read = await rows_fetched(conn, "memories", query("search_words"), *asked)
        finally:
            await conn.execute("ROLLBACK")
    assert read <= 4 * ROWS["tiny"] * len(terms)
    assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] <= read + 20 * len(terms)


async def test_names_are_told_from_words_whether_statistics_know_them_or_not(conn):
    statistics = await read_statistics(conn)
    speaker = await conn.fetchval(
        "SELECT name FROM sage.memories WHERE space_id = 'largest' LIMIT 1"
    )
    words = dict.fromkeys([speaker.casefold(), "nobody"])
    for known in (statistics, PlannerStatistics(0.0, {}, {})):
        names, _ = await look_up_words(conn, "largest", words, 3, known)
        assert names == {speaker.casefold()}
