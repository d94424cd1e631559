"""The tokens with which the hooks on this machine access spaces."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import find_space
from sage.access.accounts.tokens import TokenGate, create_token, revoke_token
from sage.clients.connect.journal import ConnectJournal
from sage.clients.hooks.launcher import drop_token, record_token, recorded_spaces, recorded_token
from sage.domain.caller import SpaceRole
from sage.domain.memories import DEFAULT_SPACE
from sage.service.configured_database import open_configured_database
from sage.store.migrate import require_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database

_NAME_CHARS = 40


async def ensure_space_token(data_dir: Path, space: str, database: Database) -> None:
    """Record a token that may write into a space, unless a valid one is recorded.

    Raises NotFoundError, StoreError, OSError.
    """
    await require_schema(database)
    async with database.across_spaces() as conn:
        space_id = await find_space(conn, space)
    known = recorded_token(data_dir, space)
    shown = None if known is None else await TokenGate(database).principal_of(known)
    if shown and any(
        one.space_id == space_id and one.role.includes(SpaceRole.WRITER) for one in shown.grants
    ):
        return
    async with database.transaction_across_spaces() as conn:
        name = f"hooks-{space[:_NAME_CHARS]}-{token_hex(3)}"
        token = await create_token(conn, {space: SpaceRole.WRITER}, name=name)
        record_token(data_dir, space, token)


def ensure_default_token(settings: Settings) -> None:
    """Record a token that may write into the default space, unless a valid one is recorded.

    Call it outside an event loop. Raises as `ensure_space_token` and `open_configured_database` do.
    """

    async def ensure() -> None:
        async with open_configured_database(settings) as database:
            await ensure_space_token(settings.data_dir, DEFAULT_SPACE, database)

    asyncio.run(ensure())


def unused_space_tokens(data_dir: Path) -> list[str]:
    """Return the spaces whose recorded tokens are not used by the hooks of any client."""
    journal = ConnectJournal(data_dir)
    return [one for one in recorded_spaces(data_dir) if not journal.calls_for(one)]


async def revoke_space_tokens(data_dir: Path, spaces: Sequence[str], database: Database) -> None:
    """Revoke the tokens of the hooks for spaces, and delete them. Raises StoreError, OSError."""
    for space in spaces:
        known = recorded_token(data_dir, space)
        shown = None if known is None else await TokenGate(database).principal_of(known)
        if shown and shown.token:
            async with database.transaction_across_spaces() as conn:
                await revoke_token(conn, shown.token)
        drop_token(data_dir, space)
