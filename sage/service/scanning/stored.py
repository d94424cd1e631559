"""Find the secrets in stored memories, and mask them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.domain.masking import Masking
from sage.domain.memories import Role
from sage.retrieval.preferences.keys import lexemes_of
from sage.service.scanning.texts import pages_of_texts, replace_texts
from sage.store.reembedding import reembedding_lock

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection, Mapping, Sequence
    from uuid import UUID

    from sage.service.scanning.texts import StoredText
    from sage.store.connections.pool import Database


@dataclass(frozen=True, slots=True)
class ScanFinding:
    """A memory with secrets, and the number of secrets of each kind."""

    space_id: str
    memory_id: UUID
    kinds: Mapping[str, int]


async def find_secrets(
    database: Database,
    advance: Callable[[int], None],
    *,
    known: Collection[str] = (),
    space_id: str | None = None,
    mask: bool,
) -> list[ScanFinding]:
    """Find every memory with secrets, also forgotten ones, and `mask` them, page by page.

    Scans all spaces unless one is named; `known` are secrets that no pattern recognizes. `advance`
    receives the number of memories scanned. Masked memories stay masked if this is stopped. Raises
    SageError while `sage reembed` is running, which could restore vectors of the old texts.
    """
    found: list[ScanFinding] = []
    async with AsyncExitStack() as stack:
        if mask:
            await stack.enter_async_context(reembedding_lock(database))
        async for page in pages_of_texts(database, space_id):
            pairs = await asyncio.to_thread(_masked, page, known)
            if mask and pairs:
                texts = [text for text, _ in pairs]
                await replace_texts(database, texts, await asyncio.to_thread(_lexemes, texts))
            found += [ScanFinding(text.space_id, text.memory_id, kinds) for text, kinds in pairs]
            advance(len(page))
    return found


def _masked(
    page: Sequence[StoredText], known: Collection[str]
) -> list[tuple[StoredText, Counter[str]]]:
    """Return the memories with secrets, masked, and the number of secrets of each kind."""
    pairs = []
    for text in page:
        masking = Masking(known)
        content, metadata = masking.text(text.content), masking.metadata(text.metadata)
        if masking.kinds:
            pairs.append((replace(text, content=content, metadata=metadata), masking.kinds))
    return pairs


def _lexemes(texts: Sequence[StoredText]) -> list[str]:
    return [lexemes_of(text.content, text.name, text.created_at, Role(text.role)) for text in texts]
