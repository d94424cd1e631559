"""Identifiers of memories and sessions: new ones, and their short forms."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.text.columns import columns_of
from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIGITS = 8
_MIN_DIGITS = 4
_WHOLE_DIGITS = 32
_PART = re.compile("[0-9a-f-]+", re.IGNORECASE)
_MAX_SESSION_COLUMNS = 24
MIN_SESSION_CHARS = 16
"""Sessions with shorter ids, after the name of a client, cannot be named by a part of the id."""


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
    """Return a session id for a conversation that is saved without one."""
    return str(new_memory_id())


def short_id(memory_id: UUID) -> str:
    """Return the last 8 hexadecimal digits, which are random: two in 100,000 rarely share them."""
    return memory_id.hex[-_DIGITS:]


def short_session(session_id: str) -> str:
    """Return the id of a session if it is short, else its last 8 characters."""
    return session_id if columns_of(session_id) <= _MAX_SESSION_COLUMNS else session_id[-_DIGITS:]


def named_id(field: str, given: str) -> UUID | str:
    """Return a whole id, or the lower-case digits of a part of one. Raises InvalidInputError."""
    return _part(given) or validate_id(field, given)


def split_ids(field: str, given: Sequence[str]) -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    """Divide ids into whole ones and the digits of parts of others. Raises InvalidInputError."""
    whole = tuple(
        validate_id(f"{field}[{number}]", one) for number, one in enumerate(given) if not _part(one)
    )
    return whole, tuple(filter(None, map(_part, given)))


def is_part(given: str) -> bool:
    """Return whether a text may be the id of a memory, or a part of one."""
    return bool(_part(given)) or len(given.replace("-", "")) == _WHOLE_DIGITS


def bounds_of(part: str) -> tuple[UUID, UUID]:
    """Return the first and the last id that begin with these digits."""
    return UUID(part.ljust(_WHOLE_DIGITS, "0")), UUID(part.ljust(_WHOLE_DIGITS, "f"))


def may_name_session(given: str) -> bool:
    """Return whether a text may be a part of a session id: it has four characters at least."""
    return len(given) >= _MIN_DIGITS


def _part(given: str) -> str:
    """Return the digits of a part of an id, its beginning or its end; empty for none."""
    digits = given.replace("-", "").lower()
    is_part = _PART.fullmatch(given) and _MIN_DIGITS <= len(digits) < _WHOLE_DIGITS
    return digits if is_part else ""
