"""Conversations for tests of the store, with as little said as a test needs."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sage.domain.memories import DEFAULT_SPACE, Role
from sage.store import memories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.store.memories import NewMemory, SaveOutcome
    from sage.store.pool import Database

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)


def message(content: str = "green tea", created_at: datetime = NOON, **rest: object) -> NewMemory:
    """Make a message whose lexemes are its words."""
    fields: dict[str, object] = {
        "memory_id": uuid4(),
        "role": Role.USER,
        "name": None,
        "content": content,
        "created_at": created_at,
        "lexemes": " ".join(map(_quoted, set(content.split()))),
        **rest,
    }
    return memories.NewMemory(**fields)


async def save(
    database: Database,
    rows: Sequence[NewMemory],
    session_id: str = "tea",
    **rest: object,
) -> SaveOutcome:
    """Save messages; each call is a save of its own unless it brings a `retry_key`."""
    fields: dict[str, object] = {
        "space_id": DEFAULT_SPACE,
        "metadata": {},
        "retry_key": secrets.token_hex(16),
        "body_digest": b"digest",
        "lasting": False,
        **rest,
    }
    return await memories.save_conversation(database, session_id=session_id, rows=rows, **fields)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
