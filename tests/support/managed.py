"""A server, and callers who manage its spaces, users and tokens."""

import asyncio
from contextlib import contextmanager

import asyncpg

from sage.access.accounts.tokens import create_token
from sage.access.accounts.users import add_user
from sage.config.settings import RateLimitSettings
from sage.store.connections.pool import open_database
from tests.support import plain_http
from tests.support.guarded import OWNER, READER, SERVER_TOKEN, TURN, Guarded, make_tokens
from tests.support.live import new_database
from tests.support.serving import serving, settings_for


class Managed(Guarded):
    """A server, and callers who manage it."""

    def __init__(self, url, tokens, dsn):
        super().__init__(url, tokens, "")
        self.dsn = dsn

    def call(self, who, method, path, **options):
        headers = self.headers(who)
        return plain_http.request(method, f"{self.url}/api/v1{path}", headers=headers, **options)

    def rows(self, statement, *values):
        async def read():
            conn = await asyncpg.connect(self.dsn)
            try:
                return [dict(row) for row in await conn.fetch(statement, *values)]
            finally:
                await conn.close()

        return asyncio.run(read())

    def make(self, roles, name, **more):
        """Create a token as the command line does, to call with."""

        async def create():
            database = await open_database(self.dsn)
            try:
                async with database.across_spaces() as conn:
                    self.tokens[name] = await create_token(conn, roles, name=name, **more)
            finally:
                await database.close()

        asyncio.run(create())

    def opens(self, secret):
        """Return the spaces that a secret opens, with its roles; the status if it opens none."""
        self.tokens["shown"] = secret
        answer = self.call("shown", "GET", "/me")
        if answer.status_code != 200:
            return answer.status_code
        return {one["name"]: one["role"] for one in answer.json()["spaces"]}


async def add_users(dsn, *names):
    database = await open_database(dsn)
    try:
        async with database.across_spaces() as conn:
            for name in names:
                await add_user(conn, name)
    finally:
        await database.close()


@contextmanager
def managed_server(server, template, data_dir):
    """Serve a Sage with the users anna and bob, and a memory in the space `team`."""
    with new_database(server, template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        asyncio.run(add_users(dsn, "anna", "bob"))
        settings = settings_for(dsn, data_dir, token=SERVER_TOKEN)
        unlimited = {"rate_limit": RateLimitSettings(failures=0)}
        with serving(settings.model_copy(update=unlimited)) as url:
            held = Managed(url, tokens, dsn)
            held.data_dir = data_dir
            held.request("writer", "POST", "/api/v1/conversations", json=TURN)
            held.make({"team": READER}, "machine", of_machine=True)
            held.make({"team": OWNER}, "anna-owner", user="anna")
            held.make({"team": OWNER, "default": OWNER}, "both")
            yield held
