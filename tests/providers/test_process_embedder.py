"""Texts embedded in a process of their own: a crash ends nothing else."""

import asyncio

import numpy as np
import psutil
import pytest

from sage.errors import ProviderRejectedError
from sage.providers.local import LocalEmbedder
from sage.providers.process_embedder import ProcessEmbedder, isolate_crashes
from tests.support.embedders import BagOfWordsEmbedder, crashing_worker


@pytest.fixture
async def fragile():
    embedder = ProcessEmbedder(BagOfWordsEmbedder(16), crashing_worker(16))
    yield embedder
    await embedder.close()


def workers():
    return [one for one in psutil.Process().children() if "passage_worker" in str(one.cmdline())]


async def test_a_worker_makes_the_vectors_that_this_process_makes():
    local = LocalEmbedder()
    apart = isolate_crashes(local)
    texts = ["the heron nests by the mill", "苍鹭在磨坊旁筑巢", "x" * 480]
    try:
        await apart.start()
        assert np.allclose(await apart.embed_passages(texts), await local.embed_passages(texts))
    finally:
        await apart.close()
    assert workers() == []


def test_a_remote_model_needs_no_process():
    remote = BagOfWordsEmbedder()
    assert isolate_crashes(remote) is remote


async def test_a_crash_rejects_the_text_and_the_next_one_is_embedded(fragile):
    for _ in range(2):
        with pytest.raises(ProviderRejectedError, match="crashes") as caught:
            await fragile.embed_passages(["fine", "poison"])
        assert caught.value.permanent
        assert (await fragile.embed_passages(["fine", "well"])).shape == (2, 16)


async def test_calls_side_by_side_get_their_own_answers(fragile):
    texts = [[f"text {number}"] * (1 + number % 3) for number in range(20)]
    answers = await asyncio.gather(*map(fragile.embed_passages, texts))
    expected = [await fragile.wrapped.embed_passages(each) for each in texts]
    assert all(map(np.allclose, answers, expected))


async def test_a_call_that_is_cancelled_leaves_no_answer_to_the_next(fragile):
    await fragile.embed_passages(["warm"])
    call = asyncio.create_task(fragile.embed_passages(["one"] * 20_000))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await fragile.embed_passages(["two", "three"])).shape == (2, 16)
    await fragile.close()
    assert workers() == []
