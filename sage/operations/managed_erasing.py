"""Erasing for callers: a space that they manage, or what an author saved, in one or in all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.access.accounts.tokens import list_tokens
from sage.access.accounts.users import knows_user
from sage.access.audit.event import note_recorded
from sage.access.authorization import no_space, require_all
from sage.domain import limits
from sage.domain.accounts import Erasable, Erasure
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError
from sage.operations.erasing import erase_target
from sage.service.erasure.receipt import signed_receipt
from sage.service.erasure.target import measure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sage.access.accounts.tokens import Token
    from sage.config.settings import Settings
    from sage.domain.caller import SpaceManager
    from sage.service.erasure.target import ErasureTarget
    from sage.store.connections.pool import Database


async def preview_erasure(
    database: Database, manager: SpaceManager, target: ErasureTarget
) -> Erasable:
    """Return what would be erased.

    Raises InvalidInputError, NotFoundError, ForbiddenError, StoreError.
    """
    _require_managed(manager, target)
    async with database.across_spaces() as conn:
        extent = await measure(conn, target)
        tokens = [one.name for one in await list_tokens(conn) if _goes_with(target, one)]
        is_user = target.is_person and await knows_user(conn, str(target.author))
    name = _name(target)
    users = (name,) if is_user else ()
    return Erasable(name, extent.memories, extent.sessions, tuple(tokens), users, extent.begun)


async def erase_managed(
    database: Database,
    settings: Settings,
    manager: SpaceManager,
    target: ErasureTarget,
    confirmed: str,
) -> Erasure:
    """Erase a target with its tokens; this is for good. What was interrupted goes on.

    `confirmed` is the name of the space or of the author once more. Raises InvalidInputError,
    NotFoundError, ForbiddenError, ConflictError, SageError.
    """
    _require_managed(manager, target)
    name = _name(target)
    if confirmed != name:
        raise InvalidInputError(
            "confirm",
            "{field} is not the name of the space"
            if target.is_space
            else "{field} is not the name of the author",
            hint="pass the name again to confirm: this permanently deletes everything",
        )
    _, receipt, removed = await erase_target(database, settings, target)
    note_recorded()
    return Erasure(
        name,
        receipt["erasure_id"],
        receipt["rows"],
        tuple(removed["tokens"]),
        tuple(removed["users"]),
        receipt["left_in"],
        await asyncio.to_thread(signed_receipt, settings.data_dir, receipt["erasure_id"]),
    )


async def read_managed_receipt(
    settings: Settings, manager: SpaceManager, erasure_id: str
) -> Mapping[str, Any]:
    """Return the signed receipt of an erasure. Raises ForbiddenError, NotFoundError."""
    require_all(manager)
    return await asyncio.to_thread(signed_receipt, settings.data_dir, erasure_id)


def _require_managed(manager: SpaceManager, target: ErasureTarget) -> None:
    """Require that somebody manages all that a target is in. Raises as these calls do."""
    if target.author is not None:
        validate_text("author", target.author, limits.MAX_NAME_CHARS)
    if target.space is None:
        require_all(manager)
    elif not manager.manages(target.space):
        raise no_space(target.space, sorted(manager.owned.values()))


def _goes_with(target: ErasureTarget, token: Token) -> bool:
    """Return whether a token is gone with a target."""
    if token.is_app:
        return False
    if target.is_space:
        return token.spaces == {target.space}
    saves_as = token.name if token.user_name is None else token.user_name
    return target.is_person and saves_as == target.author


def _name(target: ErasureTarget) -> str:
    return str(target.space if target.is_space else target.author)
