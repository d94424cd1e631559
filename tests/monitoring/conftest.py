"""Debian's Prometheus and Alertmanager, which CI installs where it may."""

import subprocess
from functools import cache

import pytest
import yaml

from tests.architecture.sources import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
PACKAGES = ("prometheus", "prometheus-alertmanager")


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def require_prometheus():
    """Have Prometheus with promtool, and Alertmanager with amtool; skip where there is none."""
    installed = subprocess.run(
        ["ci/lib/debian", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if installed.returncode == 3:
        pytest.skip(installed.stderr.strip())
    assert installed.returncode == 0, installed.stderr


@pytest.fixture(scope="session")
def check():
    """Run promtool or amtool; give its exit code and what it said."""
    require_prometheus()

    def run(*command, stdin=""):
        done = subprocess.run(
            [str(one) for one in command],
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run
