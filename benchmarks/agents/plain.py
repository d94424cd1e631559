"""A plain store of messages, as many memories are: what is nearest by meaning comes back.

It is what others are compared with, and how an adapter for another memory looks.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np

from sage.cli.benchmark.agents.memory import Handed, RecalledPart
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
    """Keeps every message with its vector; a session begins with the latest of its project."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._said: dict[str, list[RecalledPart]] = {}
        self._vectors: dict[str, list[Vectors]] = {}
        self._in_context: dict[str, set[str]] = {}

    async def begin(self, session: StorySession) -> Handed:
        """Return the latest messages of the project."""
        return self._handed(session, self._said.get(session.project, [])[-_LATEST:])

    async def ask(self, session: StorySession, turn: int) -> Handed:
        """Return the messages of the project that are nearest to a prompt. Raises ProviderError."""
        said = self._said.get(session.project)
        if not said:
            return self._handed(session, ())
        question = await self._embedder.embed_query(session.turns[turn].prompt.text)
        likeness = np.array(self._vectors[session.project]) @ question
        nearest = np.argsort(-likeness)[:_NEAREST]
        return self._handed(session, [said[place] for place in nearest])

    async def keep(self, session: StorySession, turn: int) -> None:
        """Keep all messages of a turn. Raises ProviderError."""
        texts = [line.text for line in session.turns[turn].lines()]
        keys = [session.key(turn, place) for place, _ in enumerate(texts)]
        self._in_context.setdefault(session.name, set()).update(keys)
        self._said.setdefault(session.project, []).extend(
            RecalledPart(text[:_SHOWN_CHARS], (key,)) for key, text in zip(keys, texts, strict=True)
        )
        vectors = await self._embedder.embed_passages(texts)
        self._vectors.setdefault(session.project, []).extend(vectors)

    async def keep_all(self, session: StorySession) -> None:
        """Keep all messages of a session. Raises ProviderError."""
        for turn, _ in enumerate(session.turns):
            await self.keep(session, turn)

    async def settle(self) -> None:
        """Everything can be found as soon as it is kept."""

    def _handed(self, session: StorySession, entries: Sequence[RecalledPart]) -> Handed:
        """Hand out what is not in the context of the session already."""
        known = self._in_context.setdefault(session.name, set())
        new = tuple(one for one in entries if not known.issuperset(one.keys))
        known.update(key for one in new for key in one.keys)
        return Handed("\n".join(one.text for one in new), new)


@asynccontextmanager
async def plain_memory(settings: Settings, _story: Story) -> AsyncIterator[PlainMemory]:
    """Open a plain store with the configured embedding model. Raises SageError."""
    embedder = open_embedder(settings)
    await embedder.start()
    try:
        yield PlainMemory(embedder)
    finally:
        await embedder.close()
