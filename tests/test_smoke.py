"""What a version of Python or of a package in it can break first: imports, and a start to use."""

import importlib
import json
import os
import pkgutil
import subprocess
import sys

import sage
from tests.architecture.sources import INSTALLED
from tests.support.ports import free_port


def test_every_module_can_be_imported():
    """Warnings are errors here, also those of a Python that is about to drop something."""
    names = [found.name for found in pkgutil.walk_packages(sage.__path__, "sage.")]
    assert len(names) > 500
    for name in names:
        if not name.endswith(".__main__"):
            importlib.import_module(name)


def test_sage_starts_saves_finds_exports_and_ends(tmp_path):
    """All as a user does: the embedded PostgreSQL, the model that comes along, a running server."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environ = kept | {"HOME": str(tmp_path), "PYTHONPATH": str(INSTALLED), "NO_COLOR": "1"}

    def run(*argv):
        ran = subprocess.run(
            [sys.executable, "-m", "sage", *argv, "--data-dir", tmp_path / "data"],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    run("up", "--embedded", "--detach", "--port", str(free_port()))
    try:
        run("save", "Where is the spare key?", "Under the third flower pot.")
        assert "third flower" in run("search", "flower pot")
        exported = [json.loads(line) for line in run("export").splitlines()]
        assert "Under the third flower pot." in [one.get("content") for one in exported]
    finally:
        run("down")
