"""Debian's packages: installed where this is CI, else the test is skipped by name."""

import os
import shutil
import subprocess
from functools import cache

import pytest

from tests.architecture.sources import ROOT

_PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def debian_program(name):
    """Give the path of a program whose package has the same name."""
    if shutil.which(name, path=_PATH) is None:
        require_debian(name)
    program = shutil.which(name, path=_PATH)
    assert program, f"the package {name} brings no program of that name"
    return program


def require_debian(*packages):
    """Have packages, given by name or by that of a program of the same name."""
    if missing := _missing(packages):
        pytest.skip(missing)


@cache
def _missing(packages):
    had = subprocess.run(
        [ROOT / "ci/lib/debian", *packages], capture_output=True, text=True, check=False
    )
    if had.returncode == 3:
        return had.stderr.strip()
    assert had.returncode == 0, had.stderr
    return ""
