"""Distinguishes a save that was sent twice from a message that was said twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.domain.memories import SaveRequest


@dataclass(frozen=True, slots=True)
class RetryIdentity:
    """The key under which the answer to a save is stored, the body, and whether it never expires.

    With an idempotency key the first answer never expires and a different body is rejected. Without
    one, equal messages in the same session count as a retry within `limits.RETRY_WINDOW_S`.
    """

    retry_key: str
    body_digest: bytes
    lasting: bool


def retry_identity(request: SaveRequest) -> RetryIdentity:
    """Derive the identity of a save from its body alone."""
    messages = [
        [m.role, m.name, m.content, None if m.created_at is None else m.created_at.isoformat()]
        for m in request.messages
    ]
    replaced = sorted([*map(str, request.replaces), *request.replaces_short])
    # Only if memories are replaced: the digests of other saves must not change.
    more = [replaced] if replaced else []
    said = _digest([request.session_id, messages, *more])
    if request.idempotency_key is None:
        return RetryIdentity(f"same:{said.hex()}", said, lasting=False)
    body = _digest([request.session_id, messages, request.metadata, *more])
    return RetryIdentity(f"key:{request.idempotency_key}", body, lasting=True)


def _digest(body: object) -> bytes:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
