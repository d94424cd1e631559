"""The paths of pages, and of messages in their conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from sage.domain.memories import MemoryRecord

SESSIONS = "/sessions"
CAPTURE = "/capture"
CONNECT = "/connect"
GIVEN = "/given"
IMPORTS = "/connect/imports"
SYSTEM = "/system"
ACCESS = "/system/access"
AUDIT = "/system/audit"
TIDY = "/tidy"
FORGOTTEN = "/forgotten"
FORMS = (ACCESS, GIVEN, IMPORTS, TIDY, FORGOTTEN)
"""Pages with forms, which are sent to paths below them."""


def session_path(session_id: str) -> str:
    """Return the path of a conversation."""
    return f"{SESSIONS}/{quote(session_id, safe='')}"


def place_of(memory: MemoryRecord) -> str:
    """Return the path of a message in its conversation, which scrolls to it."""
    return f"{session_path(memory.session_id)}?hit={memory.memory_id}#m{memory.memory_id}"
