"""Root starts the database in the folder of an ordinary user, who left links there."""

from __future__ import annotations

import os
import pwd
import shutil

import pytest

from sage.errors import StartupError
from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.socket import clear_socket_folder
from tests.support.postgres import ask

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root is missing, to be lured")
NOBODY = pwd.getpwnam("nobody")
SECRET = "root:SECRET\n"


def give(path, uid=NOBODY.pw_uid, gid=NOBODY.pw_gid):
    os.chown(path, uid, gid, follow_symlinks=False)


@pytest.fixture
def lure(workspace, made_data_dir):
    """Give the data folder of a user with a database in it."""
    workspace.chmod(0o755)
    folder = workspace / "data"
    shutil.copytree(made_data_dir, folder)
    for place in (folder, *folder.rglob("*")):
        give(place)
    return folder


@pytest.fixture
def secret(workspace):
    """Give a file of root's that nobody else may read; it is the same after the test."""
    (workspace / "root").mkdir(mode=0o700)
    file = workspace / "root" / "shadow"
    file.write_text(SECRET)
    file.chmod(0o600)
    yield file
    assert file.read_text() == SECRET
    assert [(path.stat().st_uid, path.stat().st_mode & 0o777) for path in (file.parent, file)] == [
        (0, 0o700),
        (0, 0o600),
    ]
    assert [*file.parent.iterdir()] == [file]


@pytest.mark.parametrize("trap", [os.symlink, os.link], ids=["link", "hard link"])
@pytest.mark.parametrize(
    "name", ["postgres.lock", "postgres.users", "postgres.alive", "postgres.log"]
)
def test_a_link_in_the_place_of_a_file_stops_the_start(lure, secret, name, trap):
    (lure / name).unlink(missing_ok=True)
    trap(secret, lure / name)
    server = EmbeddedPostgres(lure)
    with pytest.raises(StartupError, match=str(lure / name)):
        server.start()
    (lure / name).unlink()
    assert ask(server.start(), "SELECT 1") == "1"
    server.stop()
    assert {path.stat().st_uid for path in lure.rglob("*")} == {NOBODY.pw_uid}


def test_a_link_in_the_place_of_the_version_tells_nothing(lure, secret):
    (lure / "postgres" / "PG_VERSION").unlink()
    (lure / "postgres" / "PG_VERSION").symlink_to(secret)
    with pytest.raises(StartupError, match="PG_VERSION is a symbolic link") as refused:
        EmbeddedPostgres(lure).start()
    assert "SECRET" not in f"{refused.value.message}{refused.value.detail}"


@pytest.mark.parametrize("name", ["postgres", "run"])
def test_a_link_in_the_place_of_a_folder_gives_nothing_away(lure, secret, name):
    shutil.rmtree(lure / name, ignore_errors=True)
    (lure / name).symlink_to(secret.parent)
    give(lure / name)
    server = EmbeddedPostgres(lure)
    if name == "run":
        assert ask(server.start(), "SELECT 1") == "1"
        server.stop()
    else:
        with pytest.raises(StartupError):
            server.start()


def test_a_first_start_makes_the_database_as_the_user(workspace):
    workspace.chmod(0o755)
    (workspace / "data").mkdir(mode=0o700)
    give(workspace / "data")
    server = EmbeddedPostgres(workspace / "data")
    assert ask(server.start(), "SELECT 1") == "1"
    server.stop()
    assert {path.stat().st_uid for path in workspace.rglob("*")} == {NOBODY.pw_uid}


def test_the_socket_folder_a_pid_file_names_is_left_alone_when_it_is_anothers(workspace):
    folder = workspace / "of root"
    folder.mkdir(mode=0o700)
    (folder / ".s.PGSQL.5432").touch()
    clear_socket_folder(folder, NOBODY.pw_uid, remove=True)
    assert (folder / ".s.PGSQL.5432").exists()
    clear_socket_folder(folder, 0, remove=True)
    assert not folder.exists()
