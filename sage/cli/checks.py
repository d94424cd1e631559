"""What `sage doctor` looks at, one function a thing; each gives what it found or raises."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sage.cli.healthcheck import ask
from sage.config.preflight import check_reality
from sage.domain.summarizing import Turn
from sage.store import queue
from sage.store.active_model import find_serving_model
from sage.store.migrate import migration_status
from sage.store.server import server_versions
from sage.store.stats import durability_problems
from sage.terminal.output import counted, size_text

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer
    from sage.store.pool import Database

_MIN_PGVECTOR = (0, 7)
_MIN_FREE_BYTES = 256 * 1024 * 1024
_MAX_WAIT_S = 300.0
_PROBE = "Is the model there?"
_PROBE_TOKENS = 16


class Mark(StrEnum):
    """How a thing was found."""

    GOOD = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    mark: Mark
    detail: str
    hint: str = ""


def good(detail: str) -> Finding:
    """Find nothing wrong."""
    return Finding(Mark.GOOD, detail)


async def examine_data_dir(settings: Settings) -> Finding:
    """Try to write where the data lives."""
    where = str(settings.data_dir)
    if settings.database.dsn is not None:
        return good("not used: DATABASE_URL names the database")
    problems = await asyncio.to_thread(check_reality, settings, listens=False)
    for problem in problems:
        return Finding(Mark.FAILED, problem.message, problem.hint)
    return good(where)


async def examine_disk(settings: Settings) -> Finding:
    """Measure the room left where the data lives."""
    folder = settings.data_dir
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    free = shutil.disk_usage(place).free
    detail = f"{size_text(free)} free"
    if free < _MIN_FREE_BYTES:
        return Finding(Mark.FAILED, detail, f"free at least {size_text(_MIN_FREE_BYTES)}")
    return good(detail)


async def examine_database(database: Database) -> Finding:
    """Connect and ask for the version."""
    async with database.connection() as conn:
        return good(f"PostgreSQL {(await server_versions(conn)).postgres}")


async def examine_pgvector(database: Database) -> Finding:
    """Ask for the version of the extension."""
    async with database.connection() as conn:
        version = (await server_versions(conn)).pgvector
    if version is None:
        return Finding(Mark.WARNING, "not created yet", "run `sage migrate up`, or start Sage")
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if found < _MIN_PGVECTOR:
        return Finding(Mark.FAILED, version, "install 0.7 or newer, ALTER EXTENSION vector UPDATE")
    return good(version)


async def examine_schema(database: Database) -> Finding:
    """Compare the schema with this release."""
    status = await migration_status(database)
    if status.problem is not None:
        return Finding(Mark.FAILED, status.problem.message, status.problem.hint)
    if status.pending:
        count = counted(len(status.pending), "migration is", "migrations are")
        return Finding(
            Mark.WARNING, f"{count} to be applied", "run `sage migrate up`, or start Sage"
        )
    return good(f"current, {counted(len(status.applied), 'migration', 'migrations')} applied")


async def examine_durability(database: Database) -> Finding:
    """Read whether an answered save survives a crash."""
    async with database.connection() as conn:
        problems = await durability_problems(conn)
    if problems:
        return Finding(Mark.FAILED, "; ".join(problems), "set them to on in postgresql.conf")
    return good("an answered save survives a crash")


async def examine_vectors(database: Database, wanted: EmbeddingModel | None) -> Finding:
    """Compare the model that made the vectors with the one that is configured."""
    async with database.connection() as conn:
        served = await find_serving_model(conn)
    if served is None:
        return good("none yet")
    detail = f"{served.model.name} answers since {served.since:%Y-%m-%d %H:%M} UTC"
    if wanted is None or wanted == served.model:
        return good(detail)
    return Finding(
        Mark.WARNING,
        f"{detail}; {wanted.name} is configured",
        "run `sage reembed` to move to it, or configure the model that answers",
    )


async def examine_queue(database: Database) -> Finding:
    """Count the memories that wait for their vectors, and look how long the first one has."""
    async with database.connection() as conn:
        stats = await queue.queue_stats(conn, None)
        age_s = await queue.oldest_age_s(conn)
    detail = f"{stats.pending:,} pending, {stats.failed:,} failed"
    if stats.pending:
        detail += f", the oldest waits for {_duration(age_s)}"
    if age_s > _MAX_WAIT_S:
        hint = "start Sage if it does not run; the line `model` says whether the model answers"
        return Finding(Mark.WARNING, detail, hint)
    if stats.failed:
        hint = "what failed is found by its words; Sage's log says what the model refused"
        return Finding(Mark.WARNING, detail, hint)
    return good(detail)


def name_provider(embedder: Embedder, settings: Settings) -> Finding:
    """Report which provider the settings come to."""
    return good(f"{embedder.model.provider} (EMBEDDING_PROVIDER={settings.embedding.provider})")


async def examine_model(embedder: Embedder) -> Finding:
    """Load the model and embed a sentence."""
    await embedder.start()
    vector = await embedder.embed_query(_PROBE)
    model = embedder.model
    if vector.shape != (model.dimensions,):
        hint = f"set EMBEDDING_DIMENSIONS={vector.shape[-1]}"
        return Finding(Mark.FAILED, f"{model.name} gives {vector.shape[-1]} dimensions", hint)
    return good(f"{model.name}, {model.dimensions} dimensions")


async def examine_reranker(reranker: Reranker | None, settings: Settings) -> Finding:
    """Have a sentence of Sage's own judged."""
    if reranker is None:
        return good(f"none (RERANKER_PROVIDER={settings.reranker.provider})")
    await reranker.score(_PROBE, [_PROBE])
    return good(f"{reranker.name}, the key is accepted")


async def examine_summarizer(summarizer: Summarizer | None, settings: Settings) -> Finding:
    """Have a sentence of Sage's own condensed."""
    if summarizer is None:
        return good(f"none (SUMMARY_PROVIDER={settings.summary.provider})")
    await summarizer.summarize(_PROBE, [Turn("doctor", _PROBE)], _PROBE_TOKENS)
    if summarizer.is_local:
        return good("picked sentences, without a language model")
    return good(f"{summarizer.name}, the key is accepted")


async def examine_port(settings: Settings) -> Finding:
    """Ask who listens on the port; free, or Sage itself, is good."""
    server = settings.server
    where = f"{server.host}:{server.port}"
    if await asyncio.to_thread(ask, server.host, str(server.port), "/health/liveness") is None:
        return good(f"Sage answers on {where}")
    problems = await asyncio.to_thread(check_reality, settings)
    for problem in problems:
        if problem.variable.startswith("MCP_SERVER_"):
            mark = Mark.WARNING if problem.warning else Mark.FAILED
            return Finding(mark, problem.message, problem.hint)
    return good(f"{where} is free")


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
