"""Check the database and its replica: version, extension, schema, durability, and the queue."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.health import MAX_QUEUE_AGE_S, CheckResult
from sage.domain.local_time import local_time_text
from sage.domain.text.wording import counted, duration_text
from sage.errors import StoreError
from sage.local.postgres.binaries import find_binaries
from sage.local.postgres.cluster import FOLDER
from sage.operations.checks.server import may_create_roles
from sage.phrases import as_phrase, joined, phrase
from sage.providers.registry import configured_model
from sage.store import queue as stored_queue
from sage.store.active_model import find_active_model
from sage.store.connections.pool import POOL_SIZE
from sage.store.connections.replica import open_replica
from sage.store.failures import MOVED_ELSEWHERE, USE_THE_OTHER
from sage.store.migrate import migration_status
from sage.store.moving.mark import MOVED, read_mark
from sage.store.server_info import (
    answer_probe,
    application_role_name,
    connection_budget,
    server_versions,
)
from sage.store.stats import durability_problems, read_damage
from sage.store.suitability import MIN_PGVECTOR, is_too_old
from sage.store.vector_indexes import read_index_build, unfitting_build

if TYPE_CHECKING:
    from sage.domain.memories import IndexBuild, QueueStats
    from sage.operations.checks.context import CheckContext
    from sage.store.build_settings import BuildSettings
    from sage.store.connections.replica import ReplicaProgress

_CONNECTIONS = POOL_SIZE + 2  # one for maintenance and one for probes
_MIGRATE = "run `sage migrate up`, or start Sage"

_MAX_AGE_S = 10.0
_VARIABLE = "DATABASE_READ_URL"
_REPLICA_AWAY = phrase(
    "start it, or check DATABASE_READ_URL; until it answers, searches use the primary"
)


async def answers(context: CheckContext) -> CheckResult:
    """Connect and ask for the version."""
    async with context.opened().across_spaces() as conn:
        versions = await server_versions(conn)
    return CheckResult.healthy(
        phrase("PostgreSQL {postgres} answers", postgres=versions.postgres), code="answers"
    )


async def serves(context: CheckContext) -> CheckResult:
    """Connect, and check that the data is still here: it may have been moved."""
    async with context.opened().across_spaces() as conn:
        answer = await answer_probe(conn)
        mark = await read_mark(conn) if answer.has_moving else None
    if mark is not None and mark.state == MOVED:
        return CheckResult.unhealthy(MOVED_ELSEWHERE, USE_THE_OTHER, code="moved")
    return CheckResult.healthy(
        phrase("PostgreSQL {postgres} answers", postgres=answer.postgres), code="answers"
    )


async def pgvector(context: CheckContext) -> CheckResult:
    """Ask for the version of the extension."""
    async with context.opened().across_spaces() as conn:
        version = (await server_versions(conn)).pgvector
    if version is None:
        return CheckResult.degraded("not created yet", _MIGRATE)
    if is_too_old(version):
        oldest = ".".join(map(str, MIN_PGVECTOR))
        hint = phrase(
            "install {oldest} or newer, then run ALTER EXTENSION vector UPDATE", oldest=oldest
        )
        return CheckResult.unhealthy(version, hint)
    return CheckResult.healthy(version)


async def schema(context: CheckContext) -> CheckResult:
    """Compare the schema with this release."""
    status = await migration_status(context.opened())
    if status.problem is not None:
        return CheckResult.unhealthy(status.problem.message, status.problem.hint)
    if status.pending:
        count = counted(len(status.pending), "migration is", "migrations are")
        return CheckResult.degraded(phrase("{count} to be applied", count=count), _MIGRATE)
    return CheckResult.healthy(phrase("current, version {version}", version=status.version))


async def connections(context: CheckContext) -> CheckResult:
    """Compare the connections that one more process opens with those the server has left."""
    database = context.opened()
    async with database.across_spaces() as conn:
        budget = await connection_budget(conn)
    if database.behind_pooler:
        return CheckResult.healthy("limited by a connection pooler")
    free = budget.allowed - budget.used
    detail = phrase(
        "{free} of {allowed} are available; a Sage process opens up to {connections}",
        free=free,
        allowed=budget.allowed,
        connections=_CONNECTIONS,
    )
    if free < _CONNECTIONS:
        hint = "raise max_connections, stop other programs, or use PgBouncer"
        return CheckResult.degraded(detail, hint)
    return CheckResult.healthy(detail)


async def spaces(context: CheckContext) -> CheckResult:
    """Report whether the database also isolates spaces from each other."""
    database = context.opened()
    async with database.in_space():
        pass  # what works in spaces logs in
    if database.logs_in_as_role:
        return CheckResult.healthy("also separated by the database")
    async with database.across_spaces() as conn:
        role, user = await application_role_name(conn)
    if database.application_role is None and await may_create_roles(context):
        return CheckResult.degraded(
            phrase("separated by Sage only: there is no role {role} yet", role=role),
            "start Sage, which creates it",
        )
    if database.application_role is None:
        return CheckResult.degraded(
            phrase(
                "separated by Sage only: its database user may not create the role {role}",
                role=role,
            ),
            phrase(
                "ask an administrator to run CREATE ROLE {role}; GRANT {role} TO {user}; then "
                "start Sage",
                role=role,
                user=user,
            ),
        )
    return CheckResult.degraded(
        phrase(
            "also separated by the database, but requests log in as {user}: {role} may not log in",
            user=user,
            role=role,
        ),
        phrase(
            "ask an administrator to run ALTER ROLE {user} CREATEROLE; GRANT {role} TO {user} "
            "WITH ADMIN OPTION; and to add the role to the configuration of the pooler, if "
            "there is one; then start Sage",
            user=user,
            role=role,
        ),
    )


async def durability(context: CheckContext) -> CheckResult:
    """Report whether a confirmed save survives a crash."""
    async with context.opened().across_spaces() as conn:
        problems = await durability_problems(conn)
    if problems:
        return CheckResult.unhealthy(joined("; ", problems), "set them to on in postgresql.conf")
    return CheckResult.healthy("a confirmed save survives a crash")


async def damage(context: CheckContext) -> CheckResult:
    """Report whether pages have checksums, and whether a page with an invalid one was read."""
    async with context.opened().across_spaces() as conn:
        found = await read_damage(conn)
    if found is None:
        return CheckResult.healthy(_how_to_enable_checksums(context))
    if not found.reads:
        return CheckResult.healthy("page checksums are on, and no damaged page was read")
    last = local_time_text(found.last_at, context.settings.timezone) if found.last_at else "unknown"
    return CheckResult.unhealthy(
        phrase(
            "{reads} failed because a page is damaged, the last {last}",
            reads=counted(found.reads, "read", "reads"),
            last=last,
        ),
        "check the disk, and run `sage backup`: if it succeeds, no memory is damaged, and "
        "`sage restore FILE` restores them all from it; otherwise restore the newest backup: see "
        "SageDatabaseDamaged in docs/runbooks.md",
    )


def _how_to_enable_checksums(context: CheckContext) -> str:
    """Return that pages have no checksums, and where to read or what to run to enable them."""
    if context.settings.database.dsn is not None:
        return phrase(
            "page checksums are off, so damage may go unnoticed: see docs/maintenance.md to "
            "enable them"
        )
    program, files = find_binaries().program("pg_checksums"), context.settings.data_dir / FOLDER
    return phrase(
        "page checksums are off, so damage may go unnoticed: to enable them, stop Sage, then run "
        "{command}",
        command=shlex.join((str(program), "--enable", "-D", str(files))),
    )


async def vectors(context: CheckContext) -> CheckResult:
    """Compare the model of the stored vectors with the configured one."""
    async with context.opened().across_spaces() as conn:
        active = await find_active_model(conn)
    if active is None:
        return CheckResult.healthy("none yet")
    since = local_time_text(active.since, context.settings.timezone)
    detail = phrase("{name} active since {since}", name=active.model.name, since=since)
    wanted = configured_model(context.settings)
    if wanted is None or wanted == active.model:
        build = await unfitting_build(context.opened(), active.model_id)
        return CheckResult.healthy(detail) if build is None else too_large(detail, build)
    return CheckResult.degraded(
        phrase("{detail}; {name} is configured", detail=detail, name=wanted.name),
        "run `sage reembed` to switch to it, or configure the active model to keep using it",
    )


def too_large(detail: str, build: BuildSettings) -> CheckResult:
    """Warn that the memory is too small for the graph of an index to be built."""
    return CheckResult.degraded(
        phrase(
            "{detail}; building a vector index needs {wanted:,} MiB of memory, of which "
            "{there:,} MiB are available",
            detail=detail,
            wanted=build.wanted_mib,
            there=build.memory_mib,
        ),
        "the index is built anyway, but several times as slowly; add memory to the machine, or "
        "raise maintenance_work_mem if the server is on another machine",
        code="index_memory",
    )


async def queue(context: CheckContext) -> CheckResult:
    """Count the memories without vectors, and measure how long the first has waited."""
    async with context.opened().across_spaces() as conn:
        stats = await stored_queue.queue_stats(conn, None)
        age_s = await stored_queue.oldest_age_s(conn)
        build = await read_index_build(conn)
    return with_index_build(queue_result(stats, age_s), build)


def with_index_build(result: CheckResult, build: IndexBuild | None) -> CheckResult:
    """Add the progress of the index build for which vectors are waiting."""
    if build is None:
        return result
    detail = phrase(
        "{detail}; a vector index is being built: {progress:.0%}"
        if build.remaining_s is None
        else "{detail}; a vector index is being built: {progress:.0%}, {duration} left",
        detail=as_phrase(result.detail),
        progress=build.progress,
        duration=duration_text(build.remaining_s or 0.0),
    )
    figures = {**result.figures, "index_build": build.progress}
    if build.remaining_s is not None:
        figures["index_build_left_s"] = build.remaining_s
    return replace(result, detail=detail, figures=figures)


def queue_result(stats: QueueStats, age_s: float) -> CheckResult:
    """Return the state of the queue by its length and age."""
    detail = phrase(
        "{pending:,} pending, {failed:,} failed, the oldest for {duration}"
        if stats.pending
        else "{pending:,} pending, {failed:,} failed",
        pending=stats.pending,
        failed=stats.failed,
        duration=duration_text(age_s),
    )
    figures = {"pending": stats.pending, "failed": stats.failed, "age_s": age_s}
    if age_s > MAX_QUEUE_AGE_S:
        hint = "start Sage if it is not running; the check `model` shows whether the model responds"
        return CheckResult.degraded(detail, hint, code="late", figures=figures)
    if stats.failed:
        hint = "failed memories are found by keyword only; see Sage's log for the reason"
        return CheckResult.degraded(detail, hint, code="some_failed", figures=figures)
    code = "waiting" if stats.pending else "current"
    return CheckResult.healthy(detail, code=code, figures=figures)


async def replica(context: CheckContext) -> CheckResult | None:
    """Connect to the replica and compare it with its primary; None if none is configured.

    Raises StoreError.
    """
    dsn = context.settings.database.read_dsn
    async with open_replica(dsn, context.opened()) as opened:
        try:
            return None if opened is None else replica_result(await opened.progress())
        except StoreError as error:
            raise type(error)(error.message, detail=error.detail, hint=_REPLICA_AWAY) from error


def replica_result(progress: ReplicaProgress) -> CheckResult:
    """Return how well a replica follows its primary."""
    if not progress.is_replica:
        return CheckResult.degraded(
            "is not a replica: searches use the primary",
            "set it to a streaming replica of the primary",
            _VARIABLE,
            code="no_replica",
        )
    if not progress.bytes_behind:
        return CheckResult.healthy("up to date with the primary", code="current")
    figures = {"bytes_behind": progress.bytes_behind, "age_s": progress.replayed_s_ago}
    age = duration_text(progress.replayed_s_ago)
    detail = phrase(
        "{bytes_behind:,} bytes behind; its newest commit is {age} old",
        bytes_behind=progress.bytes_behind,
        age=age,
    )
    if progress.replayed_s_ago > _MAX_AGE_S:
        hint = "see pg_stat_replication on the primary; until then, searches use the primary"
        return CheckResult.degraded(detail, hint, _VARIABLE, code="far_behind", figures=figures)
    return CheckResult.healthy(detail, code="behind", figures=figures)
