import numpy as np
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.errors import ProviderUnavailableError
from sage.providers.caching import CachingEmbedder
from tests.support.embedders import BagOfWordsEmbedder

BYTES_PER_VECTOR = 4 * 64


@pytest.fixture
def behind():
    return BagOfWordsEmbedder()


async def asked(behind, cache, *texts):
    """Tell how many of the questions, asked in turn, reach the embedder behind."""
    before = behind.texts_embedded
    for text in texts:
        await cache.embed_query(text)
    return behind.texts_embedded - before


async def test_a_question_is_embedded_once(behind):
    cache = CachingEmbedder(behind)
    assert await asked(behind, cache, "tea", "tea", "oolong", "tea") == 2
    assert await cache.embed_query("tea") == pytest.approx(await behind.embed_query("tea"))


async def test_those_used_longest_ago_go_first(behind):
    cache = CachingEmbedder(behind, max_bytes=2 * BYTES_PER_VECTOR)
    await asked(behind, cache, "a", "b", "a", "c")
    assert await asked(behind, cache, "a", "c") == 0
    assert await asked(behind, cache, "b") == 1


@pytest.mark.parametrize("max_bytes", [0, 1, 10 * BYTES_PER_VECTOR])
async def test_it_never_holds_more_than_it_may(behind, max_bytes):
    cache = CachingEmbedder(behind, max_bytes=max_bytes)
    texts = [str(number) for number in range(50)]
    await asked(behind, cache, *texts)
    kept = 50 - await asked(behind, cache, *reversed(texts))
    assert kept <= max(1, max_bytes // BYTES_PER_VECTOR)


async def test_the_vector_of_one_model_is_not_given_for_another(behind):
    cache = CachingEmbedder(behind)
    await cache.embed_query("tea")
    behind.model = EmbeddingModel("test", "successor", 64)
    assert await asked(behind, cache, "tea") == 1


async def test_a_failure_is_not_kept(behind):
    cache = CachingEmbedder(behind)
    behind.failure = ProviderUnavailableError("away")
    with pytest.raises(ProviderUnavailableError):
        await cache.embed_query("tea")
    behind.failure = None
    assert await asked(behind, cache, "tea") == 1


async def test_what_is_kept_cannot_be_changed_by_who_got_it(behind):
    vector = await CachingEmbedder(behind).embed_query("tea")
    with pytest.raises(ValueError, match="read-only"):
        vector += 1


async def test_passages_go_through(behind):
    cache = CachingEmbedder(behind)
    for _ in range(2):
        assert (await cache.embed_passages(["tea", "oolong"])).shape == (2, 64)
    assert behind.texts_embedded == 4
    assert np.shares_memory(await cache.embed_query("x"), await cache.embed_query("x"))
