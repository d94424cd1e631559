"""What Sage opens in a data folder: its own files, and nothing that was put in their place."""

from __future__ import annotations

import os
import pwd
import socket
import stat

import pytest

from sage.clients.data_dir.files import open_file, open_folder, read_file
from sage.errors import StartupError
from sage.local.data_dir.bounded_log import BoundedLog

NOBODY = pwd.getpwnam("nobody")
MAKE = os.O_RDWR | os.O_CREAT
SECRET = "root:SECRET\n"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root is missing, to be lured")


@pytest.fixture
def folder(tmp_path):
    """Give a data folder; as root, that of an ordinary user."""
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(made, NOBODY.pw_uid, NOBODY.pw_gid)
    return made


@pytest.fixture
def secret(tmp_path):
    """Give a file that only its owner may read or change."""
    file = tmp_path / "secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    before = file.stat()
    yield file
    after = file.stat()
    assert file.read_text() == SECRET
    assert (after.st_uid, after.st_gid, after.st_mode) == (
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


def test_a_missing_file_is_made_for_the_owner_of_the_folder_alone(folder):
    os.close(open_file(folder / "made", MAKE))
    made = (folder / "made").stat()
    assert made.st_uid == folder.stat().st_uid
    assert stat.S_IMODE(made.st_mode) == 0o600
    os.close(open_file(folder / "made", MAKE))


def test_a_missing_file_is_not_made_where_none_was_asked_for(folder):
    with pytest.raises(FileNotFoundError):
        open_file(folder / "missing", os.O_RDONLY)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("flags", [MAKE, os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND])
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "socket", "folder"])
def test_what_is_no_file_is_not_opened(folder, secret, kind, flags):
    place = folder / "postgres.lock"
    match kind:
        case "link":
            place.symlink_to(secret)
        case "dangling link":
            place.symlink_to(secret.with_name("new"))
        case "pipe":
            os.mkfifo(place)
        case "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(place))
        case _:
            place.mkdir()
    with pytest.raises(StartupError, match=f"{place} is") as refused:
        open_file(place, flags)
    assert "remove it" in refused.value.hint
    assert not secret.with_name("new").exists()


@as_root
@pytest.mark.parametrize("flags", [MAKE, os.O_RDONLY])
def test_another_name_of_a_file_of_root_is_not_opened(folder, secret, flags):
    os.link(secret, folder / "sage.pid")
    with pytest.raises(StartupError, match="hard link"):
        open_file(folder / "sage.pid", flags)


@as_root
def test_a_file_of_root_that_was_moved_into_the_folder_of_a_user_keeps_its_owner(folder, secret):
    secret.rename(folder / "postgres.log")
    with pytest.raises(StartupError, match="belongs to uid 0"):
        open_file(folder / "postgres.log", MAKE)
    (folder / "postgres.log").rename(secret)


@as_root
def test_root_does_not_enter_a_folder_through_the_link_of_another_user(folder, secret):
    lure = folder / "data"
    lure.symlink_to(secret.parent)
    os.chown(lure, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    with pytest.raises(StartupError, match="link owned by another user"), open_folder(lure):
        pass
    os.chown(lure, 0, 0, follow_symlinks=False)
    with open_folder(lure):
        pass


def test_an_owner_may_link_his_folder_and_name_his_files_twice(tmp_path):
    """A backup by hard links, and a folder that lies on another disk."""
    (tmp_path / "there").mkdir(mode=0o700)
    (tmp_path / "here").symlink_to("there")
    os.close(open_file(tmp_path / "here/sage.pid", MAKE))
    os.link(tmp_path / "there/sage.pid", tmp_path / "backup")
    os.close(open_file(tmp_path / "here/sage.pid", MAKE))


def test_only_the_beginning_of_a_file_is_read(folder):
    (folder / "large").write_text("18\n" + "x" * 100)
    if os.geteuid() == 0:
        os.chown(folder / "large", NOBODY.pw_uid, NOBODY.pw_gid)
    assert read_file(folder / "large", 3) == "18\n"


def test_a_log_is_kept_once_more_and_writers_go_on(folder):
    log = BoundedLog(folder / "sage.log", 10)
    writer = log.open()
    os.write(writer, b"the first lines\n")
    log.rotate()
    os.write(writer, b"next\n")
    assert (folder / "sage.log").read_text() == "next\n"
    assert (folder / "sage.log.1").read_text() == "the first lines\n"
    os.write(writer, b"and once more\n")
    log.rotate()
    assert (folder / "sage.log.1").read_text() == "next\nand once more\n"
    os.close(writer)


@pytest.mark.parametrize("place", ["sage.log", "sage.log.1"])
def test_a_link_in_the_place_of_a_log_is_not_written_through(folder, secret, place):
    log = BoundedLog(folder / "sage.log", 10)
    writer = log.open()
    os.write(writer, b"the first lines\n")
    (folder / place).unlink(missing_ok=True)
    (folder / place).symlink_to(secret)
    log.rotate()
    os.close(writer)
    assert not (folder / "sage.log.1").is_symlink()


def test_the_last_lines_of_a_run_are_told_without_those_of_an_earlier_one(folder):
    log = BoundedLog(folder / "sage.log")
    earlier = log.open()
    os.write(earlier, b"an earlier run\n")
    os.close(earlier)
    writer = log.open()
    os.write(writer, b"one\ntwo\n")
    assert log.tail() == "one\ntwo"
    os.close(writer)
