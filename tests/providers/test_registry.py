from pathlib import Path

import pytest

from sage.config.model_settings import (
    EmbeddingSettings,
    RerankerSettings,
    SiliconFlowSettings,
    SummarySettings,
)
from sage.config.settings import Settings
from sage.domain.embedding import EmbeddingModel
from sage.errors import ConfigurationError, ProviderUnavailableError
from sage.providers.local import LocalEmbedder
from sage.providers.registry import (
    open_embedder,
    open_reranker,
    reopen_embedder,
)
from sage.service.summarizer import ExtractiveSummarizer, open_summarizer

NO_ACCOUNT = SiliconFlowSettings()
ACCOUNT = SiliconFlowSettings(api_key="sk-fake")
COM = SiliconFlowSettings(api_key="sk-fake", base_url="https://api.siliconflow.com/v1")
SERVER = "http://127.0.0.1:8080/v1"


def settings_with(**groups):
    return Settings(data_dir=Path("unused"), **groups)


def embedder_of(*, account=NO_ACCOUNT, **embedding):
    return open_embedder(
        settings_with(embedding=EmbeddingSettings(**embedding), siliconflow=account)
    )


def summarizer_of(**groups):
    return open_summarizer(settings_with(**groups))


def problem_of(refused):
    with pytest.raises(ConfigurationError) as refusal:
        refused()
    (problem,) = refusal.value.problems
    return problem


@pytest.mark.parametrize(
    ("provider", "account"),
    [("auto", SiliconFlowSettings()), ("local", SiliconFlowSettings()), ("local", ACCOUNT)],
)
def test_the_local_model_embeds_without_a_key_and_when_asked_for(provider, account):
    embedder = embedder_of(provider=provider, account=account)
    assert isinstance(embedder.wrapped.wrapped, LocalEmbedder)


@pytest.mark.parametrize(
    ("account", "identity"),
    [
        (ACCOUNT, "siliconflow:BAAI/bge-m3:1024"),
        (COM, "siliconflow:Qwen/Qwen3-Embedding-0.6B:1024"),
    ],
)
@pytest.mark.parametrize("provider", ["auto", "siliconflow"])
def test_a_key_brings_the_model_its_catalogue_has(provider, account, identity):
    assert str(embedder_of(provider=provider, account=account).model) == identity


@pytest.mark.parametrize(
    ("model", "dimensions", "length", "max_chars"),
    [
        ("Pro/BAAI/bge-m3", None, 1024, 2000),
        ("BAAI/bge-large-zh-v1.5", None, 1024, 480),
        ("Qwen/Qwen3-Embedding-8B", None, 2048, 2000),
        ("Qwen/Qwen3-Embedding-8B", 256, 256, 2000),
        ("nobody/knows-me", 777, 777, 480),
    ],
)
def test_a_model_is_known_before_it_is_asked(model, dimensions, length, max_chars):
    embedder = embedder_of(model=model, dimensions=dimensions, account=ACCOUNT)
    assert embedder.model.dimensions == length
    assert embedder.max_chars == max_chars


@pytest.mark.parametrize(
    ("model", "dimensions", "hint"),
    [
        ("nobody/knows-me", None, "documentation"),
        ("BAAI/bge-m3", 512, "unset it for 1024"),
        ("Qwen/Qwen3-Embedding-8B", 3000, "2560"),
    ],
)
def test_dimensions_that_are_unknown_or_unavailable_are_refused_with_a_hint(
    model, dimensions, hint
):
    problem = problem_of(lambda: embedder_of(model=model, dimensions=dimensions, account=ACCOUNT))
    assert problem.variable == "EMBEDDING_DIMENSIONS"
    assert hint in problem.hint


def test_any_openai_compatible_server_can_embed():
    embedder = embedder_of(provider="openai", base_url=SERVER, model="bge-m3:latest")
    assert str(embedder.model) == "openai:bge-m3:latest:1024"


@pytest.mark.parametrize(
    ("embedding", "variable"),
    [
        ({"provider": "siliconflow"}, "SILICONFLOW_API_KEY"),
        ({"provider": "openai", "model": "bge-m3"}, "EMBEDDING_BASE_URL"),
        ({"provider": "openai", "base_url": SERVER}, "EMBEDDING_MODEL"),
    ],
)
def test_what_a_provider_lacks_is_named(embedding, variable):
    assert problem_of(lambda: embedder_of(**embedding)).variable == variable


