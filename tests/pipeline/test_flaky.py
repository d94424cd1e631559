"""In CI, what failed runs again alone: what passes then is named, what fails twice is a failure."""

import os
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

TESTS = """
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range({count}))
def test_fails(number):
    ran = Path(f"ran-{{number}}")
    ran.write_text(ran.read_text() + "again" if ran.exists() else "once")
    assert len(ran.read_text()) > len("once") * {times}


def test_passes():
    pass
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that runs tests of which some fail at first; it returns code and lines."""

    def run(*, failing, times=1, ci="true"):
        (tmp_path / "test_some.py").write_text(TESTS.format(count=failing, times=times))
        ran = subprocess.run(
            [ROOT / "ci/lib/pytest", sys.executable, "-q", "test_some.py"],
            cwd=tmp_path,
            env={**os.environ, "CI": ci},
            capture_output=True,
            text=True,
            check=False,
        )
        named = [line for line in ran.stdout.splitlines() if line.startswith("flaky: ")]
        return ran.returncode, sorted(named)

    return run


def test_what_passes_alone_is_named(run):
    told = "flaky: failed at first, passed when run again: test_some.py::test_fails"
    assert run(failing=2) == (0, [f"{told}[0]", f"{told}[1]"])


def test_what_fails_twice_is_a_failure(run):
    assert run(failing=2, times=3) == (1, [])


def test_many_are_not_run_again(run, tmp_path):
    assert run(failing=6) == (1, [])
    assert {one.read_text() for one in tmp_path.glob("ran-*")} == {"once"}


def test_nothing_is_run_again_on_a_laptop(run):
    assert run(failing=1, ci="") == (1, [])
