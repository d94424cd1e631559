"""One Sage for all tests of a folder that only need some Sage."""

import asyncio
import secrets
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.serving import serving, settings_for


@pytest.fixture(scope="session")
def sage_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve Sage on a database of its own; tests keep apart by session ids."""
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, tmp_path_factory.mktemp("data"))) as url,
    ):
        yield url


@contextmanager
def new_database(server, template):
    """Make a database for as long as a fixture lives; give its DSN."""
    name = f"sage_live_{secrets.token_hex(4)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def session_id():
    return f"session-{secrets.token_hex(6)}"


def _administer(server, statement):
    async def run():
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
