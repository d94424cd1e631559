"""Hooks as clients run them: processes of their own, with a Sage that is there or not."""

import json
import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from sage.clients.hooks.capture import spool
from sage.clients.hooks.launcher import hook_address, record_server, write_launcher
from sage.providers.local import LocalEmbedder
from tests.support import plain_http
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for

SAMPLES = Path(__file__).parent / "samples"
ANSWER = "Herons nest by the mill. 苍鹭住在磨坊旁。"
QUESTION = "What is the name of the staging host?"
TURNS = [("user", "Where do herons nest?"), ("assistant", ANSWER)]


@pytest.fixture(scope="session")
def sage_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve Sage with the model that people get; tests keep apart by words of their own."""
    data_dir = tmp_path_factory.mktemp("data")
    share_key(data_dir)
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, data_dir), LocalEmbedder()) as url,
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

    def drain(self):
        """Capture what waits, as Sage does when it starts."""
        subprocess.run([self.launcher, "drain"], check=True)

    def status(self, client="claude-code"):
        path = self.data_dir / f"hooks/status/{client}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def spooled(self):
        folder = self.data_dir / "hooks/spool"
        return sorted(folder.glob("*.json")) if folder.exists() else []

    def find_sage(self, url):
        address = urlsplit(url)
        record_server(self.data_dir, hook_address(address.hostname, address.port))


@pytest.fixture
def hooks(tmp_path):
    """Set up hooks whose Sage is not running."""
    data_dir = tmp_path / "my data"
    data_dir.mkdir()
    share_key(data_dir)
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
        answer = plain_http.get(f"{sage_url}/api/v1/sessions/{session_id}")
        if answer.status_code == 404:
            return []
        return [(one["role"], one["content"]) for one in answer.json()["memories"]]

    return read


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.fixture
def say(sage_url):
    """Save an exchange of a session about a project."""

    def save(user, assistant, project=None, session=None):
        body = {
            "user_prompt": user,
            "assistant_response": assistant,
            "session_id": session or f"claude-code:{uuid4()}",
            "metadata": {"project": str(project)} if project else {},
        }
        plain_http.post(f"{sage_url}/api/v1/conversations", json=body).raise_for_status()

    return save


@pytest.fixture
def wait_for_vectors(sage_url):
    """Wait until all that was said can be found by meaning."""

    def wait():
        wait_for(lambda: not plain_http.get(f"{sage_url}/api/v1/stats").json()["queue"]["pending"])

    return wait


@pytest.fixture
def about_hosts(live_hooks, say, wait_for_vectors, project):
    """Save something; give the hooks, an event that asks for it, and a word of the answer."""
    word = f"marmot{uuid4().hex[:6]}"
    say(f"The name of the staging host is {word}.", "Noted.", project)
    wait_for_vectors()
    return live_hooks, {"session_id": word, "cwd": str(project), "prompt": QUESTION}, word


@pytest.fixture
def transcript(tmp_path):
    """Copy a sample whose ids are this test's own: tests share one Sage."""

    def copy(client):
        mark = uuid4().hex
        text = (SAMPLES / f"{client}.jsonl").read_text()
        for prefix in ("c-", "msg_", "g-", "q-", "cp-"):
            for number in range(11):
                text = text.replace(f'"{prefix}{number}"', f'"{prefix}{number}-{mark}"')
        text = text.replace("5f0c8e1e-0000-4000-8000-000000000001", mark)
        text = text.replace("q-session", mark)
        path = tmp_path / f"{mark}.jsonl"
        path.write_text(text)
        return path, mark

    return copy


def line(mark, uuid, role, text, **more):
    return json.dumps(
        {
            "type": role,
            "uuid": f"{uuid}-{mark}",
            "sessionId": mark,
            "message": {"role": role, "content": text},
            "timestamp": "2026-11-20T11:00:00.000Z",
            **more,
        }
    )


def stop(hooks, path, mark, client="claude-code", event="stop", **more):
    payload = {"session_id": mark, "transcript_path": str(path), "cwd": str(path.parent), **more}
    assert hooks.run(event, payload, client) == (0, b"")


def all_captured(hooks):
    wait_for(lambda: not spool.is_waiting(str(hooks.data_dir)), 20)


def context(answer):
    return answer["hookSpecificOutput"]["additionalContext"] if answer else ""
