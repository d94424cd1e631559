"""ci/lock holds the locks to their sources and lets no fresh release in, on an index of its own."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.timeout(600)  # packages are installed

LOCKS = re.compile(r"(?<=for lock in )requirements\{.*\}-lock ci/locks/\{.*\}(?=; do)")
TWO_LOCKS = "requirements-lock ci/locks/test"  # the step `lock` compiles all of them
AGES = {"1.0": timedelta(days=30), "2.0": timedelta(hours=1)}


def wheel(folder, version):
    """Write a wheel of the package `planted` without any module."""
    name, information = f"planted-{version}-py3-none-any.whl", f"planted-{version}.dist-info"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(
            f"{information}/METADATA", f"Metadata-Version: 2.1\nName: planted\nVersion: {version}\n"
        )
        archive.writestr(
            f"{information}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: planted\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{information}/RECORD", "")
    return folder / name


class Index(BaseHTTPRequestHandler):
    """A package index that knows one package, in the words of PEP 691 and PEP 700."""

    def do_GET(self):
        if self.path == "/simple/planted/":
            return self.answer(json.dumps(self.page()).encode())
        file = self.server.wheels.get(Path(self.path).name)
        return self.answer(file.read_bytes()) if file else self.send_error(404)

    def page(self):
        files = [
            {
                "filename": file.name,
                "url": f"/files/{file.name}",
                "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
                "upload-time": (datetime.now(UTC) - AGES[file.name.split("-")[1]]).isoformat(),
            }
            for file in self.server.wheels.values()
        ]
        return {"meta": {"api-version": "1.1"}, "name": "planted", "files": files}

    def answer(self, content):
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        server.wheels = {file.name: file for file in (wheel(folder, v) for v in AGES)}
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


@pytest.fixture
def tree(tmp_path, index):
    """Lay out a tree whose one requirement is `planted`, and whose pip asks the index."""
    tools = subprocess.check_output([ROOT / "ci/tools"], text=True).strip()
    tree = tmp_path / "tree"
    (tree / "ci/locks").mkdir(parents=True)
    (tree / "nix").mkdir()
    (tree / "requirements.in").write_text("planted\n")
    (tree / "ci/locks/test.in").write_text("")
    (tree / "pip.conf").write_text(f"[global]\nindex-url = {index}\n")
    (tree / "ci/tools").write_text(f"#!/bin/sh\necho {tools}\n")
    (tree / "ci/tools").chmod(0o755)
    shutil.copytree(ROOT / "ci/lib/supply", tree / "ci/lib/supply")
    for script in ("ci/lock", "ci/nix-wheels"):
        text = (ROOT / script).read_text()
        assert text.count("PIP_CONFIG_FILE=/dev/null") == 1
        (tree / script).write_text(
            LOCKS.sub(TWO_LOCKS, text.replace("=/dev/null", f"={tree}/pip.conf"))
        )
        shutil.copymode(ROOT / script, tree / script)
    assert TWO_LOCKS in (tree / "ci/lock").read_text()
    return tree


def lock(tree, *options, cooldown_days=None):
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1"}
    if cooldown_days is not None:
        environment["SAGE_COOLDOWN_DAYS"] = str(cooldown_days)
    return subprocess.run(
        [tree / "ci/lock", *options], env=environment, capture_output=True, text=True, check=False
    )


def pinned(tree):
    """Give the versions that the requirements lock and the wheel lock hold."""
    wheels = json.loads((tree / "nix/wheels.json").read_text())["requirements-lock.txt"]
    text = (tree / "requirements-lock.txt").read_text()
    return [line.split()[0] for line in text.splitlines() if line.startswith("planted")], [
        entry["version"] for entry in wheels
    ]


def test_a_release_that_is_an_hour_old_waits_and_what_is_stale_is_red_and_named(tree):
    ran = lock(tree, "--upgrade")
    assert ran.returncode == 0, ran.stderr
    assert pinned(tree) == (["planted==1.0"], ["1.0"])
    ran = lock(tree)
    assert (ran.returncode, ran.stdout) == (0, "No broken requirements found.\n"), ran.stderr
    ran = lock(tree, "--upgrade", cooldown_days=0)
    assert ran.returncode == 0, ran.stderr
    assert pinned(tree) == (["planted==2.0"], ["2.0"])

    (tree / "requirements.in").write_text("planted<2\n")
    text = (tree / "requirements-lock.txt").read_text()
    digest = text.split("sha256:")[1][:64]
    (tree / "requirements-lock.txt").write_text(text.replace(digest, "0" * 64))
    ran = lock(tree)
    assert ran.returncode == 1
    assert "requirements-lock.txt does not follow from requirements.in" in ran.stderr
    assert ran.stderr.count("THESE PACKAGES DO NOT MATCH THE HASHES") == len(("install", "wheels"))


@pytest.mark.parametrize("options", [["--help"], ["--writ"], ["--write", "--upgrade"]])
def test_an_option_that_is_not_there_writes_nothing_and_shows_the_usage(tree, options):
    ran = lock(tree, *options)
    assert (ran.returncode, ran.stderr) == (2, "usage: ci/lock [--write | --upgrade]\n")
    assert not list(tree.rglob("*lock.txt"))


def test_a_stale_wheel_lock_is_red_and_named(tree):
    assert lock(tree, "--write").returncode == 0
    wheels = (tree / "nix/wheels.json").read_text()
    (tree / "nix/wheels.json").write_text(wheels.replace("2.0", "1.0"))
    ran = lock(tree)
    assert ran.returncode == 1
    assert "nix/wheels.json does not follow from the locks" in ran.stderr
