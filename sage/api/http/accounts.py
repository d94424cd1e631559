"""Routes to manage, audit and erase spaces, users, tokens and apps."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - FastAPI reads the annotation
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Path, Query

from sage.access.accounts.spaces import Space
from sage.access.accounts.tokens import Token
from sage.access.accounts.users import User
from sage.access.audit.event import note_ids
from sage.access.authorization import current_manager
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    ConfirmArguments,
    ErasedAuthorArguments,
    EventArguments,
    NameArguments,
    SpaceChangeArguments,
    SpacesArguments,
    TokenArguments,
)
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.domain.accounts import (
    App,
    Erasable,
    Erasure,
    Revoked,
    ShownToken,
)
from sage.domain.answer import Answer, doc
from sage.domain.audited import EventPage  # noqa: TC001 - FastAPI reads the annotation
from sage.operations.erasing import (
    erase_managed,
    preview_erasure,
    read_managed_receipt,
)
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from sage.domain.caller import SpaceManager

_REFUSED = {
    **PROBLEMS,
    403: {**PROBLEMS[403], "description": "This is for owners of the space, or for SAGE_TOKEN"},
    404: {**PROBLEMS[404], "description": "There is no such thing, or none that you manage"},
}
_AUDIT: dict[int | str, dict[str, Any]] = {status: PROBLEMS[status] for status in (403, 404)}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {**PROBLEMS[404], "description": "The name is taken"}
}
_TOKEN = {"opens": ["team:reader"], "name": "dashboard", "expires": "90d"}
_Space = Annotated[str, Path(description="The name of the space, as it is listed.")]
_Author = Annotated[str, Path(description="The author, as memories have it: a user, or a token.")]
_Within = Annotated[
    str | None, Query(description="Only in this space. Left out, in all; that takes SAGE_TOKEN.")
]
_Name = Annotated[str, Path(description="Its name, as it is listed.")]

router = APIRouter(prefix="/api/v1", tags=["access"], responses=_REFUSED)


@dataclass(frozen=True, slots=True)
class SpaceList(Answer):
    """The spaces that the caller manages."""

    spaces: tuple[Space, ...] = field(metadata=doc("The spaces, by name."))


@dataclass(frozen=True, slots=True)
class UserList(Answer):
    """All users."""

    users: tuple[User, ...] = field(metadata=doc("The users, by name."))


@dataclass(frozen=True, slots=True)
class TokenList(Answer):
    """The tokens that open a space that the caller manages."""

    tokens: tuple[Token, ...] = field(
        metadata=doc("The tokens, by name, each with those of its spaces that the caller manages.")
    )


@dataclass(frozen=True, slots=True)
class AppList(Answer):
    """The apps that open a space that the caller manages."""

    apps: tuple[App, ...] = field(metadata=doc("The apps, the latest first."))


def _manager_of(name: str) -> SpaceManager:
    """Return the caller, who manages something, and record the subject of the call."""
    note_ids([name])
    return current_manager()


@router.get("/spaces")
async def list_spaces(
    services: Opened, arguments: Annotated[SpacesArguments, Query()]
) -> SpaceList:
    """List the spaces that you manage, with how much each holds."""
    listed = await services.accounts.list_spaces(
        current_manager(), find=arguments.find, most=arguments.limit
    )
    return SpaceList(tuple(listed))


@router.post("/spaces", responses=_TAKEN)
async def create_space(
    services: Opened, arguments: Annotated[NameArguments, Body(examples=[{"name": "team"}])]
) -> Space:
    """Create an empty space; it takes SAGE_TOKEN."""
    return await services.accounts.create_space(current_manager(), arguments.name)


@router.get("/spaces/{name}")
async def read_space(services: Opened, name: _Name) -> Space:
    """Read how a space is set up, and how much it holds."""
    return await services.space_settings.read(_manager_of(name), name)


@router.patch("/spaces/{name}", responses=_TAKEN)
async def change_space(
    services: Opened,
    name: _Name,
    arguments: Annotated[SpaceChangeArguments, Body(examples=[{"retention": "365d"}])],
) -> Space:
    """Change for how long a space keeps memories, whether it masks secrets, or its name.

    Where memories are older than the new retention, which deletes them for good, pass `confirm`.
    """
    return await services.space_settings.change(_manager_of(name), name, arguments.to_change())


@router.get("/users")
async def list_users(services: Opened) -> UserList:
    """List the users; it takes SAGE_TOKEN."""
    return UserList(tuple(await services.accounts.list_users(current_manager())))


@router.post("/users", responses=_TAKEN)
async def add_user(
    services: Opened, arguments: Annotated[NameArguments, Body(examples=[{"name": "anna"}])]
) -> User:
    """Add a user, to create tokens for; it takes SAGE_TOKEN."""
    return await services.accounts.add_user(current_manager(), arguments.name)


@router.delete("/users/{name}")
async def remove_user(services: Opened, name: _Name) -> Revoked:
    """Remove a user and revoke all their tokens; what they saved stays. It takes SAGE_TOKEN."""
    return await services.accounts.remove_user(_manager_of(name), name)


@router.get("/tokens")
async def list_tokens(services: Opened) -> TokenList:
    """List the tokens that open a space that you manage, without their secrets."""
    return TokenList(tuple(await services.token_accounts.list_tokens(current_manager())))


@router.post("/tokens", responses=_TAKEN)
async def create_token(
    services: Opened, arguments: Annotated[TokenArguments, Body(examples=[_TOKEN])]
) -> ShownToken:
    """Create a token that opens spaces that you manage, and return its secret, once.

    It belongs to nobody or to your own user, and ends no later than your token, unless you show
    SAGE_TOKEN.
    """
    return await services.token_accounts.create_token(current_manager(), arguments.to_request())


@router.delete("/tokens/{name}")
async def revoke_token(services: Opened, name: _Name) -> Revoked:
    """Revoke a token, from its next request on.

    One that opens spaces of others, too, goes on to open those.
    """
    return await services.token_accounts.revoke_token(_manager_of(name), name)


@router.post("/tokens/{name}/rotate")
async def rotate_token(services: Opened, name: _Name) -> ShownToken:
    """Replace the secret of a token and return the new one, once; the old one is refused at once.

    A token that expires starts its full lifetime again.
    """
    return await services.token_accounts.rotate_token(_manager_of(name), name)


@router.get("/apps")
async def list_apps(services: Opened) -> AppList:
    """List the apps that were let in by OAuth, the latest first."""
    return AppList(tuple(await services.token_accounts.list_apps(current_manager())))


@router.delete("/apps/{name}")
async def revoke_app(services: Opened, name: _Name) -> Revoked:
    """End what an app was allowed, from its next request on."""
    return await services.token_accounts.revoke_app(_manager_of(name), name)


@router.get("/spaces/{name}/erasure")
async def preview_erasure_of_space(services: Opened, name: _Space) -> Erasable:
    """Read what would be gone if a space were erased."""
    note_ids([name])
    return await preview_erasure(services.database, current_manager(), ErasureTarget(name))


@router.delete("/spaces/{name}")
async def erase_space(
    services: Opened, name: _Space, arguments: Annotated[ConfirmArguments, Query()]
) -> Erasure:
    """Delete a space for good, with its tokens; this cannot be undone.

    The space `default` is emptied. It may take minutes; if it is interrupted, call it again.
    """
    note_ids([name])
    return await erase_managed(
        services.database,
        services.settings,
        current_manager(),
        ErasureTarget(name),
        arguments.confirm,
    )


@router.get("/authors/{name}/erasure")
async def preview_erasure_of_author(
    services: Opened, name: _Author, space: _Within = None
) -> Erasable:
    """Read what would be gone if all that an author saved were erased."""
    note_ids([name])
    target = ErasureTarget(space, author=name)
    return await preview_erasure(services.database, current_manager(), target)


@router.delete("/authors/{name}")
async def erase_author(
    services: Opened, name: _Author, arguments: Annotated[ErasedAuthorArguments, Query()]
) -> Erasure:
    """Delete all that an author saved for good, in one space, or in all with their user and tokens.

    This cannot be undone. It may take minutes; if it is interrupted, call it again.
    """
    note_ids([name])
    target = ErasureTarget(arguments.space, author=name)
    return await erase_managed(
        services.database, services.settings, current_manager(), target, arguments.confirm
    )


@router.get("/receipts/{erasure_id}")
async def read_receipt(
    services: Opened,
    erasure_id: Annotated[str, Path(description="As the erasure returned it.")],
) -> Mapping[str, Any]:
    """Read the signed receipt of an erasure, to be kept; it takes SAGE_TOKEN."""
    note_ids([erasure_id])
    return await read_managed_receipt(services.settings, current_manager(), erasure_id)


@router.get("/audit", responses=_AUDIT)
async def read_audit(services: Opened, arguments: Annotated[EventArguments, Query()]) -> EventPage:
    """List who called what, and how it ended, in the spaces that you manage, the newest first.

    One call looks at 10,000 events: a page may hold fewer than asked for while there are more.
    """
    wanted = arguments.to_request(services.settings.timezone)
    return await services.events.read(current_manager(), wanted)
