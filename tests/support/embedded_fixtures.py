"""Fixtures with an embedded Postgres: data directories whose servers are gone after the test."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sage.local.postgres import EmbeddedPostgres
from tests.support.embedded_lab import Owner, is_running, kill_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def workspace() -> Iterator[Path]:
    """Give a folder with a short path; servers of data directories in it are ended."""
    folder = Path(tempfile.mkdtemp(prefix="sage-"))
    yield folder
    for pid_file in folder.rglob("postmaster.pid"):
        if is_running(pid_file.parents[1]):
            kill_server(pid_file.parents[1], with_children=True)
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(workspace: Path) -> Path:
    """Name a data directory that does not exist yet."""
    return workspace / "data"


@pytest.fixture(scope="session")
def made_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the files of an embedded Postgres once, to be copied."""
    folder = tmp_path_factory.mktemp("made") / "data"
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    return folder


@pytest.fixture
def fresh(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """Give an embedded Postgres that has no files yet; it is stopped after the test."""
    server = EmbeddedPostgres(data_dir)
    yield server
    server.stop()


@pytest.fixture
def embedded(fresh: EmbeddedPostgres, data_dir: Path, made_data_dir: Path) -> EmbeddedPostgres:
    """Give an embedded Postgres that was started before; it is stopped after the test."""
    shutil.copytree(made_data_dir, data_dir)
    return fresh


@pytest.fixture
def new_owner(workspace: Path) -> Iterator[Callable[..., Owner]]:  # noqa: ARG001 - ends after them
    """Start other processes that use an embedded Postgres; they are gone after the test."""
    with ExitStack() as owners:

        def make(*arguments: object, **options: object) -> Owner:
            owner = Owner(*arguments, **options)
            owners.callback(owner.kill)
            return owner

        yield make
