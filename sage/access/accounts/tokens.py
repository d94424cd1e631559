"""Tokens: create, look up, list, revoke and rotate them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sage.access.accounts.authors import check_is_no_user, check_not_reserved
from sage.access.accounts.parsing import validate_name
from sage.access.accounts.secrets import (
    MARK,
    digest,
    display_prefix,
    is_of_machine,
    is_token,
    new_token,
)
from sage.access.accounts.spaces import find_spaces
from sage.access.accounts.users import require_user
from sage.access.audit.management import record_change
from sage.clients.connect.server import MACHINE_MARK
from sage.domain.answer import Answer, doc
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import ConflictError, InvalidInputError, NotFoundError, StoreError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

APP_MARK = "oauth:"
"""The prefix of an app's name in the list of tokens."""

_CLOSE_SPACES = query("close_spaces_of_token")
_CREATE = query("create_token")
_FIND_BY_NUMBER = query("find_token_by_number")
_FIND_KEYS = query("find_token_keys")
_FIND_LOGIN = query("find_login")
_LIST = query("list_tokens")
_LOOK_UP = query("look_up_token")
_RECORD_USE = query("record_use")
_REVOKE = query("revoke_token")
_ROTATE = query("rotate_token")
_SPACES_OF = query("spaces_of_token")


@dataclass(frozen=True, slots=True)
class Token(Answer):
    """A token, without its secret.

    The access of an app by OAuth is listed as a token, too, with the name of the app as `prefix`.
    """

    name: str = field(metadata=doc("The name of the token."))
    user_name: str | None = field(
        metadata=doc("The user that the token belongs to; null if it belongs to none.")
    )
    prefix: str = field(
        metadata=doc("The first characters of the secret, to recognize the token by.")
    )
    created_at: datetime = field(metadata=doc("When its current secret was created, UTC."))
    expires_at: datetime | None = field(
        metadata=doc("When the token expires, UTC; null if it does not expire.")
    )
    last_used_at: datetime | None = field(
        metadata=doc("When the token was last used, UTC, to the minute; null if it was never used.")
    )
    is_expired: bool = field(metadata=doc("Whether the token has expired."))
    opens: tuple[str, ...] = field(
        metadata=doc(
            "The spaces that the token has access to, the default one first, each with the"
            " role in it: `team:reader`, or `team:hooks` for the hooks and imports of a"
            " machine only."
        )
    )

    @property
    def spaces(self) -> frozenset[str]:
        """The names of the spaces that it opens."""
        return frozenset(one.rpartition(":")[0] for one in self.opens)

    @property
    def is_app(self) -> bool:
        """Whether it is the access that an app was granted."""
        return self.name.startswith(APP_MARK)

    @property
    def of_machine(self) -> bool:
        """Whether it is for the hooks and imports of a machine only."""
        return is_of_machine(self.prefix) and not self.is_app


