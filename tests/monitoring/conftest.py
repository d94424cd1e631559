"""Debian's Prometheus and Alertmanager, which CI installs where it may."""

import subprocess

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.support.debian import require_debian

MONITORING = ROOT / "deploy" / "monitoring"
PACKAGES = ("prometheus", "prometheus-alertmanager")


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def require_prometheus():
    """Have Prometheus with promtool, and Alertmanager with amtool; skip where there is none."""
    require_debian(*PACKAGES)


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
