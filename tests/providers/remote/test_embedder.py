import numpy as np
import pytest

from sage.domain.embedding import PROBE_TEXT
from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.remote.catalog import model_spec
from sage.providers.remote.client import ApiClient
from sage.providers.remote.embedder import RemoteEmbedder
from tests.support.fake_siliconflow import FAULTS
from tests.support.library import Library
from tests.support.siliconflow_models import EMBEDDERS

BGE = "BAAI/bge-m3"


@pytest.fixture
async def open_embedder(endpoint_of, hasty):
    opened = []

    def make(name=BGE, dimensions=None, key="sk-fake"):
        spec = model_spec(name, dimensions)
        client = ApiClient(endpoint_of(key), hasty, "embedding")
        opened.append(RemoteEmbedder(client, name, spec, send_dimensions=bool(spec.choices)))
        return opened[-1]

    yield make
    for embedder in opened:
        await embedder.close()


async def test_vectors_are_unit_vectors_in_the_order_of_the_texts(fake, open_embedder):
    await fake.inject("shuffled")
    embedder = open_embedder()
    texts = [f"heron number {number}" for number in range(10)]
    vectors = await embedder.embed_passages(texts)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    for text, vector in zip(texts, vectors, strict=True):
        assert await embedder.embed_query(text) == pytest.approx(vector)


async def test_a_word_that_nobody_used_is_asked_as_it_was_typed(database, fake, open_embedder):
    library = await Library(database, open_embedder()).open()
    await library.keep("We bought a goat", {"content": "I keep hens", "name": "Caroline"})
    asked = []
    for question in ("where is the boat", "what does Carolime keep"):
        await library.search(question)
        asked += fake.requests[-1].body["input"]
    # The name is recognized in spite of its typo: names are left out of what is embedded.
    assert asked == ["where is the boat", "what does keep"]


async def test_no_texts_give_no_vectors_and_no_call(fake, open_embedder):
    assert (await open_embedder().embed_passages([])).shape == (0, 1024)
    assert fake.requests == []


async def test_batches_that_had_to_shrink_grow_again_after_enough_are_accepted(
    fake, open_embedder, monkeypatch
):
    monkeypatch.setattr("sage.providers.remote.embedder._GROW_AFTER_BATCHES", 3)
    texts = [f"text {number}" for number in range(128)]
    embedder = open_embedder()
    native = EMBEDDERS[BGE]
    monkeypatch.setitem(EMBEDDERS, BGE, (*native[:3], 8))
    await embedder.embed_passages(texts)
    assert len(fake.requests[-1].body["input"]) == 8
    monkeypatch.setitem(EMBEDDERS, BGE, native)
    await embedder.embed_passages(texts)
    assert len(fake.requests[-1].body["input"]) == 32


async def test_batches_hold_at_most_32_texts(fake, open_embedder):
    await open_embedder().embed_passages([f"text {number}" for number in range(70)])
    assert [len(request.body["input"]) for request in fake.requests] == [32, 32, 6]


@pytest.mark.parametrize(
    ("name", "wanted", "sent"),
    [
        (BGE, None, None),
        ("Pro/BAAI/bge-m3", 1024, None),
        ("Qwen/Qwen3-Embedding-8B", None, 2048),
        ("Qwen/Qwen3-Embedding-0.6B", None, 1024),
        ("Qwen/Qwen3-Embedding-4B", 512, 512),
    ],
)
async def test_dimensions_are_sent_to_qwen3_alone(fake, open_embedder, name, wanted, sent):
    embedder = open_embedder(name, wanted)
    vectors = await embedder.embed_passages(["heron"])
    assert vectors.shape == (1, embedder.model.dimensions)
    assert fake.requests[0].body.get("dimensions") == sent


async def test_questions_to_qwen3_carry_an_instruction_and_those_to_bge_do_not(fake, open_embedder):
    for name in ("Qwen/Qwen3-Embedding-0.6B", BGE):
        await open_embedder(name).embed_query("where is the heron?")
        await open_embedder(name).embed_passages(["the heron is here"])
    asked = [request.body["input"][0] for request in fake.requests]
    assert asked[0].startswith("Instruct: ")
    assert asked[0].endswith("\nQuery:where is the heron?")
    assert asked[1:] == ["the heron is here", "where is the heron?", "the heron is here"]


