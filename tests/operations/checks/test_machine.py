import os
import shutil
from pathlib import Path

import pytest

from sage.domain.health import MIN_FREE_BYTES
from sage.operations.checks.checklist import CheckPhase


@pytest.mark.parametrize("occasion", [CheckPhase.CONFIG, CheckPhase.UP])
def test_a_machine_that_is_as_it_should_be_has_no_problem_and_no_traces(wrong, folder, occasion):
    assert not wrong(occasion=occasion)
    assert not wrong({"SAGE_DATA_DIR": str(folder / "a/b/c")}, occasion=occasion)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_data_folder_that_is_a_file_is_a_problem(wrong, folder, place):
    (folder / "file").touch()
    (result,) = wrong({"SAGE_DATA_DIR": place})
    assert result.variable == "SAGE_DATA_DIR"
    assert "is a file" in result.detail


def test_a_data_folder_with_an_impossible_name_is_a_problem(wrong):
    (result,) = wrong({"SAGE_DATA_DIR": "x" * 300})
    assert "too long" in result.detail


@pytest.mark.parametrize("place", ["", "new", "new/deep"])
def test_a_data_folder_that_cannot_be_written_to_is_a_problem(wrong, folder, place):
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        closed = Path("/proc")
    results = wrong({"SAGE_DATA_DIR": str(closed / place)})
    assert "SAGE_DATA_DIR" in {result.variable for result in results}


def test_a_full_disk_is_a_problem(wrong, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=MIN_FREE_BYTES - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    (result,) = wrong()
    assert "256.0 MiB free" in result.detail
    assert "needs 256.0 MiB" in result.hint


def test_the_data_folder_does_not_matter_with_a_database_elsewhere(wrong, folder, listener):
    (folder / "file").touch()
    database = f"postgresql://u:p@127.0.0.1:{listener}/n"
    assert not wrong({"SAGE_DATA_DIR": "file", "DATABASE_URL": database})
