"""`sage serve` as a process of its own."""

import os
import signal
from contextlib import contextmanager

import httpx

from tests.architecture.sources import INSTALLED
from tests.support import plain_http
from tests.support.forked import start_sage
from tests.support.serving import DEADLINE_S


def environment(data_dir, port, **more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {
        "SAGE_DATA_DIR": str(data_dir),
        "MCP_SERVER_PORT": str(port),
        "PYTHONPATH": str(INSTALLED),
    }
    return kept | ours | more


@contextmanager
def sage(tmp_path, *arguments, port, prefix=(), **env):
    """Run `sage serve` until the test is over, by a command that starts with `prefix`."""
    with (tmp_path / "log").open("wb") as log:
        process = start_sage(
            ["serve", *arguments],
            prefix=prefix,
            cwd=tmp_path,
            env=environment(tmp_path / "data", port, **env),
            output=log,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(DEADLINE_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def answers(port, path="/health/readiness"):
    try:
        return plain_http.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
