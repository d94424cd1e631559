"""The client of one file on a machine of its own: a home, and nothing of Sage but the file."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from sage import __version__
from sage.clients.archive import compiled, packed
from sage.providers.local import LocalEmbedder
from tests.architecture.sources import ROOT
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

TOKEN = "a-token-of-at-least-32-characters!"


@pytest.fixture(scope="session")
def archive():
    """Make the file as its copy is: a run of sources takes twice the time, see `of_release`."""
    return compiled(packed(ROOT))


@pytest.fixture(scope="session")
def sage_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage that requires a token, as one for other machines does."""
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(
            settings_for(dsn, tmp_path_factory.mktemp("data"), token=TOKEN), LocalEmbedder()
        ) as url,
    ):
        yield url


class Machine:
    """A home in which Claude Code was started once, and the file beside it."""

    def __init__(self, folder, archive):
        self.home = folder / "a home"
        (self.home / ".claude").mkdir(parents=True)
        (self.home / ".claude.json").write_text('{"numStartups": 1}')
        self.file = folder / "sage-client.pyz"
        self.file.write_bytes(archive)
        self.data_dir = self.home / ".local/share/sage-client"
        self.environ = {}
        self.token_file = self.home / ".config/sage-client/token"

    def files(self):
        """Return what is in the home."""
        return {path: path.read_bytes() for path in self.home.rglob("*") if path.is_file()}

    def run(self, *words, token=TOKEN, file=None, code=0):
        """Run the client; return what it printed."""
        shown = {"SAGE_TOKEN": token} if token else {}
        done = subprocess.run(
            [sys.executable, file or self.file, *words],
            env={"HOME": str(self.home), "PATH": os.defpath, **shown, **self.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def connect(self, url, *words, **how):
        return self.run("connect", "claude-code", "--hooks", "--write", "--url", url, *words, **how)

    def hooks(self):
        """Return the commands that Claude Code calls, by the event of Sage."""
        settings = json.loads((self.home / ".claude/settings.json").read_text())
        commands = [
            hook["command"]
            for hooks in settings["hooks"].values()
            for one in hooks
            for hook in one["hooks"]
        ]
        return {
            found[1]: one
            for one in commands
            if (found := re.search(r" hook (\w+) --client claude-code$", one))
        }

    def fire(self, event, **told):
        """Have Claude Code call a hook, with an environment of its own; return the answer."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.hooks()[event]],
            input=json.dumps({"session_id": "s", "cwd": str(self.home), **told}).encode(),
            env={},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return json.loads(done.stdout) if done.stdout else None

    def wait_to_be_shown(self, text, **told):
        """Begin sessions until one shows a text: on a busy machine a hook may give up."""

        def is_shown():
            begun = {"source": "startup", "session_id": str(uuid4()), **told}
            answer = self.fire("start", **begun) or {}
            return text in answer.get("systemMessage", "")

        wait_for(is_shown)

    def wait_until_captured(self):
        wait_for((self.data_dir / "hooks/status/claude-code.json").exists)
        wait_for(self.captured)

    def captured(self):
        file = self.data_dir / "hooks/status/claude-code.json"
        return json.loads(file.read_text()).get("captured", 0) if file.exists() else 0


def of_release(version):
    """Return the client of another release."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed(ROOT))) as now, zipfile.ZipFile(changed, "w") as other:
        for name in now.namelist():
            content = now.read(name)
            if name == "sage/__init__.py":
                content = content.replace(__version__.encode(), version.encode())
            other.writestr(name, content)
    return changed.getvalue()


@pytest.fixture
def machine(tmp_path, archive):
    return Machine(Path(tmp_path), archive)
