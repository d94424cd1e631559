from pathlib import Path

import pytest

from sage.config.settings import EmbeddingProvider, EmbeddingSettings, Settings
from sage.errors import ConfigurationError
from sage.providers.local import LocalEmbedder
from sage.providers.registry import open_embedder


def settings_with(provider):
    return Settings(data_dir=Path("unused"), embedding=EmbeddingSettings(provider=provider))


@pytest.mark.parametrize("provider", [EmbeddingProvider.AUTO, EmbeddingProvider.LOCAL])
def test_the_local_model_embeds_unless_another_is_asked_for(provider):
    assert isinstance(open_embedder(settings_with(provider)), LocalEmbedder)


@pytest.mark.parametrize("provider", [EmbeddingProvider.SILICONFLOW, EmbeddingProvider.OPENAI])
def test_a_provider_this_release_lacks_is_named(provider):
    with pytest.raises(ConfigurationError) as refusal:
        open_embedder(settings_with(provider))
    assert refusal.value.problems[0].variable == "EMBEDDING_PROVIDER"
    assert provider.value in refusal.value.problems[0].message
