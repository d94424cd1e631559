"""Programs of Debian's packages: installed where this is CI, else the test is skipped by name."""

import os
import shutil
import subprocess
from functools import cache

import pytest

from tests.architecture.sources import ROOT

_PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def debian_program(name):
    """Give the path of a program whose package has the same name."""
    program = shutil.which(name, path=_PATH) or _installed(name)
    if program is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
    return program


@cache
def _installed(name):
    had = subprocess.run(
        [ROOT / "ci/lib/debian", name], capture_output=True, text=True, check=False
    )
    if had.returncode == 3:
        return None
    assert had.returncode == 0, had.stderr
    return shutil.which(name, path=_PATH)
