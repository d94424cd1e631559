"""Parse names of spaces, users and tokens, roles in spaces, and lifetimes of tokens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sage.domain.caller import SpaceRole
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from datetime import tzinfo

_MAX_CHARS = 64
_MARKS = "-_."
_LIFETIME = re.compile(r"([1-9]\d{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def validate_name(field: str, name: str) -> str:
    """Check that a name has only letters and digits of any script, `-`, `_` and `.`.

    Raises InvalidInputError.
    """
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


def name_or_placeholder(name: str) -> str:
    """Return a name that a command can be suggested with: NAME in place of an invalid one."""
    try:
        return validate_name("NAME", name)
    except InvalidInputError:
        return "NAME"


def read_opened(text: str, default: str, *, called: str = "--space") -> tuple[str, SpaceRole]:
    """Parse a space and the role in it, such as `team:reader`; `called` is the argument.

    Raises InvalidInputError.
    """
    space, _, role = text.partition(":")
    if role and role not in tuple(SpaceRole):
        raise InvalidInputError(
            called,
            phrase("{field}: {role} is not a role", role=repr(role)[:40]),
            hint=phrase("use {roles}", roles=list(SpaceRole)),
        )
    return space, SpaceRole(role or default)


def read_lifetime(text: str, timezone: tzinfo, *, called: str = "--expires") -> timedelta:
    """Parse the lifetime of a token: `12h`, `90d`, `52w`, or `2027-01-31` for its last day.

    `called` is the argument. Raises InvalidInputError.
    """
    if found := _LIFETIME.fullmatch(text):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    shown = repr(text)[:40]
    try:
        after = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone) + timedelta(days=1)
        left = after.astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):
        problem = phrase("{field}: {text} is not a valid duration or date", text=shown)
    else:
        if left > timedelta(0):
            return left
        problem = phrase("{field}: {text} is in the past", text=shown)
    raise InvalidInputError(
        called,
        problem,
        hint="pass a duration such as 12h, 90d or 52w, or a date such as 2027-01-31",
    )
