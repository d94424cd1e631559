"""A plain message store: it recalls the messages that are closest in meaning.

It serves as a baseline, and as an example of an adapter for another memory.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np

from sage.cli.benchmark.agents.memory import RecalledContext, RecalledEntry
from sage.providers.registry import open_embedder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sage.cli.benchmark.agents.story import Story, StorySession
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, Vectors

_NEAREST = 5
_LATEST = 4
_SHOWN_CHARS = 600


class PlainMemory:
    """A store of messages with their vectors; a session starts with the latest of its project."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._messages: dict[str, list[RecalledEntry]] = {}
        self._vectors: dict[str, list[Vectors]] = {}
        self._in_context: dict[str, set[str]] = {}

    async def begin(self, session: StorySession) -> RecalledContext:
        """Return the latest messages of the project."""
        return self._recalled(session, self._messages.get(session.project, [])[-_LATEST:])

    async def ask(self, session: StorySession, turn: int) -> RecalledContext:
        """Return the messages of the project closest in meaning. Raises ProviderError."""
        stored = self._messages.get(session.project)
        if not stored:
            return self._recalled(session, ())
        question = await self._embedder.embed_query(session.turns[turn].prompt.text)
        likeness = np.array(self._vectors[session.project]) @ question
        nearest = np.argsort(-likeness)[:_NEAREST]
        return self._recalled(session, [stored[place] for place in nearest])

    async def store_turn(self, session: StorySession, turn: int) -> None:
        """Store all messages of a turn. Raises ProviderError."""
        texts = [line.text for line in session.turns[turn].lines()]
        keys = [session.key(turn, place) for place, _ in enumerate(texts)]
        self._in_context.setdefault(session.name, set()).update(keys)
        self._messages.setdefault(session.project, []).extend(
            RecalledEntry(text[:_SHOWN_CHARS], (key,))
            for key, text in zip(keys, texts, strict=True)
        )
        vectors = await self._embedder.embed_passages(texts)
        self._vectors.setdefault(session.project, []).extend(vectors)

    async def store_session(self, session: StorySession) -> None:
        """Store all messages of a session. Raises ProviderError."""
        for turn, _ in enumerate(session.turns):
            await self.store_turn(session, turn)

    async def settle(self) -> None:
        """Return at once: messages can be found as soon as they are stored."""

    def _recalled(self, session: StorySession, entries: Sequence[RecalledEntry]) -> RecalledContext:
        """Return the entries that are not yet in the context of the session."""
        known = self._in_context.setdefault(session.name, set())
        new = tuple(one for one in entries if not known.issuperset(one.keys))
        known.update(key for one in new for key in one.keys)
        return RecalledContext("\n".join(one.text for one in new), new)


@asynccontextmanager
async def plain_memory(settings: Settings, _story: Story) -> AsyncIterator[PlainMemory]:
    """Open a plain store with the configured embedding model. Raises SageError."""
    embedder = open_embedder(settings)
    await embedder.start()
    try:
        yield PlainMemory(embedder)
    finally:
        await embedder.close()
