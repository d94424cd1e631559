"""Hooks as clients run them: processes of their own, with a Sage that is there or not."""

import json
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from sage.hooks.launcher import record_server, write_launcher
from sage.providers.local import LocalEmbedder
from tests.support.live import new_database
from tests.support.ports import free_port
from tests.support.serving import serving, settings_for

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def sage_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve Sage with the model that people get; tests keep apart by words of their own."""
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, tmp_path_factory.mktemp("data")), LocalEmbedder()) as url,
    ):
        yield url


class Hooks:
    """The launcher of a data directory."""

    def __init__(self, data_dir):
        self.data_dir = data_dir
        self.launcher = write_launcher(data_dir)

    def run(self, event, payload, client="claude-code", *words):
        """Run a hook; return its exit code and what it printed."""
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        command = [self.launcher, event, "--client", client, *words]
        done = subprocess.run(command, input=raw, capture_output=True, timeout=10, check=False)
        assert done.stderr == b""
        return done.returncode, done.stdout

    def answer(self, event, payload, client="claude-code"):
        """Run a hook; return its answer, None if it was silent."""
        code, out = self.run(event, payload, client)
        assert code == 0
        return json.loads(out) if out else None

    def status(self, client="claude-code"):
        path = self.data_dir / f"hooks/status/{client}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def spooled(self):
        folder = self.data_dir / "hooks/spool"
        return sorted(folder.glob("*.json")) if folder.exists() else []

    def find_sage(self, url):
        address = urlsplit(url)
        record_server(
            self.data_dir, {"host": address.hostname, "port": address.port, "token": None}
        )


@pytest.fixture
def hooks(tmp_path):
    """Set up hooks whose Sage is not running."""
    data_dir = tmp_path / "my data"
    data_dir.mkdir()
    made = Hooks(data_dir)
    made.find_sage(f"http://127.0.0.1:{free_port()}")
    return made


@pytest.fixture
def live_hooks(hooks, sage_url):
    """Set up hooks of a running Sage."""
    hooks.find_sage(sage_url)
    return hooks


@pytest.fixture
def kept(sage_url):
    """Return what a session holds, as pairs of role and text."""

    def read(session_id):
        answer = httpx.get(f"{sage_url}/api/v1/sessions/{session_id}")
        if answer.status_code == 404:
            return []
        return [(one["role"], one["content"]) for one in answer.json()["memories"]]

    return read


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder
