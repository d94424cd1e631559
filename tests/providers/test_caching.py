import numpy as np
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.errors import ProviderUnavailableError
from sage.providers.caching import CachingEmbedder
from tests.support.embedders import BagOfWordsEmbedder

BYTES_PER_VECTOR = 4 * 64


@pytest.fixture
def wrapped():
    return BagOfWordsEmbedder()


async def count_embedded(wrapped, cache, *texts):
    """Count the questions, asked in turn, that reach the wrapped embedder."""
    before = wrapped.texts_embedded
    for text in texts:
        await cache.embed_query(text)
    return wrapped.texts_embedded - before


async def test_a_question_is_embedded_once(wrapped):
    cache = CachingEmbedder(wrapped)
    assert await count_embedded(wrapped, cache, "tea", "tea", "oolong", "tea") == 2
    assert await cache.embed_query("tea") == pytest.approx(await wrapped.embed_query("tea"))


async def test_the_least_recently_used_is_evicted(wrapped):
    cache = CachingEmbedder(wrapped, max_bytes=2 * BYTES_PER_VECTOR)
    await count_embedded(wrapped, cache, "a", "b", "a", "c")
    assert await count_embedded(wrapped, cache, "a", "c") == 0
    assert await count_embedded(wrapped, cache, "b") == 1


@pytest.mark.parametrize("max_bytes", [0, 1, 10 * BYTES_PER_VECTOR])
async def test_it_never_exceeds_its_size(wrapped, max_bytes):
    cache = CachingEmbedder(wrapped, max_bytes=max_bytes)
    texts = [str(number) for number in range(50)]
    await count_embedded(wrapped, cache, *texts)
    kept = 50 - await count_embedded(wrapped, cache, *reversed(texts))
    assert kept <= max(1, max_bytes // BYTES_PER_VECTOR)


async def test_a_vector_of_one_model_is_not_returned_for_another(wrapped):
    cache = CachingEmbedder(wrapped)
    await cache.embed_query("tea")
    wrapped.model = EmbeddingModel("test", "successor", 64)
    assert await count_embedded(wrapped, cache, "tea") == 1


async def test_a_failure_is_not_cached(wrapped):
    cache = CachingEmbedder(wrapped)
    wrapped.failure = ProviderUnavailableError("away")
    with pytest.raises(ProviderUnavailableError):
        await cache.embed_query("tea")
    wrapped.failure = None
    assert await count_embedded(wrapped, cache, "tea") == 1


async def test_a_cached_vector_is_read_only(wrapped):
    vector = await CachingEmbedder(wrapped).embed_query("tea")
    with pytest.raises(ValueError, match="read-only"):
        vector += 1


async def test_passages_are_not_cached(wrapped):
    cache = CachingEmbedder(wrapped)
    for _ in range(2):
        assert (await cache.embed_passages(["tea", "oolong"])).shape == (2, 64)
    assert wrapped.texts_embedded == 4
    assert np.shares_memory(await cache.embed_query("x"), await cache.embed_query("x"))
