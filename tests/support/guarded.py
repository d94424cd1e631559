"""A server with spaces, and tokens of all kinds to call it with."""

import json
from contextlib import asynccontextmanager

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sage.accounts.secrets import new_token
from sage.accounts.spaces import create_space
from sage.accounts.tokens import create_token, revoke_token
from sage.domain.caller import SpaceRole
from sage.store.pool import open_database

READER, WRITER, OWNER = SpaceRole
SERVER_TOKEN = "a-token-of-at-least-32-characters!"


class Guarded:
    """A server with a memory in the space `team`, and tokens of all kinds."""

    def __init__(self, url, tokens, memory_id):
        self.url, self.tokens, self.memory_id = url, tokens, memory_id

    def headers(self, who):
        return {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}

    def request(self, who, method, path, **options):
        path = path.replace("{memory_id}", self.memory_id).replace("{session_id:path}", "birds")
        return httpx.request(
            method, self.url + path, headers=self.headers(who), timeout=30, **options
        )

    @asynccontextmanager
    async def client(self, who):
        """Connect by the SDK's own client."""
        async with (
            httpx2.AsyncClient(headers=self.headers(who), timeout=30) as http,
            Client(streamable_http_client(f"{self.url}/mcp", http_client=http)) as client,
        ):
            yield client

    def filled(self, arguments):
        return json.loads(json.dumps(arguments).replace("{memory_id}", self.memory_id))


async def make_tokens(dsn):
    database = await open_database(dsn)
    try:
        async with database.connection() as conn:
            for space in ("team", "private"):
                await create_space(conn, space)
            tokens = {
                "reader": await create_token(conn, {"team": READER}, name="reader"),
                "writer": await create_token(conn, {"team": WRITER}, name="writer"),
                "owner": await create_token(conn, {"team": OWNER}, name="owner"),
                "foreign": await create_token(conn, {"private": OWNER}, name="foreign"),
                "several": await create_token(
                    conn, {"private": OWNER, "team": READER}, name="several"
                ),
                "expired": await create_token(conn, {"team": OWNER}, name="expired"),
                "revoked": await create_token(conn, {"team": OWNER}, name="revoked"),
                "unknown": new_token(),
                "server": SERVER_TOKEN,
            }
            await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = 'expired'")
            await revoke_token(conn, "revoked")
            return tokens
    finally:
        await database.close()
