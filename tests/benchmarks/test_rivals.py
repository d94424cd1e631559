"""`python -m benchmarks.rivals` compares Sage with other memories; only errors are tested."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.mark.parametrize("data", [None, "{"])
def test_unreadable_data_is_reported_in_one_line(tmp_path, data):
    path = tmp_path / "talk.json"
    if data is not None:
        path.write_text(data)
    command = [sys.executable, "-m", "benchmarks.rivals", str(path), str(tmp_path / "work")]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"{path} cannot be read" in line
    assert not ended.stdout
