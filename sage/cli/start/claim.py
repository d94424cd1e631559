"""The claim of one Sage on its data directory."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.cli.views.program_name import stop_command
from sage.config.dsn import describe_dsn
from sage.errors import StartupError
from sage.local.data_dir.instance import Instance, RunningInstance
from sage.phrases import phrase
from sage.store.migrate import newest_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.settings import Settings


@contextmanager
def claimed(settings: Settings, *, was_named: bool) -> Iterator[None]:
    """Claim the data directory for a server with the embedded database, unless `sage up` did so.

    Several servers may share an external database. `was_named` is that of Instance. Raises
    StartupError.
    """
    instance = Instance(settings.data_dir, was_named=was_named)
    if settings.database.dsn is not None or instance.is_own():
        yield
        return
    lock = instance.claim()
    if lock is None:
        raise running_already(instance, instance.running())
    with lock:
        instance.record(lock, running_here(os.getpid(), settings))
        yield


def running_here(pid: int, settings: Settings, *, log: str = "") -> RunningInstance:
    """Describe a Sage with these settings."""
    server = settings.server
    return RunningInstance(
        pid, server.host, server.port, database_of(settings), log, release_here()
    )


def release_here() -> str:
    """Return the version of this Sage, the version of its schema, and a digest of its code.

    The digest tells two states of a checkout apart, which have one version.
    """
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parents[2].rglob("*")):
        if path.suffix in {".py", ".sql"}:
            code.update(path.read_bytes())
    return f"{__version__} {newest_version()} {code.hexdigest()[:16]}"


def database_of(settings: Settings) -> str:
    """Return the configured database, without its password; empty for the embedded one."""
    dsn = settings.database.dsn
    return "" if dsn is None else describe_dsn(dsn.get_secret_value())


def running_already(
    instance: Instance, running: RunningInstance | None, difference: str = ""
) -> StartupError:
    """Return the error for a data directory in use; `difference` is that of its Sage from this."""
    detail = phrase("data directory: {directory}", directory=instance.data_dir)
    return StartupError(
        phrase("Sage is already running on this data directory (port {port})", port=running.port)
        if running
        else "Sage is already running on this data directory, but its address is unknown",
        detail=phrase("{difference}\n{detail}", difference=difference, detail=detail)
        if difference
        else detail,
        hint=phrase(
            "stop it with `{command}`, or start another one with another --data-dir and --port",
            command=stop_command(instance),
        ),
    )
