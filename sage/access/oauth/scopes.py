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
    """Return the known ones of the requested scopes; both scopes if none is known.

    Clients also ask for scopes of other servers, such as `offline_access`.
    """
    asked = (requested or "").split()
    return [scope for scope in SCOPES if scope in asked] or [*SCOPES]


def role_within(role: SpaceRole, scopes: Iterable[str]) -> SpaceRole:
    """Return a role restricted by scopes; nobody manages a space through an app."""
    most = SpaceRole.WRITER if WRITE in scopes else SpaceRole.READER
    return most if role.includes(most) else role
