"""Callers: who they are, what was granted to them, and the space in which they work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.domain.memories import DEFAULT_SPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.domain.provenance import Via

ALL_SPACES = "*"
"""Replaces a name, for all spaces that a caller may read; no space has this name."""


class SpaceRole(StrEnum):
    """What a user may do in a space; each role includes those before it."""

    READER = "reader"
    WRITER = "writer"
    OWNER = "owner"

    def includes(self, other: SpaceRole) -> bool:
        """Return whether this role may do what the other may."""
        order = tuple(SpaceRole)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that saves and searches in one space; `author` is stored with what they save.

    `via` is the interface that they use. `spaces` are the names, by id, of all spaces to search,
    where there are several.
    """

    space_id: str = DEFAULT_SPACE
    author: str | None = None
    via: Via | None = None
    spaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """A space that a caller may open, by name, and their role in it."""

    space_id: str
    space: str
    role: SpaceRole
    within_reach: SpaceRole | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller: the spaces that they may open, the default one first.

    An `admin` may also see the state of the whole server, and with `all_spaces` the grants cover
    every space. `token` is the name of their token, None without one, and `user` the name of its
    owner. A token that is `of_machine` allows hooks and imports only.
    """

    grants: tuple[Grant, ...] = ()
    author: str | None = None
    admin: bool = False
    token: str | None = None
    user: str | None = None
    all_spaces: bool = False
    of_machine: bool = False

    @property
    def manages_all(self) -> bool:
        """Whether they manage every space, user and token: by SAGE_TOKEN, or over the Unix socket.

        Where no token is required, anybody on the machine is an `admin`, but manages none of these:
        other spaces are protected by their tokens.
        """
        return self.admin and (self.all_spaces or self.token is not None)


@dataclass(frozen=True, slots=True)
class SpaceManager:
    """A user who manages spaces: those that they own, as names by id, or all.

    `token`, `user` and `author` are those of the user; the owner of the server has no author.
    """

    owned: Mapping[str, str]
    manages_all: bool = False
    token: str | None = None
    user: str | None = None
    author: str | None = None

    def manages(self, space: str) -> bool:
        """Return whether they manage a space, by its name."""
        return self.manages_all or space in self.owned.values()


OWNER_OF_DEFAULT = Principal(
    (Grant(DEFAULT_SPACE, DEFAULT_SPACE, SpaceRole.OWNER),), author=None, admin=True
)
"""Every caller, where no token is required."""
OWNER_BY_TOKEN = replace(OWNER_OF_DEFAULT, token="SAGE_TOKEN")  # noqa: S106 - a name
"""A caller with SAGE_TOKEN."""
