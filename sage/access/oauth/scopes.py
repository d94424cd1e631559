"""Scopes: what an app may do with memories, at most what the token of its user may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.caller import SpaceRole

if TYPE_CHECKING:
    from collections.abc import Iterable

READ = "memory:read"
WRITE = "memory:write"
SCOPES = (READ, WRITE)


def known_scopes(requested: str | None) -> list[str]:
    """Return those of the requested scopes that there are; both where none is among them.

    Clients ask for scopes of other servers, too, such as `offline_access`.
    """
    asked = (requested or "").split()
    return [scope for scope in SCOPES if scope in asked] or [*SCOPES]


def role_within(role: SpaceRole, scopes: Iterable[str]) -> SpaceRole:
    """Return the role that is left of one within scopes; nobody manages a space through an app."""
    most = SpaceRole.WRITER if WRITE in scopes else SpaceRole.READER
    return most if role.includes(most) else role
