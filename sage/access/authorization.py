"""The current principal and what it may do in a space; every access to memories is checked here."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sage.access.audit.event import note_entry
from sage.domain import limits
from sage.domain.caller import ALL_SPACES, Caller, Principal, SpaceManager, SpaceRole
from sage.domain.imports import ImportScope
from sage.errors import ForbiddenError, InvalidInputError, NoSpaceError, ScopeError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.domain.caller import Grant

NOBODY = Principal()
"""A principal who may open nothing."""
ABOUT_THE_SERVER = ForbiddenError(
    "this concerns the whole server; the token only gives access to spaces",
    hint="use SAGE_TOKEN",
)
OF_ANOTHER_ACCOUNT = ForbiddenError(
    "this Sage is for the account that runs it, and the request comes from another one",
    hint="send a token created with `sage token create`; SAGE_TOKEN requires a token of everyone, "
    "SAGE_AUTH=none lets in every account of this machine",
)
SEE_SPACES = phrase("`sage space list` lists all spaces")
_MAX_NAMED = 10


def no_space(name: str | None, there: Sequence[str]) -> NoSpaceError:
    """Return the error for a space that does not exist, for a principal who may open all spaces."""
    hint = phrase("use one of {spaces}; {see_spaces}", spaces=list(there), see_spaces=SEE_SPACES)
    if len(there) > _MAX_NAMED:
        hint = phrase(
            "use one of {spaces} and {more:,} more; {see_spaces}",
            spaces=list(there[:_MAX_NAMED]),
            more=len(there) - _MAX_NAMED,
            see_spaces=SEE_SPACES,
        )
    return NoSpaceError(
        phrase("space {name} does not exist", name=repr(name)[:80]),
        hint=hint,
    )


_principal: ContextVar[Principal] = ContextVar("principal", default=NOBODY)


@contextmanager
def acting_as(principal: Principal) -> Iterator[None]:
    """Make a principal the current one inside the block."""
    token = _principal.set(principal)
    try:
        yield
    finally:
        _principal.reset(token)


def current_principal() -> Principal:
    """Return the current principal; NOBODY, who may open nothing, if none was admitted."""
    return _principal.get()


def current_caller(
    needed: SpaceRole, space: str | None = None, *, takes_all: bool = False
) -> Caller:
    """Return the caller in a space, with at least a role. Raises NotFoundError, ForbiddenError.

    A call that `takes_all` spaces enters all of them for `*`. Raises InvalidInputError if there are
    too many.
    """
    principal = current_principal()
    if takes_all and space == ALL_SPACES:
        caller = enter_all(principal, needed)
    else:
        caller = enter(principal, space, needed)
    note_entry(principal, caller.spaces or {caller.space_id: caller.space_id})
    return caller


def enter(principal: Principal, space: str | None, needed: SpaceRole) -> Caller:
    """Return the caller in a space, or in the default one.

    Raises NoSpaceError, the same for a missing space and for a closed one, and ForbiddenError if
    the role is insufficient.
    """
    grants = principal.grants
    grant = next((one for one in grants if space is None or one.space == space), None)
    if grant is None and principal.all_spaces:  # the name that it was created with
        grant = next((one for one in grants if one.space_id == space), None)
    if grant is None:
        names = [one.space for one in grants]
        if principal.all_spaces:
            raise no_space(space, sorted(names))
        if principal.manages_all:
            raise NoSpaceError(
                phrase(
                    "SAGE_TOKEN does not give access to a space {space}", space=repr(space)[:80]
                ),
                hint=phrase(
                    "it manages all spaces, but reads only {names}; for another space, "
                    "use a token created with `sage token create --space NAME`",
                    names=names,
                ),
            )
        raise NoSpaceError(
            phrase("this token has no access to a space {space}", space=repr(space)[:80]),
            hint=phrase(
                "omit space, or use one that the token gives access to: {names}",
                names=names or "none",
            ),
        )
    if not grant.role.includes(needed):
        raise _refusal(grant, needed)
    return Caller(grant.space_id, principal.author)


def current_importer(space: str | None = None) -> ImportScope:
    """Return which imports in a space the caller may continue, see and undo.

    A writer has access to their own, an owner of the space to all. Raises as `current_caller` does.
    """
    caller = current_caller(SpaceRole.WRITER, space)
    grants = current_principal().grants
    owns = any(one.space_id == caller.space_id and one.role is SpaceRole.OWNER for one in grants)
    return ImportScope(caller.space_id, caller.author, sees_all=owns)


def current_manager() -> SpaceManager:
    """Return the caller, who manages at least one space. Raises ForbiddenError."""
    principal = current_principal()
    owned = {one.space_id: one.space for one in principal.grants if one.role is SpaceRole.OWNER}
    note_entry(principal, {})
    if not owned and not principal.manages_all:
        raise ForbiddenError(
            "this requires the role owner in a space; the token has it in none",
            hint="use the token of an owner, or SAGE_TOKEN",
        )
    return SpaceManager(
        owned, principal.manages_all, principal.token, principal.user, principal.author
    )


def require_all(manager: SpaceManager) -> None:
    """Raise ForbiddenError unless the manager may manage every space, user and token."""
    if not manager.manages_all:
        raise ForbiddenError(
            "only the administrator of the server can do this",
            hint="use SAGE_TOKEN, or the command line on the machine that runs Sage",
        )


def require_admin() -> None:
    """Raise ForbiddenError unless the caller may see the state of the whole server."""
    principal = current_principal()
    note_entry(principal, {})
    if not principal.admin:
        raise ABOUT_THE_SERVER


def enter_all(principal: Principal, needed: SpaceRole) -> Caller:
    """Return the caller in every space in which the role is sufficient.

    Raises InvalidInputError for too many spaces, else as `enter` does.
    """
    readable = {one.space_id: one.space for one in principal.grants if one.role.includes(needed)}
    if len(readable) < 2:  # noqa: PLR2004 - a single space needs no label
        return enter(principal, next(iter(readable.values()), None), needed)
    if len(readable) > limits.MAX_SPACES_SEARCHED:
        raise InvalidInputError(
            "space",
            phrase(
                "{field}: {name} means {count:,} spaces; at most {most} can be searched at once",
                name=repr(ALL_SPACES),
                count=len(readable),
                most=limits.MAX_SPACES_SEARCHED,
            ),
            hint="pass one space",
        )
    return Caller(next(iter(readable)), principal.author, spaces=readable)


def _refusal(grant: Grant, needed: SpaceRole) -> ForbiddenError:
    """Return the error that says why the role in a space is insufficient."""
    if grant.within_reach is not None and grant.within_reach.includes(needed):
        return ScopeError(
            phrase(
                "this app was granted the role {role} only; this requires the role {needed}",
                role=grant.role,
                needed=needed,
            ),
            hint="connect the app again, and allow it to save and forget memories",
        )
    return ForbiddenError(
        phrase(
            "this requires the role {needed} in the space {space}; the token has the role {role}",
            needed=needed,
            space=repr(grant.space),
            role=grant.role,
        ),
        hint="use a token with that role; `sage token create` creates one",
    )
