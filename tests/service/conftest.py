import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest

from sage.config.settings import SearchSettings
from sage.domain.memories import Message, SaveRequest
from sage.errors import ProviderUnavailableError
from sage.providers.absent import AbsentEmbedder
from sage.retrieval.pipeline import SearchPipeline
from sage.service.indexing import Indexer
from sage.service.memory import MemoryService
from sage.service.preparing import Preparation
from sage.service.serving import ServingModel
from sage.store import queue
from tests.support.embedders import BagOfWordsEmbedder


@dataclass
class Rig:
    database: object
    embedder: BagOfWordsEmbedder
    serving: ServingModel
    preparation: Preparation
    indexer: Indexer
    memory: MemoryService

    async def save(self, *texts, **rest):
        messages = tuple(Message.checked("user", text) for text in texts)
        return await self.memory.save(SaveRequest(messages, **rest))

    async def index(self):
        with suppress(ProviderUnavailableError):
            while await self.indexer.work_off_batch():
                pass

    async def queue_stats(self):
        async with self.database.connection() as conn:
            return await queue.queue_stats(conn, None)


@pytest.fixture
async def rig(database):
    embedder = BagOfWordsEmbedder()
    serving = ServingModel(database, embedder, _away)
    preparation = Preparation(database, serving)
    preparing = asyncio.create_task(preparation.run())
    indexer = Indexer(database, preparation)
    memory = MemoryService(
        database=database,
        preparation=preparation,
        pipeline=SearchPipeline(database),
        indexer=indexer,
        defaults=SearchSettings(),
    )
    yield Rig(database, embedder, serving, preparation, indexer, memory)
    preparing.cancel()
    with suppress(asyncio.CancelledError):
        await preparing


def _away(model):
    return AbsentEmbedder(model, "there is no key for it", "set the key")
