"""A machine of a user: a home, AI clients with a model on its loopback, and the client of Sage."""

import json
import os
import shlex
import subprocess
import sys

from tests.machines.network import HOME
from tests.machines.server import URL
from tests.real_clients.model import served_model
from tests.real_clients.programs import PROGRAMS, environment
from tests.support.polling import wait_for

FOLDERS = os.environ.get("SAGE_TEST_CLIENTS", "")
TURN_S = 120
AUTHORITY = "authority.pem"
FAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"
BY_NAME = {program.name: program for program in PROGRAMS}


class Machine:
    """`ahead_s` is how many seconds its clock is ahead of that of the server."""

    def __init__(self, name, network, folder, kept, *, is_far=False):
        self.name, self.folder = name, folder / name
        self.folder.mkdir()
        self.place = network.add(self.folder, is_far=is_far)
        self.file = "sage-client.pyz"
        self.data_dir = self.folder / ".local/share/sage-client"
        self.ahead_s = 0
        with self.place.entered():
            self.model = kept.enter_context(served_model())

    def install(self, *clients):
        """Have clients, as a user has them before Sage is connected."""
        for client in clients:
            BY_NAME[client].prepare(self.folder, self.model.url)

    def run(self, *command, code=0, **variables):
        """Run a command in the home; return what it printed."""
        done = self.start(command, stdin=subprocess.DEVNULL, **variables)
        printed = done.communicate(timeout=TURN_S)[0].decode()
        assert done.returncode == code, printed
        return printed

    def start(self, command, cwd=HOME, stdin=None, stderr=subprocess.STDOUT, **variables):
        """Start a command."""
        change = f'cd {shlex.quote(str(cwd))} && exec "$@"'
        return subprocess.Popen(
            self.place.within("sh", "-c", change, "sh", *command),
            env=self._variables() | variables,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def fetch_client(self):
        """Fetch the client of one file from the server."""
        self.run("curl", "-fsSO", "--cacert", AUTHORITY, f"{URL}/client/{self.file}")

    def is_connected(self):
        """Whether a program on it holds a connection to another machine."""
        return bool(self.run("ss", "-Htn", "state", "established", "dport", "=", ":443").strip())

    def begin_client(self, *words):
        """Start the client of one file; return its process."""
        return self.start([sys.executable, self.file, *words], stdin=subprocess.DEVNULL)

    def client(self, *words, **how):
        """Run the client of one file that was fetched."""
        return self.run(sys.executable, self.file, *words, **how)

    def begin(self, client, project, prompt):
        """Start a client in a project with a prompt; return its process."""
        (self.folder / project / ".git").mkdir(parents=True, exist_ok=True)
        program, *options = BY_NAME[client].command
        clock = self._clock()
        if clock and program == "claude":  # which does not bear it itself, but starts its hooks so
            options = ["--settings", json.dumps({"env": clock}), *options]
            clock = {}
        return self.start(
            [program, *options, prompt],
            cwd=f"{HOME}/{project}",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **clock,
        )

    def reconnect(self):
        """Have what waits sent, before the minute is over in which a server is left alone.

        A server that has just started, on a busy machine, may not answer two hooks in time. The
        oldest client leaves none alone, and does not know the command.
        """
        words = [sys.executable, self.file, "connect", "--ca", AUTHORITY]
        self.start(words, stdin=subprocess.DEVNULL).communicate(timeout=TURN_S)
        self.settle()

    def state(self):
        """Return what the client of one file says of its server and of what waits."""
        asked = self.begin_client("status")
        return asked.communicate(timeout=TURN_S)[0].decode()

    def has_token(self):
        return (self.folder / ".config/sage-client/token").exists()

    def settle(self):
        """Wait for what hooks do behind the back of their client."""
        wait_for(lambda: not self.place.processes(), 60, pause_s=0.1)

    def waiting(self):
        """Return how many events wait to be sent."""
        return len([*(self.data_dir / "hooks/spool").glob("*.json")])

    def _variables(self):
        variables = {"HOME": HOME, "PATH": f"{FOLDERS}:{os.environ['PATH']}", "TERM": "dumb"}
        return variables | environment(self.model.url)

    def _clock(self):
        """Return the variables by which clients and their hooks see another time."""
        if not self.ahead_s:
            return {}
        told = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"+{self.ahead_s}"}
        return told | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def hooks_in(home, events):
    """Return the commands that Claude Code calls at events, from its file in a home."""
    settings = json.loads((home / ".claude/settings.json").read_text())
    commands = {
        hook["command"]
        for said in settings["hooks"].values()
        for one in said
        for hook in one["hooks"]
    }
    return {event: next(one for one in commands if f" hook {event} " in one) for event in events}
