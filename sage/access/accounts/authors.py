"""The names under which memories are saved: each belongs to one user, or one token without a user.

Memories that the owner of the server saves have no author: those saved with SAGE_TOKEN, or from a
machine into the default space with a token without a user.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sage.clients.connect.server import MACHINE_MARK
from sage.domain.caller import OWNER_BY_TOKEN
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import ConflictError, InvalidInputError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection

_USERS = query("list_user_names")
_TOKENS = query("list_author_tokens")


def check_not_reserved(field: str, name: str) -> None:
    """Raise InvalidInputError for a name that could be mistaken for SAGE_TOKEN."""
    if _folded(name) == _folded(str(OWNER_BY_TOKEN.token)):
        raise InvalidInputError(
            field,
            phrase("{field}: {name} is reserved for the token of the server", name=repr(name)),
            hint="choose another name",
        )


async def check_is_no_user(conn: Connection, name: str) -> None:
    """Raise ConflictError if a token without a user would save under the name of a user."""
    if taken := await _alike(conn, _USERS, name):
        raise ConflictError(
            phrase(
                "a user {name} exists, and this token would save under that name", name=repr(taken)
            ),
            hint=phrase("pass `--user {name}`, or choose another name", name=taken),
        )


async def check_is_no_token(conn: Connection, name: str) -> None:
    """Raise ConflictError if a user would save under the name of a token without a user."""
    if taken := await _alike(conn, _TOKENS, name, DEFAULT_SPACE, MACHINE_MARK):
        raise ConflictError(
            phrase(
                "a token {name} without a user exists, and saves under that name",
                name=repr(taken),
            ),
            hint=phrase("choose another name, or first `sage token revoke {name}`", name=taken),
        )


async def _alike(conn: Connection, statement: str, name: str, *sought: str) -> str | None:
    """Return an existing name that reads the same: in another case, or of compatible characters."""
    rows = await conn.fetch(statement, *sought)
    return next((row["name"] for row in rows if _folded(row["name"]) == _folded(name)), None)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
