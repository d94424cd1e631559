"""A server as Docker's: the owner of Sage's tables is a superuser with a password."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.support.postgres import FAST_AND_LOOSE, Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "sage_app_of_keeper"
PASSWORD = "it's 100 % safe"


class PasswordCluster(Cluster):
    """A server that asks the owner and the role for passwords, and logs each statement."""

    def url(self, password: str = PASSWORD) -> str:
        """Return the DSN of the owner's database `kept`."""
        return f"postgresql://keeper:{quote(password, safe='')}@127.0.0.1:{self.port}/kept"

    def rule(self, line: str) -> None:
        """Add a first line to pg_hba.conf."""
        rules = self.data_dir / "pg_hba.conf"
        rules.write_text(f"{line}\n{rules.read_text()}")
        self.ask("SELECT pg_reload_conf()")

    def end_sessions(self) -> None:
        """End all sessions in the database."""
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'kept'")


@pytest.fixture
def password_server() -> Iterator[PasswordCluster]:
    """Yield such a server with an empty database; others than root may reach its folder."""
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    server = PasswordCluster(directory, {**FAST_AND_LOOSE, "log_statement": "all"})
    directory.chmod(0o755)
    try:
        server.create()
        server.start()
        server.ask_for_passwords("keeper")
        server.ask_for_passwords(ROLE)
        secret = PASSWORD.replace("'", "''")
        server.ask(f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{secret}'")
        server.ask("CREATE DATABASE kept OWNER keeper")
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)
