"""What a token opens and for how long, as people write it."""

from __future__ import annotations

import re
from datetime import timedelta

from sage.domain.caller import SpaceRole
from sage.errors import InvalidInputError

_LIFETIME = re.compile(r"([1-9]\d{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def read_opened(text: str, default: str) -> tuple[str, SpaceRole]:
    """Read a space and the role in it: `team:reader`. Raises InvalidInputError."""
    space, _, role = text.partition(":")
    if role and role not in tuple(SpaceRole):
        raise InvalidInputError(
            "--space", f"{role!r:.40} is no role", hint=f"use {', '.join(SpaceRole)}"
        )
    return space, SpaceRole(role or default)


def read_lifetime(text: str) -> timedelta:
    """Read how long a token is valid: `12h`, `90d`, `52w`. Raises InvalidInputError."""
    found = _LIFETIME.fullmatch(text)
    if found is None:
        raise InvalidInputError(
            "--expires", f"{text!r:.40} is no length of time", hint="pass 12h, 90d or 52w"
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