async def test_a_question_longer_than_the_window_is_cut(fake, open_embedder):
    await open_embedder("BAAI/bge-large-zh-v1.5").embed_query("鹭" * 4000)
    assert len(fake.requests[0].body["input"][0]) <= 512


async def test_a_batch_too_large_is_halved_and_stays_so(fake, open_embedder, monkeypatch):
    limits = (1024, (), 8192, 8)
    monkeypatch.setitem(EMBEDDERS, BGE, limits)
    embedder = open_embedder()
    texts = [f"text {number}" for number in range(32)]
    assert (await embedder.embed_passages(texts)).shape == (32, 1024)
    fake.requests.clear()
    await embedder.embed_passages(texts)
    assert [len(request.body["input"]) for request in fake.requests] == [8, 8, 8, 8]


async def test_a_text_that_is_rejected_does_not_affect_the_others(fake, open_embedder):
    fake.models.refused_word = "poison"
    embedder = open_embedder()
    with pytest.raises(ProviderRejectedError) as refusal:
        await embedder.embed_passages(["good", "poison"])
    assert refusal.value.permanent
    assert embedder.ready
    assert "good" in fake.models.embedded[BGE]


async def test_a_wrong_configuration_is_not_attributed_to_a_text(endpoint_of, hasty):
    client = ApiClient(endpoint_of(), hasty, "embedding")
    misconfigured = RemoteEmbedder(client, BGE, model_spec(BGE, None), send_dimensions=True)
    with pytest.raises(ProviderUnavailableError) as refusal:
        await misconfigured.embed_passages(["good"])
    assert "EMBEDDING_MODEL" in refusal.value.hint
    assert not misconfigured.ready
    await client.close()


async def test_a_model_that_does_not_exist_is_not_attributed_to_a_text(open_embedder):
    embedder = open_embedder("BAAI/bge-m3-retired", 1024)
    with pytest.raises(ProviderUnavailableError, match="no such model"):
        await embedder.embed_passages(["good"])


@pytest.mark.parametrize("key", ["sk-wrong", None])
async def test_a_wrong_key_is_unavailable_and_opens_the_breaker_at_once(fake, open_embedder, key):
    embedder = open_embedder(key=key)
    with pytest.raises(ProviderUnavailableError, match="401") as refusal:
        await embedder.embed_passages(["good"])
    assert "SILICONFLOW_API_KEY" in refusal.value.hint
    with pytest.raises(ProviderUnavailableError) as refusal:
        await embedder.embed_query("again")
    assert refusal.value.retry_in_s > 0
    assert len(fake.requests) == 1
    assert "401" in embedder.last_error


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in {"none", "shuffled"}])
async def test_every_fault_is_unavailable_until_the_provider_is_back(
    fake, open_embedder, fault, until
):
    embedder = open_embedder()
    await fake.inject(fault)
    texts = ["heron"]
    if fault == "too_large":  # a single text that is too large is itself the cause
        fake.models.refused_word = PROBE_TEXT
    with pytest.raises(ProviderUnavailableError) as failure:
        await embedder.embed_passages(texts)
    assert embedder.last_error
    assert "sk-" not in f"{failure.value}{failure.value.detail}{failure.value.hint}"
    assert "127.0.0.1" not in f"{failure.value}{failure.value.detail}{failure.value.hint}"
    await fake.inject("none")
    fake.models.refused_word = ""

    async def answers():
        try:
            return (await embedder.embed_passages(texts)).shape == (1, 1024)
        except ProviderUnavailableError:
            return False

    await until(answers)
    assert embedder.ready
    assert embedder.last_error == ""


@pytest.mark.parametrize("fault", ["error", "nan", "zero", "truncated", "reset", "timeout"])
async def test_a_text_that_fails_while_others_are_embedded_is_recognized(
    fake, open_embedder, fault
):
    embedder = open_embedder()
    await fake.inject(fault, only_with="poison")
    with pytest.raises(ProviderRejectedError) as refusal:
        await embedder.embed_passages(["poison"])
    assert not refusal.value.permanent
    assert embedder.ready
    assert (await embedder.embed_passages(["heron"])).shape == (1, 1024)
