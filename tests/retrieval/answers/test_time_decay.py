"""What age costs a memory where that is configured, and what repeats say."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sage.config.settings import SearchSettings
from sage.domain.embedding import EmbedderHandle
from sage.domain.memories import Memory, Role
from sage.domain.relevance import Relevance
from sage.domain.searching import Filters, Hit, SearchRequest, SearchResult
from sage.retrieval.answers.results import decayed, within_age
from sage.service.search.pipeline import SearchPipeline
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library

NOW = datetime.now(UTC)


@pytest.fixture
async def library(database):
    return await Library(database, BagOfWordsEmbedder()).open()


def said(text, days_ago):
    return {"content": text, "created_at": NOW - timedelta(days=days_ago)}


async def search(library, query, filters=None, **settings):
    pipeline = SearchPipeline(library.database, SearchSettings(**settings))
    handle = EmbedderHandle(library.embedder, library.model_id)
    found = await pipeline.search(SearchRequest(query, filters=filters or Filters()), handle)
    return [hit.content for hit in found.hits]


async def test_age_does_not_count_unless_it_is_configured(library):
    await library.keep(said("the heron nests by the old mill", 400), session_id="then")
    await library.keep(said("the heron flew", 1), session_id="now")
    query = "heron nests mill"
    assert (await search(library, query))[0] == "the heron nests by the old mill"
    assert (await search(library, query, time_decay=30))[0] == "the heron flew"
    assert (await search(library, query, time_decay=36_000))[0] == "the heron nests by the old mill"


async def test_a_half_life_halves_the_score(library):
    await library.keep(said("the heron nests", 0))
    handle = EmbedderHandle(library.embedder, library.model_id)
    (whole,) = (await library.pipeline.search(SearchRequest("heron"), handle)).hits
    await library.keep(said("the heron nests", 10), session_id="old", space_id="old")
    pipeline = SearchPipeline(library.database, SearchSettings(time_decay=10))
    (half,) = (await pipeline.search(SearchRequest("heron", space_id="old"), handle)).hits
    assert half.standing == pytest.approx(whole.standing / 2, rel=0.01)


def test_relevance_is_not_strong_where_age_leaves_out_what_answers():
    def hit(days_ago, probability):
        memory = Memory(uuid4(), "s", Role.USER, None, "x", NOW - timedelta(days=days_ago), {})
        return Hit.of(memory, 0.5 + probability / 2, {}, probability)

    found = SearchResult((hit(400, 0.8), hit(1, 0.02), hit(2, 0.01)), Relevance.STRONG)
    assert decayed(found, 30, NOW, 2).relevance is Relevance.WEAK
    assert decayed(found, 30, NOW, 3).relevance is Relevance.STRONG
    assert decayed(found, 36_000, NOW, 2).relevance is Relevance.STRONG
    none = SearchResult(found.hits, Relevance.NONE)
    assert decayed(none, 30, NOW, 2).relevance is Relevance.NONE


async def test_what_is_too_old_is_not_found_but_kept(library):
    (old,) = await library.keep(said("the heron nests", 40), session_id="then")
    await library.keep(said("the heron flew", 1), session_id="now")
    assert await search(library, "heron", max_age_days=30) == ["the heron flew"]
    assert len(await search(library, "heron")) == 2
    before = Filters(before=NOW - timedelta(days=35))
    assert await search(library, "heron", before, max_age_days=30) == []
    assert await search(library, "heron", before) == ["the heron nests"]
    assert old


def test_a_later_after_stays():
    later = NOW - timedelta(days=1)
    assert within_age(Filters(after=later), 30, NOW).after == later
    assert within_age(Filters(), None, NOW) == Filters()


async def test_of_hits_that_say_the_same_the_newest_stands_first(library):
    for days_ago, session_id in ((30, "b"), (2, "c"), (300, "a")):
        await library.keep(
            "good morning", said("the heron nests by the mill", days_ago), session_id=session_id
        )
    found = await library.search("heron mill", n=3)
    told_at = [hit.created_at for hit in found.hits]
    assert told_at == sorted(told_at, reverse=True)
    scores = [hit.standing for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
