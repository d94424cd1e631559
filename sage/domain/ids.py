"""Identifiers of memories and sessions."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_memory_id() -> UUID:
    """Return a UUID of version 7 (RFC 9562, section 5.7): Unix milliseconds, then random bits.

    Later ids sort later, so that the index of the primary key grows at one end.
    """
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def new_session_id() -> str:
    """Return a session id for a conversation saved without one."""
    return str(new_memory_id())
