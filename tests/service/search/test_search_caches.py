import asyncio

import pytest

from sage.errors import StoreError
from sage.providers.local import LocalEmbedder
from sage.service.search.caches import LanguageCache, StatisticsCache
from tests.support.library import Library

ENGLISH = ("Bread bakes in the oven.", "The train leaves at noon.", "We painted the kitchen blue.")
CHINESE = ("妹妹在磨坊边养了三箱蜜蜂。", "昨天学做了面食。", "公园里的花开了。")


@pytest.fixture
async def library(database, texts_embedded_once):  # noqa: ARG001 - in effect
    embedder = LocalEmbedder()
    await embedder.start()
    yield await Library(database, embedder).open()
    await embedder.close()


async def test_a_language_new_to_a_store_is_found_within_seconds(library):
    await library.keep(*ENGLISH * 12, session_id="english")
    assert CHINESE[0] not in await library.found("Who keeps bees?", n=3)
    await library.keep(*CHINESE, session_id="chinese")
    async with asyncio.timeout(20):
        while CHINESE[0] not in await library.found("Who keeps bees?", n=3):
            await asyncio.sleep(0.1)


async def test_statistics_that_cannot_be_read_now_are_kept(database, monkeypatch):
    cache = StatisticsCache(database)
    known = await cache.statistics()
    monkeypatch.setattr("sage.service.search.caches._KEPT_S", 0.0)
    await database.close()
    assert await cache.statistics() is known
    with pytest.raises(StoreError):
        await StatisticsCache(database).statistics()


def test_that_there_is_another_language_is_remembered_longer_than_that_there_is_none(monkeypatch):
    cache, clock = LanguageCache(), iter([0.0, 0.0, 30.0, 30.0, 61.0])
    monkeypatch.setattr("sage.service.search.caches.time.monotonic", lambda: next(clock))
    cache.keep(("one", 1, 0), holds_other=True)
    cache.keep(("other", 1, 0), holds_other=False)
    assert cache.holds_other(("one", 1, 0)) is True
    assert cache.holds_other(("other", 1, 0)) is None
    assert cache.holds_other(("one", 1, 0)) is None
