"""Who asks, what was granted to them, and in which space they work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.domain.memories import DEFAULT_SPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.domain.provenance import Via

ALL_SPACES = "*"
"""Stands in the place of a name for all spaces that somebody may read; none is called so."""


class SpaceRole(StrEnum):
    """What somebody may do in a space; each role includes those before it."""

    READER = "reader"
    WRITER = "writer"
    OWNER = "owner"

    def includes(self, other: SpaceRole) -> bool:
        """Return whether this role may do what the other may."""
        order = tuple(SpaceRole)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who saves and searches in one space; `author` is the name that is saved with it.

    `via` is the door they came by. `spaces` are the names by id of all spaces to look through,
    where there are several.
    """

    space_id: str = DEFAULT_SPACE
    author: str | None = None
    via: Via | None = None
    spaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """A space that somebody may open, by its name, and their role in it.

    `within_reach` is the role that an app would have if its user allowed it all scopes.
    """

    space_id: str
    space: str
    role: SpaceRole
    within_reach: SpaceRole | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was let in: what they may open, the default space first.

    An `admin` may also see what is about the whole server, and with `all_spaces` the grants are for
    every space there is. `token` is the name of what they showed, None where they showed nothing,
    and `user` that of whom it belongs to. One that is `of_machine` is for hooks and imports alone.
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
        """Whether they manage every space, user and token: by SAGE_TOKEN, or the Unix socket.

        Where no token is required, anybody on the machine is an `admin`, and this is not theirs:
        the tokens of other spaces keep these from them.
        """
        return self.admin and (self.all_spaces or self.token is not None)


@dataclass(frozen=True, slots=True)
class SpaceManager:
    """Somebody who manages spaces: those they own, by id with their names, or all.

    `token`, `user` and `author` are theirs; the owner of the server has no author.
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
"""Everybody where no token is required."""
OWNER_BY_TOKEN = replace(OWNER_OF_DEFAULT, token="SAGE_TOKEN")  # noqa: S106 - a name
"""Whoever shows SAGE_TOKEN."""
