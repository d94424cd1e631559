"""Opens the configured database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from sage.errors import StartupError
from sage.local.postgres import EmbeddedPostgres
from sage.phrases import phrase
from sage.service.background import running, supervise_postgres
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database


@asynccontextmanager
async def open_configured_database(
    settings: Settings, *, create: bool = True
) -> AsyncIterator[Database]:
    """Open the configured database as it is, the embedded one if none is configured.

    Raises StartupError when the embedded Postgres cannot start, or has no data and may not `create`
    any.
    """
    async with AsyncExitStack() as stack:
        if settings.database.dsn is None:
            postgres = EmbeddedPostgres(settings.data_dir)
            if not create and not postgres.has_data:
                raise StartupError(
                    phrase(
                        "there is no Sage database in {directory} yet", directory=settings.data_dir
                    ),
                    hint="start Sage, or save something; if it is the wrong directory, set "
                    "SAGE_DATA_DIR or pass --data-dir",
                )
            stopping = stack.enter_context(ThreadPoolExecutor(1, "sage-stop"))
            loop = asyncio.get_running_loop()
            # in a separate thread, since other computations may take long
            stack.push_async_callback(loop.run_in_executor, stopping, postgres.stop)
            dsn = await asyncio.to_thread(postgres.start)
            await stack.enter_async_context(running([partial(supervise_postgres, postgres)]))
        else:
            dsn = settings.database.dsn.get_secret_value()
        database = await open_database(dsn)
        stack.push_async_callback(database.close)
        yield database
