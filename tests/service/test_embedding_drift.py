"""Another server behind the same name: its vectors are never mixed with those that are stored."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from sage.config.settings import Settings
from sage.domain.embedding import EmbeddingModel
from sage.domain.health import Status
from sage.errors import ProviderUnavailableError, SageError
from sage.operations.checks.context import RunningContext
from sage.operations.checks.health import HealthService
from sage.service.active_model import ActiveModel
from sage.service.counts import StoreCounts
from sage.service.indexing import Indexer
from sage.service.reembedding import Reembedder
from sage.service.schema_gate import SchemaGate
from sage.store import reembedding
from tests.support.embedders import BagOfWordsEmbedder


class Server(BagOfWordsEmbedder):
    """An OpenAI-compatible server; `turned` makes it one with another model of that name."""

    may_change = True

    def __init__(self, *, turned=False):
        super().__init__(32)
        self.model = EmbeddingModel("openai", "bag-of-words", 32)
        self.turned = turned

    async def embed_passages(self, texts):
        vectors = await super().embed_passages(texts)
        return vectors[:, ::-1].copy() if self.turned else vectors


@asynccontextmanager
async def served_by(database, server):
    serving = ActiveModel(database, server, lambda _model: server)
    schema_gate = SchemaGate(database, serving)
    running = asyncio.create_task(schema_gate.run())
    await schema_gate.wait_ready()
    try:
        yield serving, schema_gate, Indexer(schema_gate)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def moved(rig, watcher):
    """Give a memory whose vectors a server made."""
    await rig.save("the heron nests by the mill", "bread bakes")
    await rig.index()
    await Reembedder(rig.database, Server(), watcher).move()
    return rig


async def test_another_server_of_that_name_neither_searches_nor_embeds_and_health_says_why(
    moved, tmp_path, monkeypatch
):
    monkeypatch.setattr("sage.service.embedding_drift._AGAIN_S", 0)
    server = Server(turned=True)
    before = await moved.vectors()
    async with served_by(moved.database, server) as (serving, schema_gate, indexer):
        await moved.save("the ferry leaves at nine")
        with pytest.raises(ProviderUnavailableError, match="different vectors"):
            await serving.embedder.embed_query("heron")
        with pytest.raises(ProviderUnavailableError, match="different vectors"):
            await indexer.work_off_batch()
        health = HealthService(
            RunningContext(
                settings=Settings(data_dir=tmp_path),
                database=moved.database,
                schema_gate=schema_gate,
                active_model=serving,
                counts=StoreCounts(moved.database),
            )
        )
        check = (await health.detailed()).checks["embedding"]
        assert check.status is Status.DEGRADED
        assert "different vectors" in check.detail
        assert await moved.vectors() == before
        server.turned = False
        assert await indexer.work_off_batch() == 1
        assert await moved.vectors() == before | {32: 3}
        assert serving.embedder.last_error == ""


async def test_the_same_server_is_compared_once_and_then_goes_on(moved):
    server = Server()
    async with served_by(moved.database, server) as (serving, _, _):
        for question in ("heron", "mill", "bread"):
            await serving.embedder.embed_query(question)
    assert server.texts_embedded == 4


async def test_a_move_never_adds_to_the_vectors_of_another_server(moved, watcher):
    await Reembedder(moved.database, moved.embedder, watcher).move()
    await moved.save("the ferry leaves at nine")
    await moved.index()
    before = await moved.vectors()
    with pytest.raises(SageError, match="different vectors"):
        await Reembedder(moved.database, Server(turned=True), watcher).move()
    assert await moved.vectors() == before
    await reembedding.drop_old_vectors(moved.database)
    await Reembedder(moved.database, Server(turned=True), watcher).move()
    assert await moved.vectors() == {64: 3, 32: 3}
