"""Management of tokens and apps: nobody can grant rights that they do not have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.access.accounts.parsing import read_lifetime, read_opened
from sage.access.accounts.tokens import (
    APP_MARK,
    close_spaces,
    create_token,
    list_tokens,
    read_token,
    revoke_token,
    rotate_token,
    unknown_token,
)
from sage.access.audit.event import note_recorded
from sage.access.authorization import no_space
from sage.domain.accounts import App, Revoked, ShownToken
from sage.domain.caller import SpaceRole
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import ForbiddenError, InvalidInputError, NoSpaceError, NotFoundError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo
    from typing import Any

    from sage.access.accounts.tokens import Token
    from sage.domain.accounts import TokenRequest
    from sage.domain.caller import SpaceManager
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_EXPIRY = query("expiry_of_token")
_LIST_APPS = query("list_apps")

_MAX_OPENED = 100


class TokenAccounts:
    """Does for callers what `sage token` does with access to the database.

    An owner manages the tokens of their spaces. A token that they create belongs to nobody or to
    their own user, opens only spaces of theirs, and expires no later than their own token. They can
    rotate only such tokens. Of a token that also opens other spaces, they can revoke access to
    theirs.
    """

    def __init__(self, database: Database, timezone: tzinfo) -> None:
        self._database = database
        self._timezone = timezone

    async def list_tokens(self, manager: SpaceManager) -> list[Token]:
        """Return the tokens that open a space of a manager, by name, with these spaces only.

        Raises StoreError.
        """
        async with self._database.across_spaces() as conn:
            return [one for one in await _seen(conn, manager) if not one.is_app]

    async def create_token(self, manager: SpaceManager, request: TokenRequest) -> ShownToken:
        """Create a token and return its secret, which is not stored.

        Raises InvalidInputError, NoSpaceError, NotFoundError, ForbiddenError, ConflictError.
        """
        roles = _roles(manager, request)
        lifetime = (
            None
            if request.expires is None
            else read_lifetime(request.expires, self._timezone, called="expires")
        )
        _require_own_author(manager, request.user, [*roles], of_machine=request.machine)
        async with self._database.transaction_across_spaces() as conn:
            end = await _own_end(conn, manager)
            secret = await create_token(
                conn,
                roles,
                name=request.name,
                user=request.user,
                lifetime=lifetime,
                of_machine=request.machine,
            )
            made = await read_token(conn, secret)
            _require_no_longer_life(made, end)
        note_recorded()
        return _shown_token(secret, made)

    async def rotate_token(self, manager: SpaceManager, name: str) -> ShownToken:
        """Return a new secret for a token; the old one becomes invalid.

        Raises NotFoundError, ForbiddenError, StoreError.
        """
        async with self._database.transaction_across_spaces() as conn:
            token = await _find(conn, manager, name)
            if token.is_app:
                raise unknown_token(name)
            _require_whole(manager, token)
            _require_own_author(
                manager, token.user_name, [*token.spaces], of_machine=token.of_machine
            )
            end = await _own_end(conn, manager)
            secret = await rotate_token(conn, name)
            made = await read_token(conn, secret)
            _require_no_longer_life(made, end)
        note_recorded()
        return _shown_token(secret, made)

    async def revoke_token(self, manager: SpaceManager, name: str) -> Revoked:
        """Revoke a token; if it also opens spaces of others, only its access to the manager's.

        Raises NotFoundError, StoreError.
        """
        async with self._database.transaction_across_spaces() as conn:
            token = await _find(conn, manager, name)
            if token.is_app:
                raise unknown_token(name)
            closed = {space for space in token.spaces if manager.manages(space)}
            is_gone = closed == token.spaces
            if is_gone:
                await revoke_token(conn, name)
            else:
                ids = [key for key, space in manager.owned.items() if space in closed]
                await close_spaces(conn, name, ids)
        note_recorded()
        return Revoked(name, tuple(sorted(closed)), is_gone)

    async def list_apps(self, manager: SpaceManager) -> list[App]:
        """Return the apps that open a space of a manager, latest first. Raises StoreError."""
        async with self._database.across_spaces() as conn:
            apps = [one for one in await _seen(conn, manager) if one.is_app]
            known = {row["name"]: row for row in await conn.fetch(_LIST_APPS)}
        found = [_app(one, known[one.name]) for one in apps if one.name in known]
        return sorted(found, key=lambda app: app.created_at, reverse=True)

    async def revoke_app(self, manager: SpaceManager, name: str) -> Revoked:
        """Revoke the access of an app. Raises NotFoundError, ForbiddenError, StoreError."""
        async with self._database.transaction_across_spaces() as conn:
            try:
                app = await _find(conn, manager, name)
            except NotFoundError:
                raise _unknown_app(name) from None
            if not app.is_app:
                raise _unknown_app(name)
            _require_whole(manager, app)
            await revoke_token(conn, name)
        note_recorded()
        return Revoked(name, tuple(sorted(app.spaces)), is_gone=True)


def _roles(manager: SpaceManager, request: TokenRequest) -> dict[str, SpaceRole]:
    """Return the role in each space to open. Raises InvalidInputError, NoSpaceError."""
    if not 1 <= len(request.opens) <= _MAX_OPENED:
        raise InvalidInputError(
            "opens",
            phrase("{field} names {count:,} spaces", count=len(request.opens)),
            hint=phrase("pass 1 to {most}", most=_MAX_OPENED),
        )
    if request.machine and (
        len(request.opens) > 1 or ":" in request.opens[0] or request.name is None
    ):
        raise InvalidInputError(
            "machine",
            "{field}: such a token is named after the machine and gives access to one space,"
            " without a role",
            hint='pass name, and one space: {"name": "laptop", "opens": ["team"]}',
        )
    roles = dict(read_opened(one, SpaceRole.WRITER, called="opens") for one in request.opens)
    for space in roles:
        if not manager.manages(space):
            raise _not_managed(manager, space)
    return roles


def _not_managed(manager: SpaceManager, space: str) -> NoSpaceError:
    """Return the error, the same for a space that others manage and one that does not exist."""
    return no_space(space, sorted(manager.owned.values()))


def _require_own_author(
    manager: SpaceManager, user: str | None, spaces: list[str], *, of_machine: bool
) -> None:
    """Require that a token saves under no name that the manager may not use.

    The token of a machine in the default space without a user saves as the owner of the server.
    Raises ForbiddenError.
    """
    is_of_owner = of_machine and user is None and spaces == [DEFAULT_SPACE]
    if manager.manages_all or (
        user in {None, manager.user} and not (is_of_owner and manager.author is not None)
    ):
        return
    raise ForbiddenError(
        "the token would save under the name of another user",
        hint="omit user, or ask the administrator of the server",
    )


def _require_whole(manager: SpaceManager, token: Token) -> None:
    """Require that a token opens no space that another manager has. Raises ForbiddenError."""
    if not all(map(manager.manages, token.spaces)):
        raise ForbiddenError(
            phrase("{name} also gives access to spaces that others manage", name=token.name),
            hint="ask the administrator of the server",
        )


async def _own_end(conn: Connection, manager: SpaceManager) -> datetime | None:
    """Return the latest end of tokens that a manager may create; None for unlimited."""
    if manager.manages_all or manager.token is None:
        return None
    end: datetime | None = await conn.fetchval(_EXPIRY, manager.token)
    return end


def _require_no_longer_life(token: Token, end: datetime | None) -> None:
    """Require that a token expires no later than that of the manager. Raises ForbiddenError."""
    if end is not None and (token.expires_at is None or token.expires_at > end):
        raise ForbiddenError(
            "the new token would be valid for longer than the one you use",
            hint="pass expires with a shorter time, or ask the administrator of the server",
        )


async def _seen(conn: Connection, manager: SpaceManager) -> list[Token]:
    """Return the tokens and apps that open a space of a manager, with these spaces only."""
    return [
        one if manager.manages_all else _narrowed(one, manager)
        for one in await list_tokens(conn)
        if manager.manages_all or any(map(manager.manages, one.spaces))
    ]


def _narrowed(token: Token, manager: SpaceManager) -> Token:
    kept = [one for one in token.opens if manager.manages(one.rpartition(":")[0])]
    return replace(token, opens=tuple(kept))


async def _find(conn: Connection, manager: SpaceManager, name: str) -> Token:
    """Return a token or app that opens a space of a manager, with all its spaces.

    Raises NotFoundError, the same for one of others and one that does not exist, StoreError.
    """
    for one in await list_tokens(conn):
        if one.name == name and (manager.manages_all or any(map(manager.manages, one.spaces))):
            return one
    raise unknown_token(name)


def _shown_token(secret: str, token: Token) -> ShownToken:
    return ShownToken(secret, token.name, token.user_name, token.opens, token.expires_at)


def _app(token: Token, known: Mapping[str, Any]) -> App:
    # The name of an app with its own metadata document is the URL of that.
    place = known["client_id"] if "://" in known["client_id"] else known["redirect_uri"] or ""
    return App(
        name=token.name,
        title=known["title"],
        host=urlsplit(place).hostname or "",
        token=known["token"],
        user_name=token.user_name,
        opens=token.opens,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        is_expired=token.is_expired,
    )


def _unknown_app(name: str) -> NotFoundError:
    return NotFoundError(
        phrase("app {name} does not exist", name=repr(name)[:80]),
        hint=phrase("`GET /api/v1/apps` lists them: {mark} and a number", mark=APP_MARK),
    )
