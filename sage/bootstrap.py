"""The composition root: builds everything Sage is made of and closes it in reverse."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.logs import get_logger
from sage.providers.registry import (
    open_embedder,
    open_reranker,
    reopen_embedder,
)
from sage.service.active_model import ActiveModel
from sage.service.checks.subject import Running
from sage.service.context import ContextBuilder
from sage.service.counts import Counts
from sage.service.health import HealthService
from sage.service.housekeeping import keep_house, keep_indexes
from sage.service.indexing import MAX_CALLS_AT_ONCE, Indexer
from sage.service.listing import ListingService
from sage.service.memory import MemoryService
from sage.service.schema_gate import SchemaGate
from sage.service.search import SearchPipeline
from sage.service.summarizer import open_summarizer
from sage.store.embedded import EmbeddedPostgres
from sage.store.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sage.config.settings import Settings
    from sage.store.pool import Database

_SUPERVISION_S = 0.5
_AGAIN_S = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the API and the command line may use."""

    settings: Settings
    memory: MemoryService
    listing: ListingService
    health: HealthService
    indexer: Indexer
    serving: ActiveModel


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    ignored_signals: frozenset[str] = frozenset(),
) -> AsyncIterator[Services]:
    """Open the services; a database that is away does not hinder it, readiness tells.

    `ignored_signals` have no say in a search.
    Raises StartupError when the embedded Postgres cannot start, ConfigurationError.
    """
    async with AsyncExitStack() as stack:
        embedder = open_embedder(settings)
        stack.push_async_callback(embedder.close)
        reranker = open_reranker(settings)
        if reranker is not None:
            stack.push_async_callback(reranker.close)
        summarizer = open_summarizer(settings)
        if summarizer is not None:
            stack.push_async_callback(summarizer.close)
        await embedder.start()
        database = await stack.enter_async_context(open_configured_database(settings))
        serving = ActiveModel(database, embedder, partial(reopen_embedder, settings))
        stack.push_async_callback(serving.close)
        schema_gate = SchemaGate(database, serving)
        indexer = Indexer(database, schema_gate)
        await _in_background(stack, schema_gate.run)
        for number in range(MAX_CALLS_AT_ONCE):
            await _in_background(stack, partial(indexer.run, number))
        await _in_background(stack, partial(keep_house, database, schema_gate))
        await _in_background(stack, partial(keep_indexes, database, schema_gate))
        pipeline = SearchPipeline(
            database,
            settings.search,
            reranker,
            timezone=settings.timezone,
            ignored_signals=ignored_signals,
        )
        yield Services(
            settings=settings,
            memory=MemoryService(
                database=database,
                schema_gate=schema_gate,
                pipeline=pipeline,
                context=ContextBuilder(database, pipeline, summarizer),
                indexer=indexer,
            ),
            listing=ListingService(database, schema_gate),
            health=HealthService(
                Running(
                    settings=settings,
                    database=database,
                    schema_gate=schema_gate,
                    active_model=serving,
                    counts=Counts(database),
                    reranker=reranker,
                    summarizer=summarizer,
                )
            ),
            indexer=indexer,
            serving=serving,
        )


@asynccontextmanager
async def open_configured_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the configured database as it is, the embedded one where none is named.

    Raises StartupError when the embedded Postgres cannot start.
    """
    async with AsyncExitStack() as stack:
        if settings.database.dsn is None:
            postgres = EmbeddedPostgres(settings.data_dir)
            stack.push_async_callback(asyncio.to_thread, postgres.stop)
            dsn = await asyncio.to_thread(postgres.start)
            await _in_background(stack, partial(_supervise, postgres))
        else:
            dsn = settings.database.dsn.get_secret_value()
        database = await open_database(dsn)
        stack.push_async_callback(database.close)
        yield database


async def _supervise(postgres: EmbeddedPostgres) -> None:
    """Start the embedded Postgres again whenever it died."""
    while True:
        await asyncio.sleep(_SUPERVISION_S)
        try:
            await asyncio.to_thread(postgres.ensure_running)
        except SageError as error:
            log.warning("embedded_postgres_down", reason=error.message, detail=error.detail)


async def _in_background(stack: AsyncExitStack, work: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(_kept_up(work))

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


async def _kept_up(work: Callable[[], Awaitable[None]]) -> None:
    """Do work that only a cancellation ends; where it fails, say so and begin again."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background_work_failed")
        await asyncio.sleep(_AGAIN_S)
