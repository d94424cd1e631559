"""A place to measure in that nobody's memories are part of."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from sage.config.settings import AuthMode, ServerSettings
from sage.store.embedded import EmbeddedPostgres
from sage.store.temporary import temporary_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.config.settings import Settings


@asynccontextmanager
async def sandbox(settings: Settings) -> AsyncIterator[Settings]:
    """Give settings with an empty database and folder of their own; both are gone afterwards.

    The database is made on the configured server, or in an embedded Postgres of its own. Models
    are those of `settings`. A server would listen on loopback, without a token.
    Raises SageError.
    """
    with tempfile.TemporaryDirectory(prefix="sage-bench-", ignore_cleanup_errors=True) as folder:
        data_dir = Path(folder)
        postgres = None
        if settings.database.dsn is None:
            postgres = EmbeddedPostgres(data_dir)
            server = await asyncio.to_thread(postgres.start)
        else:
            server = settings.database.dsn.get_secret_value()
        try:
            async with temporary_database(server) as dsn:
                yield settings.model_copy(
                    update={
                        "data_dir": data_dir,
                        "database": settings.database.model_copy(update={"dsn": SecretStr(dsn)}),
                        "server": ServerSettings(auth=AuthMode.NONE),
                    }
                )
        finally:
            if postgres is not None:
                await asyncio.to_thread(postgres.stop)


def dsn_of(place: Settings) -> str:
    """Give the DSN of a sandbox's database."""
    if place.database.dsn is None:
        raise ValueError("these settings are of no sandbox")
    return place.database.dsn.get_secret_value()
