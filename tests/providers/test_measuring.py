"""What the metrics say of calls to models: how many, by fault, and whether the breaker is open."""

import pytest

from sage.errors import ProviderUnavailableError
from sage.providers.caching import CachingEmbedder
from sage.providers.measuring import MeasuringEmbedder
from sage.providers.remote.catalog import model_spec
from sage.providers.remote.client import ApiClient
from sage.providers.remote.embedder import RemoteEmbedder
from tests.support.scraping import counted

MODEL = "BAAI/bge-m3"
EMBEDDING = {"provider": "siliconflow", "operation": "embedding"}


@pytest.fixture
async def embedder(endpoint_of, hasty):
    client = ApiClient(endpoint_of(), hasty, "embedding")
    remote = RemoteEmbedder(client, MODEL, model_spec(MODEL, None), send_dimensions=False)
    yield CachingEmbedder(MeasuringEmbedder(remote))
    await remote.close()


@pytest.fixture
def grown():
    """Give by how much a metric has grown since the test began."""
    before = counted()

    def difference(name, **labels):
        return (counted().value(name, **labels) or 0) - (before.value(name, **labels) or 0)

    return difference


async def test_calls_and_cached_questions_are_counted(grown, embedder):
    await embedder.embed_query("herons")
    await embedder.embed_query("herons")
    await embedder.embed_passages(["herons nest", "owls hunt"])
    calls = {"provider": "siliconflow", "outcome": "ok"}
    assert grown("sage_embedding_calls_total", input="query", **calls) == 1
    assert grown("sage_embedding_calls_total", input="passages", **calls) == 1
    assert grown("sage_embedding_duration_seconds_count", provider="siliconflow") == 2
    assert grown("sage_query_cache_lookups_total", result="hit") == 1
    assert grown("sage_query_cache_lookups_total", result="miss") == 1
    assert grown("sage_provider_requests_total", **EMBEDDING, outcome="ok") == 2
    assert grown("sage_provider_request_duration_seconds_count", **EMBEDDING) == 2


@pytest.mark.parametrize(
    ("fault", "outcomes"),
    [
        ("unauthorized", ("unavailable", "permanent")),
        ("overloaded", ("unavailable", "unreachable")),
        ("error", ("server_error", "server_error")),
        ("refuse", ("unavailable", "unreachable")),
    ],
)
async def test_a_fault_is_counted_by_its_kind(grown, fake, embedder, fault, outcomes):
    await fake.inject(fault)
    with pytest.raises(ProviderUnavailableError):
        await embedder.embed_query("herons")
    assert grown("sage_embedding_calls_total", outcome=outcomes[0]) == 1
    assert grown("sage_provider_requests_total", **EMBEDDING, outcome=outcomes[1]) >= 1


async def test_an_open_breaker_shows_until_a_call_succeeds(fake, embedder, until):
    counted()
    await embedder.embed_query("herons")
    assert counted().value("sage_circuit_breaker_open", **EMBEDDING) == 0
    await fake.inject("unauthorized")
    with pytest.raises(ProviderUnavailableError):
        await embedder.embed_query("owls")
    assert counted().value("sage_circuit_breaker_open", **EMBEDDING) == 1
    await fake.inject("none")

    async def embedded():
        try:
            await embedder.embed_query("owls")
        except ProviderUnavailableError:
            return False
        return True

    await until(embedded)
    assert counted().value("sage_circuit_breaker_open", **EMBEDDING) == 0
