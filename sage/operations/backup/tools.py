"""Find the pg_dump and pg_restore that match a server, or the file of a backup."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sage.config.child_environment import variables_set
from sage.errors import BackupError, BackupToolsError, StartupError
from sage.local.postgres.binaries import clean_environment, find_binaries
from sage.operations.backup.child_process import output_of
from sage.operations.backup.tls_relay import address_through, tls_relay
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from sage.store.connections.connection import TlsServer
    from sage.store.connections.pool import Database

PROGRAMS = ("pg_dump", "pg_restore")
_INSTALLED = (
    (Path("/usr/lib/postgresql"), "*/bin"),  # Debian, Ubuntu
    (Path("/usr"), "pgsql-*/bin"),  # Red Hat
    (Path("/opt/homebrew/opt"), "postgresql@*/bin"),
    (Path("/opt/homebrew/opt"), "libpq/bin"),
    (Path("/usr/local/opt"), "postgresql@*/bin"),
    (Path("/usr/local/opt"), "libpq/bin"),
)
_CONNECTION_VARIABLES = (
    *("HOME", "PGPASSFILE", "PGPASSWORD", "PGUSER", "PGSERVICE", "PGSERVICEFILE"),
    *("PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL"),
)
# As Sage itself does where an address names several servers: the snapshot is the primary's.
_ONE_SERVER = {"PGTARGETSESSIONATTRS": "read-write"}
_VERSION = re.compile(r"\(PostgreSQL\) (?P<version>\d+\S*)")

_SERVER_VERSIONS = query("server_versions")


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs of one installation of PostgreSQL, for one database or for none.

    `address` is the URL of the database without its password, which is passed in the environment:
    arguments of a process can be read by every user of the machine. It is empty if only a file is
    read.
    """

    folder: Path
    version: str
    address: str
    environment: Mapping[str, str]

    @property
    def major(self) -> int:
        """Return the major version."""
        return major_of(self.version)

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of a program."""
        return [str(self.folder / program), *arguments]


@asynccontextmanager
async def suitable_tools(database: Database) -> AsyncIterator[Tools]:
    """Find tools at least as new as the server, and of those the closest ones.

    Those of the embedded PostgreSQL have no TLS: if the server uses it, they are used only without
    others, through a relay. Raises BackupToolsError if there are none, or for a distributed
    database, of which each server has a part; StoreError.
    """
    async with database.across_spaces() as conn:
        if conn.is_distributed:
            raise of_distributed("no backup was made")
        versions = await conn.fetchrow(_SERVER_VERSIONS)
        tls_server = conn.tls_server()
    server = str(versions["postgres"]) if versions else ""
    source = phrase("the server is PostgreSQL {server}", server=server)
    installed = await _found(database.dsn, _installed_folders())
    embedded = await _found(database.dsn, _embedded_folder())
    if tls_server is None:
        yield _closest(server, [*embedded, *installed], source)
    elif any(one.major >= major_of(server) for one in installed):
        yield _closest(server, installed, source)
    else:
        tools = _closest(server, [*installed, *embedded], source)
        async with _relayed(tools, tls_server) as through:
            yield through


async def tools_to_read(dumped_by: str) -> Tools:
    """Find a pg_restore that reads the output of a version of pg_dump. Raises BackupToolsError."""
    found = await _found("", [*_embedded_folder(), *_installed_folders()])
    return _closest(
        dumped_by, found, phrase("the dump was written by pg_dump {dumped_by}", dumped_by=dumped_by)
    )


def of_distributed(detail: str) -> BackupToolsError:
    """Return the error for a database that Citus distributes over servers; `detail` is a phrase."""
    return BackupToolsError(
        "the database is distributed with Citus, so that no server has all of it",
        detail=detail,
        hint="back all its servers up with their own tools, at one restore point, as "
        "docs/citus.md describes; `sage export` writes all memories",
    )


@asynccontextmanager
async def _relayed(tools: Tools, server: TlsServer) -> AsyncIterator[Tools]:
    async with tls_relay(server) as folder:
        environment = {
            name: value for name, value in tools.environment.items() if "SSL" not in name
        }
        address = address_through(tools.address, folder)
        yield replace(tools, address=address, environment=environment)


def _closest(version: str, found: list[Tools], source: str) -> Tools:
    wanted = major_of(version)
    suitable = [one for one in found if one.major >= wanted]
    if not suitable:
        have = ", ".join(f"{one.version} in {one.folder}" for one in found) or "none"
        raise BackupToolsError(
            phrase(
                "this needs pg_dump and pg_restore of PostgreSQL {wanted} or newer", wanted=wanted
            ),
            detail=phrase("{source}; found here: {have}", source=source, have=have),
            hint=phrase(
                "install the client programs of PostgreSQL {wanted} "
                "(postgresql-client-{wanted} on Debian and Ubuntu); with Docker "
                "Compose, use `docker compose --profile backup run --rm backup backup`",
                wanted=wanted,
            ),
        )
    return min(suitable, key=lambda one: one.major)


async def _found(dsn: str, folders: Iterable[Path]) -> list[Tools]:
    address, password = split_password(dsn)
    environment = _ONE_SERVER | clean_environment() | variables_set(*_CONNECTION_VARIABLES)
    environment |= password
    tools = []
    for folder in dict.fromkeys(folders):
        # Without an error where the folder may not be entered, as the PATH of `su` may have some.
        if all(shutil.which(program, path=str(folder)) for program in PROGRAMS):
            with suppress(BackupError):  # a program that does not run here is none
                said = await output_of([str(folder / "pg_dump"), "--version"], environment)
                if version := _VERSION.search(said):
                    tools.append(Tools(folder, version["version"], address, environment))
    return tools


def _embedded_folder() -> Iterator[Path]:
    with suppress(StartupError):
        yield find_binaries().program("pg_dump").parent


def _installed_folders() -> Iterator[Path]:
    for root, pattern in _INSTALLED:
        yield from sorted(root.glob(pattern))
    for folder in variables_set("PATH").get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder)


def split_password(dsn: str) -> tuple[str, dict[str, str]]:
    """Return an address without its password, and the password as a variable of libpq."""
    parts = urlsplit(dsn)
    login, at, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    in_query = dict(pairs).get("password", "")
    others = [pair for pair in pairs if pair[0] != "password"]
    rest = f"?{urlencode(others, quote_via=quote)}" if others else ""
    secret = unquote(password) or in_query
    address = f"{parts.scheme}://{user}{at}{place}{parts.path}{rest}"
    return address, {"PGPASSWORD": secret} if secret else {}


def major_of(version: str) -> int:
    """Return the major version of PostgreSQL: 18 of `18.6`, of `19beta1` 19."""
    digits = re.match(r"\d+", version)
    return int(digits.group()) if digits else 0
