"""The composition root: builds all services of Sage and closes them in reverse order."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import SpaceFinder
from sage.access.accounts.tokens import TokenGate
from sage.access.audit.log import AuditLog
from sage.config.dsn import is_meant_as_dsn
from sage.operations.background_erasures import BackgroundErasures
from sage.operations.backup.scheduled import back_up_on_schedule
from sage.operations.backup.target import database_at, database_beside
from sage.operations.checks.context import RunningContext
from sage.operations.checks.health import HealthService
from sage.operations.metrics import MetricsService
from sage.operations.upgrade import bring_up_to_date
from sage.providers.registry import (
    open_embedder,
    open_reranker,
    reopen_embedder,
)
from sage.service.accounts import AccountService
from sage.service.active_model import ActiveModel
from sage.service.audit_reading import AuditReader
from sage.service.background import running
from sage.service.capture import CaptureService
from sage.service.classifier import Classifier
from sage.service.configured_database import open_configured_database
from sage.service.context import ContextBuilder
from sage.service.counts import StoreCounts
from sage.service.embedding_progress import EmbeddingProgress
from sage.service.given import GivenService
from sage.service.housekeeping import purge_periodically, trim_heap
from sage.service.index_keeping import IndexKeeper, SearchedSpaces
from sage.service.indexing import FINISH_S, MAX_CALLS_AT_ONCE, Indexer
from sage.service.introduction import Introduction
from sage.service.latencies import Latencies
from sage.service.listing import ListingService
from sage.service.locating import LocatingService
from sage.service.marks import Marks
from sage.service.memory import MemoryService
from sage.service.projects import ProjectService
from sage.service.recall import RecallService
from sage.service.recall_log import RecallLog
from sage.service.replica_routing import DatabaseReader, Readers
from sage.service.save_threads import SaveThreads
from sage.service.schema_gate import SchemaGate
from sage.service.search.pipeline import SearchPipeline
from sage.service.seen_clients import SeenClients
from sage.service.space_settings import SpaceSettings
from sage.service.summarizer import open_summarizer
from sage.service.tidying.lists import TidyService
from sage.service.token_accounts import TokenAccounts
from sage.store.connections.replica import open_replica
from sage.transfer.importing.service import ImportService
from sage.transfer.uploads.service import FileImports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The services that the API and the command line use."""

    settings: Settings
    memory: MemoryService
    listing: ListingService
    projects: ProjectService
    capture: CaptureService
    imports: ImportService
    file_imports: FileImports
    erasures: BackgroundErasures
    locating: LocatingService
    recall: RecallService
    recall_log: RecallLog
    given: GivenService
    health: HealthService
    metrics: MetricsService
    model: ActiveModel
    tokens: TokenGate
    spaces: SpaceFinder
    audit: AuditLog
    database: Database
    save_threads: SaveThreads
    introduction: Introduction
    accounts: AccountService
    space_settings: SpaceSettings
    token_accounts: TokenAccounts
    events: AuditReader
    seen: SeenClients
    latencies: Latencies
    embedding_progress: EmbeddingProgress
    tidying: TidyService


