"""Spaces, users and tokens as rows of a table; `clock` writes a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sage.domain.text.wording import counted
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sage.access.accounts.spaces import Space
    from sage.access.accounts.tokens import Token
    from sage.access.accounts.users import User

    Clock: TypeAlias = Callable[[datetime | None], str]

SPACES = ("space", "memories", "tokens", "created", "kept", "masked")
TOKENS = ("token", "user", "prefix or app", "opens", "expires", "last used")
USERS = ("user", "tokens", "last used", "added")


def space_row(one: Space, clock: Clock) -> Sequence[str]:
    """Return what stands below the heading `SPACES`."""
    return (
        one.name,
        f"{one.memories:,}",
        f"{one.tokens:,}",
        clock(one.created_at),
        phrase("always")
        if one.retention_days is None
        else counted(one.retention_days, "day", "days"),
        one.masking,
    )


def token_row(one: Token, clock: Clock) -> Sequence[str]:
    """Return what stands below the heading `TOKENS`."""
    return (
        one.name,
        one.user_name or "-",
        one.prefix,
        joined(", ", _opened(one)),
        phrase("expired") if one.is_expired else clock(one.expires_at),
        clock(one.last_used_at),
    )


def _opened(one: Token) -> Sequence[str]:
    if not one.of_machine:
        return one.opens
    return [phrase("{space} (hooks and imports)", space=space) for space in sorted(one.spaces)]


def user_row(one: User, clock: Clock) -> Sequence[str]:
    """Return what stands below the heading `USERS`."""
    return one.name, f"{one.tokens:,}", clock(one.last_used_at), clock(one.created_at)
