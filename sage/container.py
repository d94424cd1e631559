"""The entry point after `docker-entrypoint.sh`: prepare inside a container, then serve.

Checks the environment and the configuration, waits for the database, migrates its schema and
continues as `sage serve`, in the same process. Each step is a coloured line on a terminal and a log
line elsewhere.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.cli.failures import OK
from sage.cli.main import main as run_command_line
from sage.cli.open_services import configuration_of
from sage.cli.serve import serve_configured
from sage.cli.start.startup_log import Steps
from sage.config.log_output import write_logs
from sage.config.value import DEFAULT
from sage.domain.health import Status
from sage.domain.text.wording import counted, one_line
from sage.errors import (
    ConfigurationError,
    ConfigurationProblem,
    SageError,
    StartupError,
    StoreUnavailableError,
)
from sage.local.postgres.binaries import find_binaries
from sage.local.signals import leave_on_sigterm
from sage.operations.checks.checklist import CheckPhase, problems_of, run_checks_sync
from sage.operations.checks.context import CheckContext
from sage.phrases import as_phrase, joined, phrase
from sage.service.schema_gate import retry
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate, migration_status

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console
    from sage.config.load import Configuration
    from sage.store.connections.pool import Database

DEADLINE_S = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare, then serve with the options of `sage serve`; return the exit code."""
    options = sys.argv[1:] if argv is None else argv
    return run_command_line(["serve", *options], run=serve_here)


def serve_here(args: Namespace, console: Console) -> int:
    """Prepare, then serve as `sage serve` does; return the exit code."""
    leave_on_sigterm(OK)
    return serve_configured(get_ready(args, console), args.workers, console)


def get_ready(
    args: Namespace, console: Console, *, deadline_s: float = DEADLINE_S
) -> Configuration:
    """Check and prepare everything `sage serve` needs here, and return the configuration.

    Raises ConfigurationError with all problems, StartupError when the database does not answer
    within `deadline_s` seconds, StoreError when it rejects the connection.
    """
    read = configuration_of(args)
    if read.settings is None:
        raise ConfigurationError([*read.problems, *_unnamed_database(read)])
    settings = read.settings
    subject = CheckContext(settings=settings)
    found = run_checks_sync(CheckPhase.CONTAINER, subject)
    if failed := [one for one in found if one[1].status is Status.UNHEALTHY]:
        raise ConfigurationError([*read.problems, *problems_of(failed)])
    write_logs(settings.log)
    steps = Steps(console, settings.log.format)
    runtime = subject.container.runtime
    around = phrase("{runtime} container" if runtime else "no container", runtime=runtime)
    healthy = [
        phrase("{name}: {detail}", name=check.name, detail=as_phrase(result.detail))
        for check, result in found
        if result.status is Status.HEALTHY
    ]
    steps.done("environment", joined("; ", [around, *healthy]))
    for check, result in found:
        if result.status is Status.DEGRADED:
            steps.warn(check.name, result.detail, result.hint)
    chosen = sum(value.origin != DEFAULT for value in read.values)
    count = counted(chosen, "variable", "variables")
    steps.done(
        "configuration", phrase("{env} settings, {count} set", env=settings.env, count=count)
    )
    if settings.database.dsn is not None:
        dsn = settings.database.dsn.get_secret_value()
        try:
            asyncio.run(_prepare_database(dsn, steps, deadline_s))
        except SageError:
            steps.warn_of(read.problems)  # they may be the cause; otherwise `serve` reports them
            raise
    return read


def _unnamed_database(read: Configuration) -> list[ConfigurationProblem]:
    """Report a missing database beside other invalid settings, which prevent the usual check."""
    if any(read.origin(variable) != DEFAULT for variable in ("DATABASE_URL", "DB_HOST")):
        return []
    try:
        find_binaries()
    except StartupError as error:
        return [ConfigurationProblem("DATABASE_URL", DEFAULT, error.message, error.hint)]
    return []


async def _prepare_database(dsn: str, steps: Steps, deadline_s: float) -> None:
    where = urlsplit(dsn).netloc.rpartition("@")[2] or phrase("its Unix socket")
    database = await open_database(dsn)
    try:
        began = time.monotonic()
        await steps.waiting(
            _answering(database, where, deadline_s),
            phrase("waiting for the database at {where}", where=where),
        )
        steps.done(
            "database",
            phrase(
                "{where} responded after {seconds:.1f} s",
                where=where,
                seconds=time.monotonic() - began,
            ),
        )
        applied = await steps.waiting(migrate(database), "updating the schema")
        names = ", ".join(f"{one.version:04d}_{one.name}" for one in applied)
        steps.done(
            "schema", phrase("applied {names}", names=names) if applied else phrase("is current")
        )
    finally:
        await database.close()


async def _answering(database: Database, where: str, deadline_s: float) -> None:
    """Wait until the database answers. Raises StartupError at the deadline, StoreError at once."""
    reason: SageError | None = None

    def note(failure: SageError) -> None:
        nonlocal reason
        if not isinstance(failure, StoreUnavailableError):
            raise failure
        reason = failure

    try:
        async with asyncio.timeout(deadline_s):
            await retry(lambda: migration_status(database), on_failure=note)
    except TimeoutError:
        raise StartupError(
            phrase(
                "the database at {where} did not respond within {seconds:.0f} s",
                where=where,
                seconds=deadline_s,
            ),
            detail=""
            if reason is None
            else one_line(
                phrase("{message} ({detail})", message=reason.message, detail=reason.detail)
            ),
            hint="start it, or correct DB_HOST and DB_PORT (inside a container localhost is the "
            "container itself)",
        ) from reason


if __name__ == "__main__":
    sys.exit(main())
