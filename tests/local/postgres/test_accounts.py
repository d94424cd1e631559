"""Who runs the embedded Postgres, and what is never opened for it."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from sage.errors import StartupError
from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.account import first_closed_folder
from sage.local.postgres.binaries import find_binaries
from tests.architecture.sources import ROOT
from tests.support.embedded_lab import pid_of
from tests.support.postgres import ask

if TYPE_CHECKING:
    from pathlib import Path

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root is missing, to become others")
NOBODY = pwd.getpwnam("nobody").pw_uid


@pytest.fixture
def without_namespaces(monkeypatch):
    """Take away the program that makes user namespaces, and look for the account in its place."""
    monkeypatch.setenv("PATH", "/nowhere")
    closed = first_closed_folder(find_binaries().root, NOBODY, {NOBODY})
    if closed is not None:
        pytest.skip(f"an installation is missing that other accounts can enter: {closed} is closed")


@as_root
def test_root_keeps_its_files_and_opens_nothing(workspace, parents_untouched):
    workspace.chmod(0o700)
    server = EmbeddedPostgres(workspace / "data")
    with parents_untouched(workspace):
        ask(server.start(), "SELECT 1")
        assert psutil.Process(pid_of(workspace / "data")).uids().real == 0
        server.stop()
    assert {path.stat().st_uid for path in (workspace / "data").rglob("*")} == {0}


@as_root
@pytest.mark.usefixtures("without_namespaces")
def test_root_without_namespaces_lends_the_database_to_an_unprivileged_account(
    workspace, parents_untouched
):
    workspace.chmod(0o755)
    data_dir = workspace / "data"
    server = EmbeddedPostgres(data_dir)
    with parents_untouched(workspace):
        ask(server.start(), "SELECT 1")
        runner = psutil.Process(pid_of(data_dir)).uids().real
        server.stop()
    assert runner != 0
    lent = {path.name for path in data_dir.iterdir() if path.stat().st_uid == runner}
    assert lent == {"postgres"}
    assert data_dir.stat().st_uid == 0
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o710


@as_root
def test_database_lent_once_stays_with_its_account(workspace, monkeypatch, request):
    workspace.chmod(0o755)
    server = EmbeddedPostgres(workspace / "data")
    with monkeypatch.context():
        request.getfixturevalue("without_namespaces")
        server.start()
        runner = psutil.Process(pid_of(workspace / "data")).uids().real
        server.stop()
    monkeypatch.undo()
    ask(server.start(), "SELECT 1")
    assert psutil.Process(pid_of(workspace / "data")).uids().real == runner
    server.stop()


@as_root
@pytest.mark.usefixtures("without_namespaces")
def test_root_without_namespaces_says_which_folder_is_closed(workspace, parents_untouched):
    workspace.chmod(0o700)
    server = EmbeddedPostgres(workspace / "data")
    with parents_untouched(workspace), pytest.raises(StartupError, match="cannot enter") as caught:
        server.start()
    assert str(workspace) in caught.value.message
    assert "DATABASE_URL" in caught.value.hint


@as_root
def test_root_serves_the_data_of_an_ordinary_user_as_that_user(workspace, new_owner):
    python, environment = _python_for(NOBODY)
    data_dir = _home_of(NOBODY, workspace) / "data"
    server = EmbeddedPostgres(data_dir)
    user = new_owner(data_dir, python=python, environment=environment, uid=NOBODY)
    ask(user.do("start"), "CREATE TABLE kept AS SELECT 42 AS answer")
    user.do("stop")
    assert ask(server.start(), "SELECT answer FROM kept") == "42"
    assert psutil.Process(pid_of(data_dir)).uids().real == NOBODY
    server.stop()
    assert user.do("start").startswith("postgresql://")
    user.do("stop")
    assert {path.stat().st_uid for path in data_dir.rglob("*")} == {NOBODY}


@as_root
def test_ordinary_user_shares_what_root_made_only_by_an_error(workspace, new_owner):
    python, environment = _python_for(NOBODY)
    workspace.chmod(0o755)
    server = EmbeddedPostgres(workspace / "data")
    server.start()
    server.stop()
    (workspace / "data").chmod(0o755)
    user = new_owner(workspace / "data", python=python, environment=environment, uid=NOBODY)
    assert user.do("start").startswith("StartupError")


def test_first_closed_folder_is_named(workspace):
    workspace.chmod(0o755)
    (workspace / "closed" / "inner").mkdir(parents=True)
    (workspace / "closed").chmod(0o710)
    inner, group = workspace / "closed" / "inner", workspace.stat().st_gid
    assert first_closed_folder(inner, uid=-1, gids={}) == workspace / "closed"
    assert first_closed_folder(inner, uid=-1, gids={group}) is None
    assert first_closed_folder(inner, uid=os.geteuid(), gids={}) is None


@pytest.fixture
def parents_untouched():
    """Compare owner and permissions of every folder above before and after a block."""

    def picture(folder: Path):
        above = (folder, *folder.parents, *find_binaries().root.parents)
        return {
            path: (found.st_mode, found.st_uid, found.st_gid, found.st_ino)
            for path in above
            for found in [path.stat()]
        }

    @contextmanager
    def watch(folder: Path):
        before = picture(folder)
        yield
        assert picture(folder) == before

    return watch


def _home_of(uid: int, workspace: Path) -> Path:
    workspace.chmod(0o755)
    home = workspace / "home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    return home


def _python_for(uid: int):
    """Find a Python that another account can run with what is installed here, or skip."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            probe = subprocess.run(
                [python, "-c", "import psutil, sage.local.postgres"],
                env=environment, user=uid, group=uid, extra_groups=[], cwd="/", check=False,
                capture_output=True,
            )  # fmt: skip
        except OSError:
            continue
        if probe.returncode == 0:
            return [python], environment
    pytest.skip("a Python is missing that another account can run")
    return None