class TokenGate:
    """Looks up every token in the database, so that it can be revoked at once in all processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def principal_of(self, token: str) -> Principal | None:
        """Return the principal of a token; None if it is unknown, revoked or expired.

        A machine's token for the default space saves as the owner of the server does, unless it has
        a user. It is looked up by its digest, so that the duration reveals nothing. Raises
        StoreError.
        """
        of_machine = is_of_machine(token)
        if not is_token(token, MACHINE_MARK if of_machine else MARK):
            return None
        async with self._database.across_spaces() as conn:
            found = await conn.fetchval(_LOOK_UP, digest(token))
            return await _principal_in(conn, found, of_machine=of_machine)

    async def principal_by_number(self, number: int) -> tuple[bytes, Principal] | None:
        """Return the digest of the token with a number, and its principal.

        None if it is revoked, expired, or a machine's. Raises StoreError.
        """
        async with self._database.across_spaces() as conn:
            row = await conn.fetchrow(_FIND_BY_NUMBER, number)
            if row is None or is_of_machine(row["prefix"]):
                return None
            principal = await _principal_in(conn, row["found"], of_machine=False)
        return None if principal is None else (row["digest"], principal)

    async def number_of(self, token: str) -> int | None:
        """Return the number of a token; None if it is unknown or expired.

        Raises StoreError.
        """
        async with self._database.across_spaces() as conn:
            number: int | None = await conn.fetchval(_FIND_LOGIN, digest(token))
        return number

    async def digests_of(self, key_ids: Sequence[bytes]) -> list[bytes]:
        """Return the digests of those tokens whose keys have one of these ids. Raises StoreError.

        A digest is the key that hooks and Sage share (`sage.clients.hooks.server.proof`).
        """
        async with self._database.across_spaces() as conn:
            return [row["digest"] for row in await conn.fetch(_FIND_KEYS, [*key_ids])]


async def _principal_in(
    conn: Connection, found: Sequence[Any] | None, *, of_machine: bool
) -> Principal | None:
    """Return the principal of a token that was found, and record that it was used."""
    if found is None:
        return None
    token_id, name, user, is_stale, *spaces, roles = found
    if is_stale:
        with suppress(StoreError):  # a database that takes no writes can be searched
            await conn.execute(_RECORD_USE, token_id)
    grants = tuple(map(Grant, *spaces, map(SpaceRole, roles)))
    is_of_owner = of_machine and grants[0].space_id == DEFAULT_SPACE
    author = user or (None if is_of_owner else name)
    return Principal(grants, author, token=name, user=user, of_machine=of_machine)


async def create_token(  # noqa: PLR0913 - all that a token is
    conn: Connection,
    roles: Mapping[str, SpaceRole],
    *,
    name: str | None = None,
    user: str | None = None,
    lifetime: timedelta | None = None,
    of_machine: bool = False,
) -> str:
    """Create a token that opens spaces, the first by default, and return its secret.

    Only the digest is stored. Without a name it is named by its own beginning. With `of_machine` it
    opens them only to the hooks and imports of a machine. Raises InvalidInputError, NotFoundError,
    ConflictError, StoreError.
    """
    if not roles:
        raise InvalidInputError(
            "--space", "{field} is missing", hint="pass the spaces that the token gives access to"
        )
    space_ids = await find_spaces(conn, [*roles])
    if user is not None:
        await require_user(conn, user)
    token = new_token(MACHINE_MARK if of_machine else MARK)
    prefix = display_prefix(token)
    called = prefix if name is None else validate_name("name", name)
    check_not_reserved("name", called)
    if user is None:
        await check_is_no_user(conn, called)
    kept = (called, user, digest(token), prefix, lifetime)
    if not await conn.fetchval(_CREATE, *kept, space_ids, [*roles.values()]):
        raise ConflictError(
            phrase("token {name} already exists", name=repr(called)),
            hint="choose another name",
        )
    await record_change(conn, "create_token", called, spaces=space_ids)
    return token


async def list_tokens(conn: Connection) -> list[Token]:
    """Return all tokens by name. Raises StoreError."""
    rows = await conn.fetch(_LIST)
    return [_of_machine(Token(**{**row, "opens": tuple(row["opens"])})) for row in rows]


def _of_machine(token: Token) -> Token:
    """Return a token with the spaces it opens, as listed."""
    if not token.of_machine:
        return token
    return replace(token, opens=tuple(f"{one.rpartition(':')[0]}:hooks" for one in token.opens))


async def read_token(conn: Connection, secret: str) -> Token:
    """Return the description of an existing token. Raises StoreError."""
    prefix = display_prefix(secret)
    return next(token for token in await list_tokens(conn) if token.prefix == prefix)


async def revoke_token(conn: Connection, name: str) -> None:
    """Delete a token or the access of an app, which opens nothing from now on.

    Raises NotFoundError, StoreError.
    """
    space_ids = await _spaces_of(conn, name)
    if not await conn.fetchval(_REVOKE, name):
        raise unknown_token(name)
    await record_change(conn, "revoke_token", name, spaces=space_ids)


async def close_spaces(conn: Connection, name: str, space_ids: Sequence[str]) -> None:
    """Remove some spaces from a token, which still opens others. Raises StoreError."""
    await conn.execute(_CLOSE_SPACES, name, list(space_ids))
    await record_change(conn, "revoke_token", name, spaces=space_ids)


async def rotate_token(conn: Connection, name: str) -> str:
    """Replace the secret of a token by one of the same kind and return it; the old one is invalid.

    Raises NotFoundError, StoreError.
    """
    known = next((one for one in await list_tokens(conn) if one.name == name), None)
    of_machine = known is not None and is_of_machine(known.prefix)
    token = new_token(MACHINE_MARK if of_machine else MARK)
    if not await conn.fetchval(_ROTATE, name, digest(token), display_prefix(token)):
        raise unknown_token(name)
    await record_change(conn, "rotate_token", name, spaces=await _spaces_of(conn, name))
    return token


async def _spaces_of(conn: Connection, name: str) -> list[str]:
    """Return the ids of the spaces that a token, or an app, opens."""
    return [row["space_id"] for row in await conn.fetch(_SPACES_OF, name)]


def unknown_token(name: str) -> NotFoundError:
    """Return the error for a token that does not exist."""
    return NotFoundError(
        phrase("token {name} does not exist", name=repr(name)[:80]),
        hint="`sage token list` lists all tokens",
    )
