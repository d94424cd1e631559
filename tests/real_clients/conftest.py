"""Real clients, each in a home folder of its own, and a Sage that can be stopped.

`ci/clients` installs them and names their folders in SAGE_TEST_CLIENTS.
"""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from sage.clients.hooks.capture.status import read_status
from sage.clients.hooks.launcher import hook_address, resume_hooks
from sage.providers.local import LocalEmbedder
from tests.real_clients.model import served_model
from tests.real_clients.programs import PROGRAMS, environment
from tests.support import plain_http
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

FOLDERS = os.environ.get("SAGE_TEST_CLIENTS", "")
TURN_S = 120
_ID_CHARS = 36
_COSTS = {}


def pytest_terminal_summary(terminalreporter):
    """Print what the last hook of each kind took, from the start of its own code to its answer."""
    for client, hooks in _COSTS.items():
        costs = ", ".join(f"{event} {hook['ms']:.0f} ms" for event, hook in hooks.items())
        terminalreporter.write_line(f"hooks of {client}: {costs}")


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.name)
def program(request):
    """Name a client that is installed; on CI every one of them is."""
    found = shutil.which(request.param.command[0], path=FOLDERS)
    if found is None:
        missing = f"{request.param.name} is not installed: run ci/clients"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return request.param


class Sage:
    """A Sage with the data directory and the database of one test."""

    def __init__(self, dsn, data_dir):
        self.dsn, self.data_dir = dsn, data_dir
        self._serving = ExitStack()
        self.start()

    def start(self):
        """Start it, as `sage serve` does."""
        settings = settings_for(self.dsn, self.data_dir)
        self.url = self._serving.enter_context(serving(settings, LocalEmbedder()))
        resume_hooks(self.data_dir, hook_address("127.0.0.1", self.port))

    @property
    def port(self):
        return urlsplit(self.url).port

    def stop(self):
        self._serving.close()

    def run(self, home, *words, code=0):
        """Run `sage` as the user does; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "sage", *words, "--data-dir", str(self.data_dir)],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "MCP_SERVER_PORT": str(self.port)}
            | {"DATABASE_URL": self.dsn, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def texts(self):
        """Return all that is kept, in the order of the alphabet."""
        answer = plain_http.get(f"{self.url}/api/v1/memories", params={"limit": 100}).json()
        return sorted(one["content"] for one in answer["memories"])

    def tell_costs(self):
        """Keep what the hooks took, to print it at the end."""
        for client, status in read_status(str(self.data_dir)).items():
            _COSTS[client] = status["hooks"]

    def is_indexed(self):
        return not plain_http.get(f"{self.url}/api/v1/stats").json()["queue"]["pending"]


@pytest.fixture
def sage(postgres_server, migrated_template, tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    with new_database(postgres_server, migrated_template) as dsn:
        running = Sage(dsn, data_dir)
        yield running
        running.stop()


class Client:
    """A client as a user has it, before Sage is connected."""

    def __init__(self, program, home, model):
        self.program, self.home, self._model = program, home, model
        program.prepare(home, model.url)

    def ask(self, project, prompt, steps=0, piped=""):
        """Start it in a project with one prompt; return what it prints and what the model read.

        The model takes `steps` before it answers. What is `piped` into the client belongs to the
        prompt.
        """
        self._model.steps = steps
        return self._run(project, [*self.program.command, prompt], piped)

    def use(self, project, command):
        """Have the model run a command; return what it read."""
        self._model.steps, self._model.command = 1, command
        program, *words = self.program.command
        return self._run(project, [program, *self.program.unasked, *words, "Go on."])[1]

    def fork(self, project, prompt):
        """Fork its latest session, and go on in it with a prompt, as `ask` does."""
        logs = sorted((self.home / self.program.logs).rglob("*.jsonl"))
        session = logs[-1].stem[-_ID_CHARS:] if logs else ""
        command = [word.replace("SESSION", session) for word in self.program.fork]
        return self._run(project, [*command, prompt])

    def resume(self, project, prompt):
        """Go on in its latest session with a prompt, as `ask` does."""
        return self._run(project, [*self.program.resume, prompt])

    def _run(self, project, command, piped=""):
        (project / ".git").mkdir(parents=True, exist_ok=True)
        variables = {"HOME": str(self.home), "PATH": f"{FOLDERS}:{os.environ['PATH']}"}
        done = subprocess.run(
            command,
            cwd=project,
            env=variables | {"TERM": "dumb"} | environment(self._model.url),
            input=piped,
            capture_output=True,
            text=True,
            check=False,
            timeout=TURN_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, self._model.read()


@pytest.fixture
def client(program, tmp_path):
    home = tmp_path / "home"
    with served_model() as model:
        yield Client(program, home, model)
