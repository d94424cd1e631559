import asyncio
from contextlib import contextmanager

import asyncpg
import pytest

from sage.config.settings import RateLimitSettings
from tests.support.guarded import SERVER_TOKEN, Guarded, make_tokens
from tests.support.live import new_database
from tests.support.ports import free_port
from tests.support.serving import serving, settings_for


@contextmanager
def serving_oauth(dsn, data_dir, *, limit=None, **server):
    """Serve Sage with OAuth at its own address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = settings_for(
        dsn, data_dir, auth="oauth", token=SERVER_TOKEN, public_url=url, **server
    )
    changed = {"rate_limit": limit or RateLimitSettings(failures=0)}
    with serving(settings.model_copy(update=changed), port=port) as served:
        assert served == url
        yield url


@pytest.fixture(scope="module")
def dsn(postgres_server, migrated_template):
    with new_database(postgres_server, migrated_template) as made:
        yield made


@pytest.fixture(scope="module")
def sage(dsn, tmp_path_factory):
    """A server with OAuth and tokens of all kinds."""
    tokens = asyncio.run(make_tokens(dsn))
    with serving_oauth(dsn, tmp_path_factory.mktemp("data")) as url:
        yield Guarded(url, tokens, "")


@pytest.fixture
def oauth_sql(dsn):
    """Change what is in the database, as time or an operator would."""

    async def run(statement, *args):
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(statement, *args)
        finally:
            await connection.close()

    return run
