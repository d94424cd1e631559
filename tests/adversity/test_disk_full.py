"""A full disk is told, and saves work again when there is room."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress

import httpx
import pytest

from tests.architecture.sources import INSTALLED
from tests.support.polling import wait_for


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def small_disk(data_dir):
    data_dir.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(data_dir)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("the right to mount a small file system is missing")
    yield data_dir
    subprocess.run(["umount", data_dir], check=True)


def fill(file):
    """Write to a file until there is no room."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(descriptor, bytes(65_536)):
            pass
    os.close(descriptor)


def test_readiness_tells_that_the_disk_is_full(small_disk, workspace, port):
    options = ["--port", str(port), "--data-dir", str(small_disk)]
    environ = {"PATH": os.environ["PATH"], "HOME": str(workspace), "PYTHONPATH": str(INSTALLED)}

    def readiness():
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/readiness", timeout=10)
        except httpx.TransportError:
            return httpx.Response(599)

    with subprocess.Popen(
        [sys.executable, "-m", "sage", "serve", *options], env=environ, cwd=workspace
    ) as sage:
        try:
            wait_for(lambda: readiness().status_code == 200)
            fill(small_disk / "filler")
            wait_for(lambda: readiness().status_code == 503)
            assert "No space left on device" in readiness().json()["reason"]
            (small_disk / "filler").unlink()
            wait_for(lambda: readiness().status_code == 200)
        finally:
            sage.terminate()