@pytest.mark.parametrize(
    ("provider", "account", "name"),
    [
        ("auto", SiliconFlowSettings(), None),
        ("none", ACCOUNT, None),
        ("auto", ACCOUNT, "BAAI/bge-reranker-v2-m3"),
        ("siliconflow", COM, "Qwen/Qwen3-Reranker-0.6B"),
    ],
)
def test_a_reranker_is_there_when_a_key_is(provider, account, name):
    reranker = open_reranker(
        settings_with(reranker=RerankerSettings(provider=provider), siliconflow=account)
    )
    assert getattr(reranker, "name", None) == name


@pytest.mark.parametrize(
    ("summary", "groups", "name"),
    [
        ({"provider": "none"}, {"siliconflow": ACCOUNT}, None),
        ({"provider": "auto"}, {}, "extractive"),
        ({"provider": "extractive"}, {"siliconflow": ACCOUNT}, "extractive"),
        ({"provider": "auto"}, {"siliconflow": ACCOUNT}, "Qwen/Qwen3-8B"),
        ({"provider": "siliconflow", "model": "m"}, {"siliconflow": ACCOUNT}, "m"),
        (
            {"provider": "openai", "model": "m"},
            {"embedding": EmbeddingSettings(base_url=SERVER)},
            "m",
        ),
    ],
)
def test_summaries_need_no_language_model_but_use_one_with_a_key(summary, groups, name):
    summarizer = summarizer_of(summary=SummarySettings(**summary), **groups)
    assert getattr(summarizer, "name", None) == name
    assert (name == "extractive") == isinstance(summarizer, ExtractiveSummarizer)


@pytest.mark.parametrize(
    ("opened", "variable"),
    [
        (
            lambda: open_reranker(settings_with(reranker=RerankerSettings(provider="siliconflow"))),
            "SILICONFLOW_API_KEY",
        ),
        (
            lambda: summarizer_of(summary=SummarySettings(provider="siliconflow")),
            "SILICONFLOW_API_KEY",
        ),
        (
            lambda: summarizer_of(summary=SummarySettings(provider="openai", model="m")),
            "EMBEDDING_BASE_URL",
        ),
        (
            lambda: summarizer_of(
                summary=SummarySettings(provider="openai"),
                embedding=EmbeddingSettings(base_url=SERVER),
            ),
            "SUMMARY_MODEL",
        ),
    ],
)
def test_what_a_reranker_or_a_summarizer_lacks_is_named(opened, variable):
    assert problem_of(opened).variable == variable


LOCAL = EmbeddingModel("local", "multilingual-e5-small", 384)
QWEN3 = EmbeddingModel("siliconflow", "Qwen/Qwen3-Embedding-8B", 1024)
OF_A_SERVER = EmbeddingModel("openai", "text-embedding-3-large", 256)


@pytest.mark.parametrize("model", [LOCAL, QWEN3, OF_A_SERVER], ids=str)
def test_the_active_model_is_opened_whatever_is_configured(model):
    for wanted in (
        EmbeddingSettings(provider="local"),
        EmbeddingSettings(model="BAAI/bge-m3"),
        EmbeddingSettings(model="unheard-of", dimensions=77),
    ):
        reachable = wanted.model_copy(update={"base_url": SERVER})
        settings = settings_with(embedding=reachable, siliconflow=ACCOUNT)
        embedder = reopen_embedder(settings, model)
        assert embedder.model == model
        assert embedder.last_error == ""


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (QWEN3, "SILICONFLOW_API_KEY is not set"),
        (OF_A_SERVER, "EMBEDDING_BASE_URL is not set"),
        (EmbeddingModel("local", "an-older-one", 384), "has multilingual-e5-small instead"),
        (EmbeddingModel("gone", "model", 384), "does not know the model gone:model:384"),
        (EmbeddingModel("siliconflow", "BAAI/bge-m3", 8), "does not know the model siliconflow"),
    ],
    ids=str,
)
async def test_a_model_that_cannot_be_opened_says_why_at_every_call(model, why):
    embedder = reopen_embedder(settings_with(embedding=EmbeddingSettings(provider="local")), model)
    assert embedder.model == model
    assert not embedder.ready
    assert why in embedder.last_error
    await embedder.start()
    for call in (embedder.embed_query("text"), embedder.embed_passages(["text"])):
        with pytest.raises(ProviderUnavailableError, match=why.split(" ", maxsplit=1)[0]):
            await call
    await embedder.close()
