"""The last digits of a memory's id: short enough for a text that a model reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.domain.validation import validate_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

_DIGITS = 8
_SHORT_ID = re.compile(rf"[0-9a-f]{{{_DIGITS}}}", re.IGNORECASE)


def short_id(memory_id: UUID) -> str:
    """Return the last 8 hexadecimal digits, which are random: two in 100,000 rarely share them."""
    return memory_id.hex[-_DIGITS:]


def named_id(field: str, given: str) -> UUID | str:
    """Return a whole id, or a short one in lower case. Raises InvalidInputError."""
    return given.lower() if _SHORT_ID.fullmatch(given) else validate_id(field, given)


def split_ids(field: str, given: Sequence[str]) -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    """Return the ids given whole, and those given short. Raises InvalidInputError."""
    whole = tuple(
        validate_id(f"{field}[{number}]", one)
        for number, one in enumerate(given)
        if not _SHORT_ID.fullmatch(one)
    )
    return whole, tuple(one.lower() for one in given if _SHORT_ID.fullmatch(one))
