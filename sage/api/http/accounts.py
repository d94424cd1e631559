"""Routes to manage, audit and erase spaces, users, tokens and apps."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - FastAPI reads the annotation
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

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
    ErasureProgress,
    Revoked,
    ShownToken,
)
from sage.domain.answer import Answer, doc
from sage.domain.audited import EventPage  # noqa: TC001 - FastAPI reads the annotation
from sage.operations.erasing import preview_erasure, read_managed_receipt
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from sage.bootstrap import Services
    from sage.domain.caller import SpaceManager

_REFUSED = {
    **PROBLEMS,
    403: {**PROBLEMS[403], "description": "Only owners of the space and SAGE_TOKEN are allowed"},
    404: {**PROBLEMS[404], "description": "It does not exist, or you do not manage it"},
}
_AUDIT: dict[int | str, dict[str, Any]] = {status: PROBLEMS[status] for status in (403, 404)}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {**PROBLEMS[404], "description": "The name is already in use"}
}
_GOES_ON: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ErasureProgress,
        "description": "It takes longer, and goes on: read its progress at `Location`",
    },
    409: {**PROBLEMS[404], "description": "Another process is erasing it"},
}
_PROGRESS = TypeAdapter(ErasureProgress)
_TOKEN = {"opens": ["team:reader"], "name": "dashboard", "expires": "90d"}
_Space = Annotated[str, Path(description="The name of the space.")]
_Author = Annotated[str, Path(description="The name of the author: a user or a token.")]
_Within = Annotated[
    str | None,
    Query(description="Only in this space. Default: in all spaces; requires SAGE_TOKEN."),
]
_ErasureId = Annotated[str, Path(description="The `erasure_id` that the erasure returned.")]
_Name = Annotated[str, Path(description="The name, as in the list.")]

router = APIRouter(prefix="/api/v1", tags=["access"], responses=_REFUSED)


@dataclass(frozen=True, slots=True)
class SpaceList(Answer):
    """The spaces that the caller manages."""

    spaces: tuple[Space, ...] = field(metadata=doc("The spaces, ordered by name."))


@dataclass(frozen=True, slots=True)
class UserList(Answer):
    """All users."""

    users: tuple[User, ...] = field(metadata=doc("The users, ordered by name."))


@dataclass(frozen=True, slots=True)
class TokenList(Answer):
    """The tokens with access to a space that the caller manages."""

    tokens: tuple[Token, ...] = field(
        metadata=doc(
            "The tokens, ordered by name. Of their spaces, only those that the caller"
            " manages are listed."
        )
    )


@dataclass(frozen=True, slots=True)
class AppList(Answer):
    """The apps with access to a space that the caller manages."""

    apps: tuple[App, ...] = field(metadata=doc("The apps, newest first."))


def _manager_of(name: str) -> SpaceManager:
    """Return the caller, who manages something, and record the subject of the call."""
    note_ids([name])
    return current_manager()


@router.get("/spaces")
async def list_spaces(
    services: Opened, arguments: Annotated[SpacesArguments, Query()]
) -> SpaceList:
    """List the spaces that you manage, each with its numbers of messages and tokens."""
    listed = await services.accounts.list_spaces(
        current_manager(), find=arguments.find, most=arguments.limit
    )
    return SpaceList(tuple(listed))


@router.post("/spaces", responses=_TAKEN)
async def create_space(
    services: Opened, arguments: Annotated[NameArguments, Body(examples=[{"name": "team"}])]
) -> Space:
    """Create an empty space. Requires SAGE_TOKEN."""
    return await services.accounts.create_space(current_manager(), arguments.name)


@router.get("/spaces/{name}")
async def read_space(services: Opened, name: _Name) -> Space:
    """Return the settings of a space and its numbers of messages and tokens."""
    return await services.space_settings.read(_manager_of(name), name)


@router.patch("/spaces/{name}", responses=_TAKEN)
async def change_space(
    services: Opened,
    name: _Name,
    arguments: Annotated[SpaceChangeArguments, Body(examples=[{"retention": "365d"}])],
) -> Space:
    """Change the retention of a space, its masking of secrets, or its name.

    If memories are older than the new retention, `confirm` is required: they are permanently
    deleted.
    """
    return await services.space_settings.change(_manager_of(name), name, arguments.to_change())


@router.get("/users")
async def list_users(services: Opened) -> UserList:
    """List the users. Requires SAGE_TOKEN."""
    return UserList(tuple(await services.accounts.list_users(current_manager())))


@router.post("/users", responses=_TAKEN)
async def add_user(
    services: Opened, arguments: Annotated[NameArguments, Body(examples=[{"name": "anna"}])]
) -> User:
    """Add a user, for whom tokens can be created. Requires SAGE_TOKEN."""
    return await services.accounts.add_user(current_manager(), arguments.name)


@router.delete("/users/{name}")
async def remove_user(services: Opened, name: _Name) -> Revoked:
    """Remove a user and revoke their tokens; their memories remain. Requires SAGE_TOKEN."""
    return await services.accounts.remove_user(_manager_of(name), name)


@router.get("/tokens")
async def list_tokens(services: Opened) -> TokenList:
    """List the tokens with access to a space that you manage, without their secrets."""
    return TokenList(tuple(await services.token_accounts.list_tokens(current_manager())))


@router.post("/tokens", responses=_TAKEN)
async def create_token(
    services: Opened, arguments: Annotated[TokenArguments, Body(examples=[_TOKEN])]
) -> ShownToken:
    """Create a token with access to spaces that you manage, and return its secret once.

    Unless you use SAGE_TOKEN, the token belongs to no user or to your own, and expires no later
    than your token.
    """
    return await services.token_accounts.create_token(current_manager(), arguments.to_request())


@router.delete("/tokens/{name}")
async def revoke_token(services: Opened, name: _Name) -> Revoked:
    """Revoke a token with immediate effect.

    A token that also has access to spaces of other managers keeps the access to these.
    """
    return await services.token_accounts.revoke_token(_manager_of(name), name)


@router.post("/tokens/{name}/rotate")
async def rotate_token(services: Opened, name: _Name) -> ShownToken:
    """Replace the secret of a token and return the new one once; the old one ends immediately.

    A token that expires gets its full lifetime again.
    """
    return await services.token_accounts.rotate_token(_manager_of(name), name)


@router.get("/apps")
async def list_apps(services: Opened) -> AppList:
    """List the apps that were authorized by OAuth, newest first."""
    return AppList(tuple(await services.token_accounts.list_apps(current_manager())))


@router.delete("/apps/{name}")
async def revoke_app(services: Opened, name: _Name) -> Revoked:
    """Revoke the access of an app with immediate effect."""
    return await services.token_accounts.revoke_app(_manager_of(name), name)


@router.get("/spaces/{name}/erasure")
async def preview_erasure_of_space(services: Opened, name: _Space) -> Erasable:
    """Preview what erasing a space would delete."""
    note_ids([name])
    return await preview_erasure(services.database, current_manager(), ErasureTarget(name))


@router.delete("/spaces/{name}", response_model=Erasure, responses=_GOES_ON)
async def erase_space(
    services: Opened, name: _Space, arguments: Annotated[ConfirmArguments, Query()]
) -> Erasure | Response:
    """Permanently delete a space and the tokens with access to it only.

    The space `default` is emptied instead. The erasure goes on if the caller disconnects. Whoever
    calls with SAGE_TOKEN gets its progress after some seconds, others wait for the receipt.
    """
    note_ids([name])
    return await _erase(services, ErasureTarget(name), arguments.confirm)


@router.get("/authors/{name}/erasure")
async def preview_erasure_of_author(
    services: Opened, name: _Author, space: _Within = None
) -> Erasable:
    """Preview what erasing everything by an author would delete."""
    note_ids([name])
    target = ErasureTarget(space, author=name)
    return await preview_erasure(services.database, current_manager(), target)


@router.delete("/authors/{name}", response_model=Erasure, responses=_GOES_ON)
async def erase_author(
    services: Opened, name: _Author, arguments: Annotated[ErasedAuthorArguments, Query()]
) -> Erasure | Response:
    """Permanently delete everything by an author, in one space, or in all with user and tokens.

    This cannot be undone. The erasure goes on if the caller disconnects. Whoever calls with
    SAGE_TOKEN gets its progress after some seconds, others wait for the receipt.
    """
    note_ids([name])
    return await _erase(services, ErasureTarget(arguments.space, author=name), arguments.confirm)


@router.get("/erasures/{erasure_id}")
async def read_erasure(services: Opened, erasure_id: _ErasureId) -> ErasureProgress:
    """Return the progress of an erasure, and its receipt in the end. Requires SAGE_TOKEN."""
    note_ids([erasure_id])
    return await services.erasures.read(current_manager(), erasure_id)


async def _erase(services: Services, target: ErasureTarget, confirmed: str) -> Erasure | Response:
    """Erase a target; answer 202 if that takes longer than some seconds."""
    done = await services.erasures.erase(current_manager(), target, confirmed)
    if isinstance(done, Erasure):
        return done
    headers = {"location": f"/api/v1/erasures/{done.erasure_id}", "retry-after": "2"}
    content = _PROGRESS.dump_python(done, mode="json")
    return JSONResponse(content, HTTPStatus.ACCEPTED, headers)


@router.get("/receipts/{erasure_id}")
async def read_receipt(services: Opened, erasure_id: _ErasureId) -> Mapping[str, Any]:
    """Return the signed receipt of an erasure, for your records. Requires SAGE_TOKEN."""
    note_ids([erasure_id])
    return await read_managed_receipt(services.settings, current_manager(), erasure_id)


@router.get("/audit", responses=_AUDIT)
async def read_audit(services: Opened, arguments: Annotated[EventArguments, Query()]) -> EventPage:
    """List the events of the audit log in the spaces that you manage, newest first.

    A call examines up to 10,000 events: a page can have fewer than `limit` although more follow.
    """
    wanted = arguments.to_request(services.settings.timezone)
    return await services.events.read(current_manager(), wanted)
