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
_SOURCE = "SAGE_PGVECTOR_SOURCE"
_OLDEST_PGVECTOR = "3849f0fd3d6f7916de26d43e3a3c9f8e6615bc8f"
"""The commit of v0.7.0."""


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


def _with_the_oldest_pgvector(directory: Path) -> Cluster:
    """Build pgvector for a copy of Debian's PostgreSQL 17, which finds its files beside itself."""
    source = os.environ.get(_SOURCE)
    if not source or not (_DEBIAN / "bin/pg_config").exists():
        raise MissingEngineError(f"{_SOURCE}, a repository of pgvector, or pg_config is missing")
    built, root = directory / "pgvector", directory / "programs"
    subprocess.run(["git", "clone", "-q", "--no-checkout", source, built], check=True)
    subprocess.run(["git", "-C", built, "checkout", "-q", _OLDEST_PGVECTOR], check=True)
    make = ["make", "-s", "-C", built, f"PG_CONFIG={_DEBIAN}/bin/pg_config", "with_llvm=no"]
    subprocess.run([*make, "OPTFLAGS="], check=True, stdout=subprocess.DEVNULL)
    programs, shared = root / "lib/postgresql/17", root / "share/postgresql/17"
    shutil.copytree(_DEBIAN, programs)
    shutil.copytree("/usr/share/postgresql/17", shared)
    for old in (shared / "extension").glob("vector*"):
        old.unlink()
    shutil.copy(built / "vector.so", programs / "lib/vector.so")
    for file in (built / "vector.control", *(built / "sql").glob("vector--*.sql")):
        shutil.copy(file, shared / "extension")
    directory.chmod(0o755)
    return _ForeignCluster(directory, programs)


ENGINES: dict[str, Callable[[Path], Cluster]] = {
    "18": _embedded,
    "17": _of_debian,
    "16": _of_the_lock,
    "17-pgvector-0.7": _with_the_oldest_pgvector,
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
