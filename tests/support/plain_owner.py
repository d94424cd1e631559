"""A database whose owner is no superuser, as a provider of databases gives one."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import asyncpg
import pytest


@pytest.fixture
async def plain_owner(postgres_server):
    """Give the DSN of a database whose owner is no superuser, and a connection of one who is."""
    name = f"sage_owner_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(postgres_server)
    await admin.execute(f"CREATE ROLE {name} LOGIN")
    await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
    server = urlsplit(postgres_server)
    inside = await asyncpg.connect(server._replace(path=f"/{name}").geturl())
    await inside.execute("CREATE EXTENSION vector")
    yield (
        server._replace(netloc=f"{name}@{server.hostname}:{server.port}", path=f"/{name}").geturl(),
        admin,
    )
    await inside.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.execute(f"DROP ROLE IF EXISTS sage_app_of_{name}")
    await admin.execute(f"DROP ROLE {name}")
    await admin.close()
