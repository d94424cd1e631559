"""Gates that need no scanner are red on what they are there for."""

import subprocess
import sys
import zipfile

from tests.architecture.sources import ROOT


def licences(folder, licence):
    """Judge one wheel that states a licence."""
    with zipfile.ZipFile(folder / "planted-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            "planted-1.dist-info/METADATA",
            f"Name: planted\nVersion: 1\nLicense-Expression: {licence}\n",
        )
    command = (sys.executable, "ci/supply/licences.py", "ci/licences.toml", str(folder))
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_permissive_licence_passes(tmp_path):
    assert licences(tmp_path, "MIT OR GPL-3.0-only").returncode == 0


def test_a_licence_that_is_not_listed_is_red_and_named(tmp_path):
    ran = licences(tmp_path, "MIT AND AGPL-3.0-only")
    assert ran.returncode == 1
    assert "planted 1: MIT AND AGPL-3.0-only IS NOT ALLOWED" in ran.stdout


def test_a_folder_without_wheels_is_no_pass(tmp_path):
    command = (sys.executable, "ci/supply/licences.py", "ci/licences.toml", str(tmp_path))
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 1
