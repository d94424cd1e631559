"""A temporary database and data directory for benchmarks."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import signal
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from sage.config.choices import AuthMode
from sage.config.server_settings import ServerSettings
from sage.errors import StartupError
from sage.local.data_dir.locks import is_free
from sage.local.postgres import EmbeddedPostgres
from sage.store.connections.temporary import temporary_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sage.config.settings import Settings

_PREFIX = "sage-bench-"
_ATTEMPTS = 5
_REST_S = 1.0


@asynccontextmanager
async def sandbox(settings: Settings) -> AsyncIterator[Settings]:
    """Yield settings with an empty database and data directory, both removed afterwards.

    The database is created on the configured server, or on a temporary embedded Postgres. Models
    are those of `settings`; the server listens on loopback, without tokens. Leftovers of benchmarks
    that were killed are removed as well. Raises SageError.
    """
    await asyncio.to_thread(_clear_leftovers)
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder,
        _cleared_after_death(Path(folder)),
    ):
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
    """Return the DSN of the database of a sandbox. Raises ValueError for other settings."""
    if place.database.dsn is None:
        raise ValueError("these settings are not those of a sandbox")
    return place.database.dsn.get_secret_value()


@contextmanager
def _cleared_after_death(data_dir: Path) -> Iterator[None]:
    """Run a process that removes the data directory if this one is killed."""
    guard = multiprocessing.get_context("spawn").Process(
        target=_clear_after_parent, args=(data_dir,), daemon=True
    )
    guard.start()
    try:
        yield
    finally:
        guard.kill()
        guard.join()


def _clear_after_parent(data_dir: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _clear(data_dir)


def _clear_leftovers() -> None:
    """Remove data directories of earlier benchmarks whose database is not in use."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        users = folder / "postgres.users"
        with suppress(OSError):
            if users.exists() and is_free(users):
                _clear(folder)


def _clear(data_dir: Path) -> None:
    for _ in range(_ATTEMPTS):
        try:
            if (data_dir / "postgres").is_dir():
                postgres = EmbeddedPostgres(data_dir)
                postgres.start()
                postgres.stop()
            break
        except StartupError:
            time.sleep(_REST_S)  # processes of the killed benchmark may still be ending
    shutil.rmtree(data_dir, ignore_errors=True)
