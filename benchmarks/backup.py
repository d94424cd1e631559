"""Measure the duration of a backup and a restore, and compare answers of both databases."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from benchmarks import corpus
from benchmarks.seeding import SyntheticEmbedder, fill_and_index
from sage.bootstrap import open_services
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.relevance import MinRelevance
from sage.domain.searching import SearchRequest
from sage.operations.backup.checking import check_archive, opened_archive
from sage.operations.backup.making import make_backup
from sage.operations.backup.progress import unseen
from sage.operations.backup.restoring import restore_backup
from sage.operations.backup.target import database_at
from sage.providers.registry import open_embedder
from sage.store.connections.pool import open_database
from sage.store.connections.temporary import temporary_database
from sage.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sage.config.settings import Settings

_TIMEOUT_S = 900.0
_FOUND = 10


@dataclass(frozen=True, slots=True)
class BackupMeasured:
    """Seconds and bytes of a backup and its restore, and how many answers are unchanged.

    `repeated` counts the searches of the manifest. The restore fails unless they and the rows and
    checksums of all tables are equal.
    """

    memories: int
    backup_s: float
    size_bytes: int
    restore_s: float
    repeated: int
    questions: int
    same_best: int
    same_order: int


async def measure_backup(
    settings: Settings, memories: int, questions: int, progress: Callable[[int], None]
) -> BackupMeasured:
    """Back up generated memories, restore them into a second database, and query both.

    `settings` must name an empty database (see `sandbox`). `progress` is called with the number of
    memories generated and questions asked, `memories + 2 * questions` in total. Raises SageError.
    """
    await fill_database(settings, memories, progress)
    file = settings.data_dir / "measured.backup"
    async with temporary_database(dsn_of(settings)) as dsn:
        database = await open_database(dsn_of(settings), command_timeout_s=_TIMEOUT_S)
        try:
            began = time.perf_counter()
            made = await make_backup(database, file, unseen)
            backup_s = time.perf_counter() - began
        finally:
            await database.close()
        began = time.perf_counter()
        with opened_archive(file) as archive:
            manifest = await check_archive(archive, unseen)
            async with database_at(dsn) as target:
                restored = await restore_backup(target, archive, manifest, unseen, replace=False)
        restore_s = time.perf_counter() - began
        before = await _answers(settings, questions, progress)
        beside = settings.database.model_copy(update={"dsn": SecretStr(dsn)})
        after = await _answers(
            settings.model_copy(update={"database": beside}), questions, progress
        )
    pairs = list(zip(before, after, strict=True))
    return BackupMeasured(
        memories,
        round(backup_s, 1),
        made.size_bytes,
        round(restore_s, 1),
        restored.searches,
        questions,
        same_best=sum(one[:1] == other[:1] for one, other in pairs),
        same_order=sum(one == other for one, other in pairs),
    )


async def fill_database(settings: Settings, memories: int, progress: Callable[[int], None]) -> None:
    """Fill the empty database of a sandbox with generated memories, and index their vectors.

    `progress` is called with the number of memories generated. Raises SageError.
    """
    database = await open_database(dsn_of(settings), command_timeout_s=_TIMEOUT_S)
    try:
        await migrate(database)
    finally:
        await database.close()
    async with open_services(settings) as services:
        await services.memory.stats(DEFAULT_SPACE)  # waits until the schema is ready
    embedder = open_embedder(settings)
    try:
        await embedder.start()
        synthetic = await SyntheticEmbedder.of(embedder)
        await fill_and_index(
            settings, embedder.model, synthetic, first=0, last=memories, progress=progress
        )
    finally:
        await embedder.close()


async def _answers(
    settings: Settings, questions: int, progress: Callable[[int], None]
) -> list[list[UUID]]:
    """Return the ids of the results of each question, best first."""
    found = []
    async with open_services(settings) as services:
        for number in range(questions):
            request = SearchRequest(
                corpus.question(number), _FOUND, min_relevance=MinRelevance.NONE
            )
            answer = await services.memory.search(request)
            found.append([hit.memory_id for hit in answer.results])
            progress(1)
    return found
