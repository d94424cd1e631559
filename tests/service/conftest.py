import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest

from sage.access.audit.log import AuditLog
from sage.config.settings import AuditSettings
from sage.domain.masking import MaskingPolicy
from sage.domain.memories import Message, SaveRequest
from sage.errors import ProviderUnavailableError
from sage.providers.unavailable import UnavailableEmbedder
from sage.service.active_model import ActiveModel
from sage.service.context import ContextBuilder
from sage.service.index_keeping import SearchedSpaces
from sage.service.indexing import Indexer
from sage.service.memory import MemoryService
from sage.service.reembedding import Reembedder
from sage.service.replica_routing import DatabaseReader, Readers
from sage.service.save_threads import SaveThreads
from sage.service.schema_gate import SchemaGate
from sage.service.search.pipeline import SearchPipeline
from sage.store import active_model as active
from sage.store import queue
from tests.support.classification import capture, classifier, say, stored  # noqa: F401 - fixtures
from tests.support.embedders import BagOfWordsEmbedder


@dataclass
class Rig:
    database: object
    embedder: BagOfWordsEmbedder
    model: ActiveModel
    schema_gate: SchemaGate
    indexer: Indexer
    memory: MemoryService
    searched: SearchedSpaces

    async def save(self, *texts, **rest):
        messages = tuple(Message.validate("user", text) for text in texts)
        return await self.memory.save(SaveRequest(messages, **rest))

    async def index(self):
        with suppress(ProviderUnavailableError):
            while await self.indexer.work_off_batch():
                pass

    async def served(self):
        async with self.database.across_spaces() as conn:
            return (await active.read_active_model(conn)).model

    async def vectors(self):
        """Count vectors by their length."""
        async with self.database.across_spaces() as conn:
            rows = await conn.fetch(
                "SELECT dimensions, count(*) AS n FROM sage.embeddings JOIN sage.embedding_models"
                " USING (model_id) GROUP BY 1"
            )
        return {row["dimensions"]: row["n"] for row in rows}

    async def queue_stats(self):
        async with self.database.across_spaces() as conn:
            return await queue.queue_stats(conn, None)


@pytest.fixture
async def rig(database):
    embedder = BagOfWordsEmbedder()
    follower = ActiveModel(database, embedder, _away)
    schema_gate = SchemaGate(database, follower)
    preparing = asyncio.create_task(schema_gate.run())
    indexer = Indexer(schema_gate)
    searched = SearchedSpaces()
    pipeline = SearchPipeline(database, searched=searched)
    memory = MemoryService(
        schema_gate=schema_gate,
        readers=Readers(DatabaseReader(pipeline, ContextBuilder(database, pipeline))),
        indexer=indexer,
        audit=AuditLog(database, AuditSettings()),
        masking=MaskingPolicy(),
        threads=SaveThreads(),
    )
    yield Rig(database, embedder, follower, schema_gate, indexer, memory, searched)
    preparing.cancel()
    with suppress(asyncio.CancelledError):
        await preparing


class Watcher:
    """Keeps what it is told."""

    def __init__(self):
        self.left = None
        self.done = 0
        self.reasons = []
        self.steps = []

    def begin(self, left):
        self.left = left

    def advance(self, done):
        self.done += done

    def wait(self, reason):
        self.reasons.append(reason)

    def step(self, text):
        self.steps.append(text)


@pytest.fixture
def small():
    return BagOfWordsEmbedder(32)


@pytest.fixture
def watcher():
    return Watcher()


@pytest.fixture
def reembed(rig, small, watcher):
    async def run():
        return await Reembedder(rig.database, small, watcher).move()

    return run


@pytest.fixture
async def filled(rig):
    """Give a memory whose vectors are there, and what was saved."""
    saved = await rig.save(*(f"heron number {number}" for number in range(100)))
    await rig.index()
    return saved


def _away(model):
    return UnavailableEmbedder(model, "there is no key for it", "set the key")
