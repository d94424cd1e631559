"""Floors under how much of the evidence stands in a context, with the model people get.

Each floor is the figure measured when it was written, less one question.
"""

import asyncio
from contextlib import suppress

import pytest

from sage.access.audit.log import AuditLog
from sage.config.settings import AuditSettings
from sage.domain.gathering import ContextRequest
from sage.domain.masking import MaskingPolicy
from sage.domain.relevance import MinRelevance
from sage.providers.local import LocalEmbedder
from sage.service.active_model import ActiveModel
from sage.service.context import ContextBuilder
from sage.service.indexing import Indexer
from sage.service.memory import MemoryService
from sage.service.replica_routing import DatabaseReader, Readers
from sage.service.save_threads import SaveThreads
from sage.service.schema_gate import SchemaGate
from sage.store import memories
from tests.quality.conversations import Talk
from tests.quality.evidence import evidence_recall
from tests.support.library import Library


@pytest.fixture
async def library(database):
    embedder = LocalEmbedder()
    await embedder.start()
    yield await Library(database, embedder).open()
    await embedder.close()


@pytest.fixture
async def memory(library):
    serving = ActiveModel(library.database, library.embedder, {}.__getitem__)
    schema_gate = SchemaGate(library.database, serving)
    preparing = asyncio.create_task(schema_gate.run())
    yield MemoryService(
        schema_gate=schema_gate,
        readers=Readers(
            DatabaseReader(library.pipeline, ContextBuilder(library.database, library.pipeline))
        ),
        indexer=Indexer(schema_gate),
        audit=AuditLog(library.database, AuditSettings()),
        masking=MaskingPolicy(),
        threads=SaveThreads(),
    )
    preparing.cancel()
    with suppress(asyncio.CancelledError):
        await preparing


@pytest.mark.parametrize(("language", "floor"), [("english", 0.72), ("chinese", 0.9)])
async def test_a_small_window_holds_most_of_the_evidence(library, memory, language, floor):
    talk = Talk(language)
    await talk.keep_in(library, named=False)
    shares = []
    for question in talk.questions(across=False):
        answer = await memory.context(
            ContextRequest(question.text, context_window=250, min_relevance=MinRelevance.NONE)
        )
        async with library.database.across_spaces() as conn:
            evidence = [
                await memories.read_memory(conn, "default", memory_id)
                for memory_id in talk.evidence_for(question)
            ]
        shares.append(evidence_recall(answer.context, evidence))
    assert sum(shares) / len(shares) >= floor, shares
