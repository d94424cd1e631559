"""Conversations for tests of the store, with as little said as a test needs."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sage.domain.memories import DEFAULT_SPACE, Memory, Role
from sage.domain.retries import RetryIdentity
from sage.store import memories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.memories import SaveReceipt
    from sage.store.connections.pool import Database
    from sage.store.memories import NewMemory

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)


def message(
    content: str = "green tea",
    created_at: datetime = NOON,
    name: str | None = None,
    lexemes: str | None = None,
) -> NewMemory:
    """Make a message whose lexemes are its words."""
    memory = Memory(uuid4(), "", Role.USER, name, content, created_at)
    words = " ".join(map(_quoted, set(content.split())))
    return memories.NewMemory(memory, words if lexemes is None else lexemes)


async def save(  # noqa: PLR0913 - a save of its own in all that a test does not name
    database: Database,
    new: Sequence[NewMemory],
    session_id: str = "tea",
    *,
    space_id: str = DEFAULT_SPACE,
    metadata: Mapping[str, object] | None = None,
    retry_key: str | None = None,
    body_digest: bytes = b"digest",
    lasting: bool = False,
) -> SaveReceipt:
    """Save messages into a session; each call is a save of its own unless it has a `retry_key`."""
    of_session = [
        replace(one, memory=replace(one.memory, session_id=session_id, metadata=metadata or {}))
        for one in new
    ]
    identity = RetryIdentity(retry_key or secrets.token_hex(16), body_digest, lasting)
    return await memories.save_conversation(database, space_id, of_session, identity)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
