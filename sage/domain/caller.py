"""Who asks, what they may do, and in which space."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import ForbiddenError, InvalidInputError, NoSpaceError, ScopeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.provenance import Via

ALL_SPACES = "*"
"""Stands in the place of a name for all spaces that somebody may read; none is called so."""


SEE_SPACES = "`sage space list` shows all"
_MOST_NAMED = 10


def no_space(name: str | None, there: Sequence[str]) -> NoSpaceError:
    """Return the error for a space that does not exist, for somebody who may open all of them."""
    more = f" and {len(there) - _MOST_NAMED:,} more" if len(there) > _MOST_NAMED else ""
    return NoSpaceError(
        f"there is no space {name!r:.80}",
        hint=f"use one of {', '.join(there[:_MOST_NAMED])}{more}; {SEE_SPACES}",
    )


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

    def refusal(self, needed: SpaceRole) -> ForbiddenError:
        """Return why the role does not suffice."""
        if self.within_reach is not None and self.within_reach.includes(needed):
            return ScopeError(
                f"this app was allowed the role {self.role} only; this takes the role {needed}",
                hint="connect the app again, and allow it to save and forget memories",
            )
        return ForbiddenError(
            f"this takes the role {needed} in the space {self.space!r}; the token has the role"
            f" {self.role}",
            hint="use a token with that role; `sage token create` makes one",
        )


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was let in: what they may open, the default space first.

    An `admin` may also see what is about the whole server, and with `all_spaces` the grants are for
    every space there is. `token` is the name of what they showed, None where they showed nothing,
    and `user` that of whom it belongs to.
    """

    grants: tuple[Grant, ...] = ()
    author: str | None = None
    admin: bool = False
    token: str | None = None
    user: str | None = None
    all_spaces: bool = False

    def enter(self, space: str | None, needed: SpaceRole) -> Caller:
        """Return the caller in a space, or in the default one.

        Raises NoSpaceError, the same for a space that does not exist and one that is closed, and
        ForbiddenError where the role does not suffice.
        """
        grant = next((one for one in self.grants if space is None or one.space == space), None)
        if grant is None and self.all_spaces:  # the name that it was created with
            grant = next((one for one in self.grants if one.space_id == space), None)
        if grant is None:
            names = [one.space for one in self.grants]
            if self.all_spaces:
                raise no_space(space, sorted(names))
            raise NoSpaceError(
                f"there is no space {space!r:.80} for this token",
                hint="leave space out, or use one that the token opens: "
                + (", ".join(names) or "none"),
            )
        if not grant.role.includes(needed):
            raise grant.refusal(needed)
        return Caller(grant.space_id, self.author)

    def enter_all(self, needed: SpaceRole) -> Caller:
        """Return the caller in every space where the role suffices.

        Raises InvalidInputError for too many spaces, else as `enter` does.
        """
        readable = {one.space_id: one.space for one in self.grants if one.role.includes(needed)}
        if len(readable) < 2:  # noqa: PLR2004 - of one there is nothing to tell apart
            return self.enter(next(iter(readable.values()), None), needed)
        if len(readable) > limits.MAX_SPACES_SEARCHED:
            raise InvalidInputError(
                "space",
                f"{ALL_SPACES!r} stands for {len(readable):,} spaces;"
                f" {limits.MAX_SPACES_SEARCHED} can be looked through at once",
                hint="name one space",
            )
        return Caller(next(iter(readable)), self.author, spaces=readable)


OWNER_OF_DEFAULT = Principal(
    (Grant(DEFAULT_SPACE, DEFAULT_SPACE, SpaceRole.OWNER),), author=None, admin=True
)
"""Everybody where no token is required."""
OWNER_BY_TOKEN = replace(OWNER_OF_DEFAULT, token="SAGE_TOKEN")  # noqa: S106 - a name
"""Whoever shows SAGE_TOKEN."""
