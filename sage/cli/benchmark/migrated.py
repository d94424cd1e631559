"""Services on an empty database, opened once its schema exists."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.bootstrap import open_services
from sage.service.configured_database import open_configured_database
from sage.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.bootstrap import Services
    from sage.config.settings import Settings


@asynccontextmanager
async def open_migrated_services(settings: Settings) -> AsyncIterator[Services]:
    """Apply all migrations, then open services. Raises SageError.

    Services migrate by themselves, but their calls fail if that takes longer than a few seconds.
    """
    async with open_configured_database(settings) as database:
        await migrate(database)
    async with open_services(settings) as services:
        yield services
