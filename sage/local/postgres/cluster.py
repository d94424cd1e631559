"""Create the files of the embedded database, all or nothing, and check existing ones."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import open_folder, owner_of, read_file
from sage.errors import StartupError
from sage.local.postgres.socket import DATABASE, SUPERUSER
from sage.phrases import phrase

if TYPE_CHECKING:
    from pathlib import Path

    from sage.local.postgres.account import Account
    from sage.local.postgres.binaries import Binaries

FOLDER = "postgres"
"""The directory of the database files in a data directory."""
UPGRADE = "postgres.upgrade"
"""The directory in which an upgrade creates the next database; it is removed at the end."""

UNFINISHED = "postgres.new-"
_MAX_VERSION_BYTES = 16
_TUNABLE = (
    "shared_buffers=128MB",
    "max_connections=40",
    "maintenance_work_mem=128MB",
    # A page is written to the log in full when it changes first after a checkpoint.
    "checkpoint_timeout=30min",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
)
_MIN_WAL_MB, _MAX_WAL_MB = 512, 2048
_WAL_SHARE = 20
"""The share of the free disk space for the WAL before a checkpoint: a twentieth."""
_CREATE_DATABASE = f"CREATE DATABASE {DATABASE}\n"
_REASONS = (
    (
        "No space left on device",
        phrase("the disk is full"),
        phrase("free some space, or move the data directory"),
    ),
    ("Disk quota exceeded", phrase("the disk quota is used up"), phrase("free some space")),
    (
        "Read-only file system",
        phrase("the file system is read-only"),
        phrase("choose another data directory"),
    ),
    (
        "Permission denied",
        phrase("permission denied"),
        phrase("check who owns it and the directories above it, or choose another data directory"),
    ),
    (
        "Cannot allocate memory",
        phrase("there is not enough memory for PostgreSQL"),
        phrase(
            "free some memory, or lower shared_buffers in postgresql.conf of the data directory"
        ),
    ),
)


def prepare_cluster(data_dir: Path, pgdata: Path, binaries: Binaries, account: Account) -> None:
    """Create the database files if there are none, owned by the account.

    Raises StartupError if they cannot be created, or if other files are in their place.
    """
    if not (pgdata / "PG_VERSION").exists():
        if (data_dir / UPGRADE / FOLDER).exists():
            raise StartupError(
                phrase(
                    "an upgrade of the database in {directory} was interrupted", directory=data_dir
                ),
                detail="nothing is lost",
                hint="run the same `sage migrate postgres` again to finish it",
            )
        if pgdata.exists() and any(pgdata.iterdir()):
            raise StartupError(
                phrase("{directory} exists but contains no PostgreSQL database", directory=pgdata),
                hint="move it away, or choose another data directory",
            )
        _create_cluster(data_dir, pgdata, binaries, account)
    for leftover in data_dir.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if owner_of(pgdata).st_uid != account.uid:
        account.take_tree(pgdata)


def major_on_disk(pgdata: Path) -> str | None:
    """Return the major version that made the database files; None without any.

    Raises StartupError if it cannot be determined.
    """
    try:
        major = read_file(pgdata / "PG_VERSION", _MAX_VERSION_BYTES).strip()
    except FileNotFoundError:
        return None
    if not major.isdigit():
        raise StartupError(
            phrase(
                "{directory} does not contain a PostgreSQL version number",
                directory=pgdata / "PG_VERSION",
            ),
            detail="the files of the database are damaged, or are not those of a database",
            hint="restore the data directory from a backup, or choose another one",
        )
    return major


def check_version(pgdata: Path, binaries: Binaries) -> None:
    """Raise StartupError if the database files exist and are of another major version."""
    major = major_on_disk(pgdata)
    if major not in {None, binaries.major}:
        raise StartupError(
            phrase(
                "the database in {directory} was created by PostgreSQL {major}, and "
                "this Sage comes with PostgreSQL {version}",
                directory=pgdata,
                major=major,
                version=binaries.version,
            ),
            hint=phrase(
                "run `sage migrate postgres --programs DIR` with the programs of "
                "PostgreSQL {major}: see docs/backup.md",
                major=major,
            ),
        )


def explain_failure(
    what: str,
    output: str,
    otherwise: str = "see what PostgreSQL says; if its files are damaged, restore a backup",
) -> StartupError:
    """Return an error for the output of a failed program; `otherwise` is its default hint."""
    for words, message, hint in _REASONS:
        if words in output:
            return StartupError(
                phrase("{what}: {message}", what=what, message=message), detail=output, hint=hint
            )
    return StartupError(what, detail=output, hint=otherwise)


def _settings(data_dir: Path) -> tuple[str, ...]:
    """Return the settings of new files, with as much WAL as their disk has room for.

    After a crash PostgreSQL replays the WAL since the last checkpoint before it answers.
    """
    free_mb = shutil.disk_usage(data_dir).free // 2**20
    wal_mb = min(max(free_mb // _WAL_SHARE, _MIN_WAL_MB), _MAX_WAL_MB)
    return (*_TUNABLE, f"max_wal_size={wal_mb}MB")


def _create_cluster(data_dir: Path, pgdata: Path, binaries: Binaries, account: Account) -> None:
    unfinished = data_dir / f"{UNFINISHED}{secrets.token_hex(4)}"
    try:
        if account.uid != owner_of(data_dir).st_uid:
            unfinished.mkdir(mode=0o700)  # initdb cannot: the account may only pass through
            account.take_tree(unfinished)
        initdb, place = str(binaries.program("initdb")), ("-D", str(unfinished))
        postgres = str(binaries.program("postgres"))
        create_files = [
            *(initdb, *place, "--no-sync", "--username", SUPERUSER),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"),
            "--data-checksums",
            *(word for setting in _settings(data_dir) for word in ("--set", setting)),
        ]
        create_database = [postgres, "--single", *place, "-c", "fsync=off", "postgres"]
        sync_files = [initdb, *place, "--sync-only"]
        for command, stdin in (
            (create_files, ""),
            (create_database, _CREATE_DATABASE),
            (sync_files, ""),
        ):
            done = binaries.run(command, account=account, stdin=stdin)
            if done.returncode != 0 or "ERROR:" in done.stdout:
                raise explain_failure(
                    phrase("the database could not be created"), done.stdout.strip()
                )
        with open_folder(data_dir) as folder:
            os.rename(unfinished.name, pgdata.name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
    except OSError as error:
        raise explain_failure(phrase("the database could not be created"), str(error)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
