"""Debian's PostgreSQL 17 and pgBackRest, used by the commands of docs/backup.md."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from tests.architecture.sources import ROOT
from tests.support.debian_postgres import POSTGRESQL, DebianCluster
from tests.support.polling import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PACKAGES = (*POSTGRESQL, "pgbackrest")
_SECTION = re.compile(r"^## To a point in time$(.*?)^## ", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(?:sh|ini)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AS_OWNER = "sudo -u postgres "
_SERVICE = re.compile(r"sudo systemctl (start|stop|restart) postgresql@17-main")
_DATA, _REPOSITORY = "/var/lib/postgresql/17/main", "/var/lib/pgbackrest"


def blocks_of_the_page() -> list[str]:
    """Return what the page says to write and to run, block by block."""
    section = _SECTION.search((ROOT / "docs/backup.md").read_text(encoding="utf-8"))
    assert section is not None
    return _BLOCK.findall(section[1])


class ArchivedCluster(DebianCluster):
    """A server of Debian's package whose log pgBackRest archives; all of it is in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._configuration = directory / "pgbackrest.conf"
        (directory / "repository").mkdir()
        environment = {
            "PGBACKREST_CONFIG": str(self._configuration),
            "PGBACKREST_PG1_SOCKET_PATH": str(directory),
            "PGBACKREST_PG1_USER": "postgres",
            "PGBACKREST_LOCK_PATH": str(directory / "lock"),
            "PGBACKREST_SPOOL_PATH": str(directory / "spool"),
            "PGBACKREST_LOG_LEVEL_FILE": "off",
            "PGBACKREST_LOG_LEVEL_CONSOLE": "warn",
        }
        super().__init__(directory, {"unix_socket_directories": str(directory)}, environment)
        self._environment |= {"PGBACKREST_PG1_PORT": str(self.port), "PATH": "/usr/bin:/bin"}

    def configure(self, pgbackrest: str, postgres: str) -> None:
        """Write the two configurations of the page, with paths of this directory."""
        there = pgbackrest.replace(_DATA, str(self.data_dir))
        self._configuration.write_text(
            there.replace(_REPOSITORY, str(self._directory / "repository"))
        )
        with (self.data_dir / "postgresql.conf").open("a") as file:
            file.write(postgres)

    def obey(self, block: str, changes: Mapping[str, str] | None = None) -> None:
        """Run commands of the page; `changes` are words to be replaced in them."""
        for line in block.splitlines():
            command = line
            for before, after in (changes or {}).items():
                command = command.replace(before, after)
            if found := _SERVICE.fullmatch(command):
                if found[1] != "start":
                    self.stop()
                if found[1] != "stop":
                    self.start()
            else:
                assert command.startswith(_AS_OWNER), line
                self._run(command.removeprefix(_AS_OWNER))

    def wait_until_writable(self) -> None:
        """Wait for the end of the recovery."""
        wait_for(lambda: self.ask("SELECT pg_is_in_recovery()") == "f")

    def _run(self, command: str) -> None:
        ran = subprocess.run(
            [*self._account.prefix, "/bin/sh", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
            cwd="/",
            **self._account.popen_options,
        )
        assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
