"""Memories kept and searched without the services: the store, an embedder and the pipeline."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sage.domain.embedding import EmbedderHandle
from sage.domain.ids import new_memory_id
from sage.domain.memories import DEFAULT_SPACE, Memory, Role
from sage.domain.retries import RetryIdentity
from sage.domain.searching import SearchRequest
from sage.retrieval.preferences.keys import lexemes_of
from sage.retrieval.text.chunking import chunks_of
from sage.service.search.pipeline import SearchPipeline
from sage.store import memories
from sage.store.vectors import VectorRow, register_model, store_vectors

START = datetime(2023, 5, 8, 12, tzinfo=UTC)


class Library:
    """Keeps turns in a database and asks for them."""

    def __init__(self, database, embedder, timezone=UTC):
        self.database = database
        self.embedder = embedder
        self.pipeline = SearchPipeline(database, embed_deadline_s=5, timezone=timezone)
        self.model_id = None

    async def open(self):
        async with self.database.across_spaces() as conn:
            self.model_id = await register_model(conn, self.embedder.model)
        return self

    async def keep(
        self, *turns, session_id="talk", space_id=DEFAULT_SPACE, metadata=None, embedded=True
    ):
        """Keep turns: texts, or mappings with content and perhaps role, name, created_at."""
        new = [
            _new_memory(turn, place, session_id, metadata or {}) for place, turn in enumerate(turns)
        ]
        identity = RetryIdentity(uuid4().hex, b"", lasting=False)
        await memories.save_conversation(self.database, space_id, new, identity)
        kept = [one.memory for one in new]
        if embedded:
            await self._embed(kept, space_id)
        return [memory.memory_id for memory in kept]

    async def search(self, query, **rest):
        space = EmbedderHandle(self.embedder, self.model_id)
        return await self.pipeline.search(SearchRequest(query, **rest), space)

    async def found(self, query, **rest):
        answer = await self.search(query, **rest)
        return [hit.content for hit in answer.hits]

    async def _embed(self, kept, space_id):
        pieces = [
            (memory, number, chunk)
            for memory in kept
            for number, chunk in enumerate(chunks_of(memory.content, self.embedder.max_chars))
        ]
        vectors = await self.embedder.embed_passages(
            [memory.content[chunk.starts_at : chunk.ends_at] for memory, _, chunk in pieces]
        )
        async with self.database.transaction_across_spaces() as conn:
            await store_vectors(
                conn,
                self.model_id,
                [
                    VectorRow(
                        space_id, memory.memory_id, number, chunk.starts_at, chunk.ends_at, vector
                    )
                    for (memory, number, chunk), vector in zip(pieces, vectors, strict=True)
                ],
            )


def _new_memory(turn, place, session_id, metadata):
    turn = {"content": turn} if isinstance(turn, str) else turn
    name, content = turn.get("name"), turn["content"]
    created_at = turn.get("created_at", START + timedelta(minutes=place))
    role = Role(turn.get("role", "user"))
    memory = Memory(new_memory_id(), session_id, role, name, content, created_at, metadata)
    return memories.NewMemory(memory, lexemes_of(content, name, created_at, role))
