"""The names of spaces, users and tokens."""

from __future__ import annotations

from sage.errors import InvalidInputError
from sage.phrases import phrase

_MAX_CHARS = 64
_MARKS = "-_."


def validate_name(field: str, name: str) -> str:
    """Accept letters and digits of any script, `-`, `_` and `.`. Raises InvalidInputError."""
    if not 1 <= len(name) <= _MAX_CHARS:
        raise InvalidInputError(
            field,
            phrase("{field} is {count:,} characters long", count=len(name)),
            hint=phrase("use 1 to {most}", most=_MAX_CHARS),
        )
    if not all(char.isalnum() or char in _MARKS for char in name):
        possible = "".join(char if char.isalnum() or char in _MARKS else "-" for char in name)
        raise InvalidInputError(
            field,
            phrase(
                "{field} cannot be {name}: names consist of letters, digits, `-`, `_` and `.`",
                name=repr(name)[:80],
            ),
            hint=phrase("use {possible}", possible=possible),
        )
    return name
