"""Messages that are saved and captured, and what is stored of what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from sage.access.audit.log import AuditLog
from sage.config.settings import AuditSettings
from sage.domain.masking import MaskingPolicy
from sage.domain.memories import Message, Role, SaveRequest
from sage.domain.message_class import MessageClass
from sage.domain.transfer import TransferredMemory
from sage.service.capture import CaptureService
from sage.service.classifier import Classifier
from sage.service.save_threads import SaveThreads

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
STORED = """
SELECT asked.content, class, reply.content AS reply, EXISTS (
    SELECT FROM sage.embedding_queue AS waiting
    WHERE waiting.space_id = asked.space_id AND waiting.memory_id = asked.memory_id
) AS is_queued
FROM sage.memories AS asked
LEFT JOIN sage.memory_classes USING (space_id, memory_id)
LEFT JOIN LATERAL (
    SELECT content FROM sage.memories AS reply
    WHERE reply.space_id = asked.space_id AND reply.memory_id = reply_id
) AS reply ON true
ORDER BY asked.session_id, asked.created_at, asked.arrival
"""


@pytest.fixture
def stored(rig):
    """Return each message that is kept: what it says, its class, what answers it, is it queued."""

    async def read():
        async with rig.database.across_spaces() as conn:
            rows = await conn.fetch(STORED)
        return [
            (
                row["content"],
                None if row["class"] is None else str(MessageClass.of_code(row["class"])),
                row["reply"],
                row["is_queued"],
            )
            for row in rows
        ]

    return read


@pytest.fixture
def say(rig):
    """Save messages, "user: text" or "assistant: text", into a session."""

    async def save(*lines, session_id="talk", **rest):
        messages = tuple(Message.validate(*line.split(": ", 1)) for line in lines)
        return await rig.memory.save(SaveRequest(messages, session_id, **rest))

    return save


@pytest.fixture
def capture(rig):
    """Capture messages of a client's session as a hook does, one call for all."""
    service = CaptureService(
        rig.schema_gate,
        rig.indexer,
        audit=AuditLog(rig.database, AuditSettings()),
        masking=MaskingPolicy(),
        threads=SaveThreads(),
    )

    async def keep(*lines):
        return await service.capture("codex", transcript(*lines))

    return keep


def transcript(*lines, session_id="codex:one"):
    """Return memories of lines such as "12:01 user: text"."""
    memories = []
    for line in lines:
        clock, said = line.split(" ", 1)
        role, content = said.split(": ", 1)
        hour, minute = map(int, clock.split(":"))
        memories.append(
            TransferredMemory(
                "default",
                uuid4(),
                session_id,
                Message(Role(role), content, None, NOON.replace(hour=hour, minute=minute)),
                {"source": "codex"},
            )
        )
    return memories


@pytest.fixture
def classifier(rig):
    return Classifier(rig.database, rig.indexer.activity)