@asynccontextmanager
async def open_services(
    settings: Settings, *, read_only: bool = False, serves: bool = False
) -> AsyncIterator[Services]:
    """Open the services; a database that is down does not prevent it, see readiness.

    They bring its schema up to date and work in the background, unless they are `read_only`:
    then calls raise SchemaError where the schema is not that of this release. A process that
    `serves` for long makes the scheduled backups, too.
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
        bare_database = await stack.enter_async_context(
            open_configured_database(settings, create=not read_only)
        )
        model = ActiveModel(bare_database, embedder, partial(reopen_embedder, settings))
        stack.push_async_callback(model.close)
        upgrade = partial(bring_up_to_date, bare_database, settings)
        schema_gate = SchemaGate(
            bare_database,
            model,
            read_only=read_only,
            upgrade=(lambda report: upgrade(report=report)) if serves else None,
        )
        database = schema_gate.database
        indexer = Indexer(schema_gate, finish_s=FINISH_S if serves else 0.0)
        works: list[Callable[[], Awaitable[None]]] = [schema_gate.run]
        audit = AuditLog(database, settings.audit)
        recall_log, marks = RecallLog(database, settings.recall), Marks(database)
        searched = SearchedSpaces()
        if serves:
            stack.push_async_callback(recall_log.close)
            stack.push_async_callback(audit.close)
            works += [
                recall_log.run,
                marks.refresh_periodically,
                recall_log.purge_periodically,
                trim_heap,
                audit.run,
                audit.purge_periodically,
                Classifier(database, indexer.activity).run,
            ]
        if not read_only:
            works += [partial(indexer.run, number) for number in range(MAX_CALLS_AT_ONCE)]
            works += [
                partial(purge_periodically, database.for_background()),
                IndexKeeper(schema_gate, searched).run,
            ]
        if serves and settings.backup.schedule is not None:
            works.append(partial(back_up_on_schedule, database, settings))

        def reader_of(database: Database) -> DatabaseReader:
            pipeline = SearchPipeline(
                database,
                settings.search,
                reranker,
                timezone=settings.timezone,
                marks=marks,
                searched=searched,
            )
            return DatabaseReader(pipeline, ContextBuilder(database, pipeline, summarizer))

        replica = await stack.enter_async_context(
            open_replica(settings.database.read_dsn, database)
        )
        readers = Readers(
            reader_of(database), replica, None if replica is None else reader_of(replica.database)
        )
        counts = StoreCounts(bare_database)
        masking = settings.masking
        save_threads = SaveThreads()
        stack.push_async_callback(save_threads.close)
        imports = ImportService(schema_gate, indexer, masking=masking, threads=save_threads)
        stack.push_async_callback(imports.close)
        memory = MemoryService(
            schema_gate=schema_gate,
            readers=readers,
            indexer=indexer,
            audit=audit,
            masking=masking,
            threads=save_threads,
        )
        file_imports = FileImports(imports, settings)
        stack.push_async_callback(file_imports.close)
        erasures = BackgroundErasures(database, settings)
        stack.push_async_callback(erasures.close)
        if serves:
            works += [file_imports.run, erasures.run]
        await stack.enter_async_context(running(works))
        yield Services(
            settings=settings,
            memory=memory,
            listing=ListingService(database),
            projects=ProjectService(database),
            capture=CaptureService(
                schema_gate, indexer, audit=audit, masking=masking, threads=save_threads
            ),
            imports=imports,
            file_imports=file_imports,
            erasures=erasures,
            locating=LocatingService(memory, database, settings.search),
            recall=RecallService(
                memory,
                database,
                settings.timezone,
                apart=settings.recall.projects_apart,
                marks=marks,
            ),
            recall_log=recall_log,
            given=GivenService(database, marks),
            health=HealthService(
                RunningContext(
                    settings=settings,
                    database=bare_database.for_probes(),
                    schema_gate=schema_gate,
                    active_model=model,
                    counts=counts,
                    reranker=reranker,
                    summarizer=summarizer,
                    replica=replica,
                )
            ),
            metrics=MetricsService(bare_database, counts, settings.data_dir, replica),
            model=model,
            tokens=TokenGate(database),
            spaces=SpaceFinder(database),
            audit=audit,
            database=database,
            save_threads=save_threads,
            introduction=Introduction(settings, reranker, summarizer),
            accounts=AccountService(database),
            space_settings=SpaceSettings(database),
            token_accounts=TokenAccounts(database, settings.timezone),
            events=AuditReader(database),
            seen=SeenClients(settings.data_dir),
            latencies=Latencies(),
            embedding_progress=EmbeddingProgress(database, model),
            tidying=TidyService(schema_gate, masking.known, settings.recall),
        )


@asynccontextmanager
async def open_restore_target(settings: Settings, into: str | None) -> AsyncIterator[Database]:
    """Open the database to restore into: that of a URL, one beside the configured one, or that one.

    Raises as `open_configured_database` does, BackupError, InvalidInputError for a wrong URL.
    """
    async with AsyncExitStack() as stack:
        if into is not None and is_meant_as_dsn(into):
            yield await stack.enter_async_context(database_at(into))
            return
        opening = open_configured_database(settings, create=into is None)
        database = await stack.enter_async_context(opening)
        if into is not None:
            database = await stack.enter_async_context(database_beside(database, into))
        yield database
