"""ci/vulnerabilities counts the databases that know a known hole, and only those."""

import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT

DATABASES = ("pypi", "osv", "osv-scanner", "trivy")
# As the real ones do: it exits with 1 because it found something. Of trivy the last word is a
# folder or an image, of the others a file.
SCANNER = """#!/bin/sh
name=${0##*/}
case "$*" in *"service pypi"*) name=pypi ;; *"service osv"*) name=osv ;; esac
case " $KNOWING " in *" $name "*) ;; *) exit 0 ;; esac
for last; do :; done
! grep -rsE 'jinja2==2.10|planted' "${last#requirements.txt:}" || { echo CVE-2019-10906; exit 1; }
"""


@pytest.fixture
def tree(tmp_path):
    """Lay out a tree with one lock and scanners that know one hole."""
    (tmp_path / "ci").mkdir()
    shutil.copy(ROOT / "ci/vulnerabilities", tmp_path / "ci")
    scanners = tmp_path / "scanners"
    scanners.mkdir()
    for script in ("pip-audit", "osv-scanner", "trivy"):
        (scanners / script).write_text(SCANNER)
    (tmp_path / "ci/tools").write_text(f"#!/bin/sh\necho {scanners}\n")
    for script in (*scanners.iterdir(), tmp_path / "ci/tools"):
        script.chmod(0o755)
    (tmp_path / "Dockerfile").write_text("ARG PYTHON_IMAGE=python:3.13\n")
    return tmp_path


@pytest.mark.parametrize(
    ("package", "knowing", "code"),
    [
        ("clean", DATABASES, 0),
        ("planted", DATABASES, 1),
        ("planted", ("trivy",), 1),
        ("clean", DATABASES[1:], 1),
        ("clean", (), 3),
    ],
)
def test_a_pass_takes_every_database_and_a_clean_lock(tree, package, knowing, code):
    (tree / "requirements-lock.txt").write_text(f"{package}==1 --hash=sha256:0\n")
    ran = subprocess.run(
        [tree / "ci/vulnerabilities"],
        env={"PATH": "/usr/bin:/bin", "KNOWING": " ".join(knowing)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code
    unheard = {name for name in DATABASES if f"{name}: it does not even know" in ran.stdout}
    assert unheard == set(DATABASES) - set(knowing)
