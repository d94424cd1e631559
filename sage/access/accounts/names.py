"""The names of spaces, users and tokens."""

from __future__ import annotations

from sage.errors import InvalidInputError

_MAX_CHARS = 64
_MARKS = "-_."


def validate_name(field: str, name: str) -> str:
    """Accept letters and digits of any script, `-`, `_` and `.`. Raises InvalidInputError."""
    if not 1 <= len(name) <= _MAX_CHARS:
        raise InvalidInputError(
            field, f"has {len(name):,} characters", hint=f"use 1 to {_MAX_CHARS}"
        )
    if not all(char.isalnum() or char in _MARKS for char in name):
        possible = "".join(char if char.isalnum() or char in _MARKS else "-" for char in name)
        raise InvalidInputError(
            field,
            f"cannot be {name!r:.80}: names have letters, digits, `-`, `_` and `.`",
            hint=f"use {possible}",
        )
    return name
