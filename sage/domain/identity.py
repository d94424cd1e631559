"""Names Sage gives."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_memory_id() -> UUID:
    """Make a UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then chance.

    Ids made later sort later, so that the primary key's index grows at one end.
    """
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def new_session_id() -> str:
    """Make a session id for a conversation that came without one."""
    return str(new_memory_id())
