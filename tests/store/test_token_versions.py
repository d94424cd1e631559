"""Whatever changes what a token opens, by whatever statement, gives it another version."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from sage.access.accounts.secrets import digest
from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token
from sage.access.accounts.users import add_user
from sage.domain.caller import SpaceRole
from sage.errors import StoreError

KNOWN = "SELECT token_id FROM sage.tokens WHERE name = 'known'"
OF = f"WHERE token_id = ({KNOWN})"
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PUT_BACK = "WITH gone AS (DELETE FROM sage.spaces WHERE id = 'garden' RETURNING id)"
CHANGES = [
    "UPDATE sage.tokens SET name = 'renamed' WHERE name = 'known'",
    "UPDATE sage.tokens SET user_name = 'bob' WHERE name = 'known'",
    "UPDATE sage.tokens SET user_name = NULL WHERE name = 'known'",
    "UPDATE sage.tokens SET digest = sha256('x') WHERE name = 'known'",
    "UPDATE sage.tokens SET expires_at = now() + interval '1 day' WHERE name = 'known'",
    f"UPDATE sage.token_spaces SET role = 'reader' {OF}",
    f"UPDATE sage.token_spaces SET position = 7 {OF} AND space_id = 'garden'",
    f"UPDATE sage.token_spaces SET space_id = 'attic' {OF} AND space_id = 'garden'",
    f"DELETE FROM sage.token_spaces {OF} AND space_id = 'garden'",
    f"INSERT INTO sage.token_spaces SELECT 'attic', ({KNOWN}), 2, 'reader'",
    "TRUNCATE sage.token_spaces",
    "UPDATE sage.spaces SET name = 'park' WHERE name = 'garden'",
    f"UPDATE sage.token_spaces SET token_id = ({KNOWN}) WHERE space_id = 'attic'",
    f"{PUT_BACK} INSERT INTO sage.spaces (id, name) SELECT id, 'park' FROM gone",
]
OTHERS = [
    "UPDATE sage.tokens SET last_used_at = now()",
    "UPDATE sage.spaces SET masking = 'off'",
    "UPDATE sage.spaces SET retention_days = 7",
    "UPDATE sage.spaces SET name = 'loft' WHERE name = 'attic'",
    "UPDATE sage.tokens SET name = 'renamed' WHERE name = 'other'",
    "DELETE FROM sage.token_spaces WHERE space_id = 'attic'",
    "DELETE FROM sage.tokens WHERE name = 'other'",
    "INSERT INTO sage.users (name) VALUES ('eve')",
]


@pytest.fixture
async def conn(database):
    """Lend a connection where the token `known` opens two spaces, and `other` another."""
    async with database.across_spaces() as lent:
        for name in ("garden", "attic"):
            await create_space(lent, name)
        for name in ("ann", "bob"):
            await add_user(lent, name)
        roles = {"default": SpaceRole.OWNER, "garden": SpaceRole.WRITER}
        await create_token(lent, roles, name="known", user="ann")
        await create_token(lent, {"attic": SpaceRole.READER}, name="other")
        yield lent


async def versions(conn):
    rows = await conn.fetch("SELECT token_id, version FROM sage.tokens")
    return {row["token_id"]: row["version"] for row in rows}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_renews_the_version(conn, change):
    known = await conn.fetchval(KNOWN)
    before = await versions(conn)
    await conn.execute(change)
    assert (await versions(conn))[known] != before[known]


@pytest.mark.parametrize("change", OTHERS)
async def test_what_changes_something_else_does_not(conn, change):
    known = await conn.fetchval(KNOWN)
    before = await versions(conn)
    await conn.execute(change)
    assert (await versions(conn))[known] == before[known]


async def test_the_look_up_and_the_check_agree_on_it(conn):
    token = await create_token(conn, {"garden": SpaceRole.READER}, name="shown")
    found = await conn.fetchval("SELECT sage.look_up_token($1)", digest(token))
    assert found[4] == str((await versions(conn))[found[0]])
    assert await conn.fetchval("SELECT sage.check_token($1, NULL, $2)", digest(token), found[4])


@pytest.mark.parametrize(
    "change", ["grant_id = grant_id + 1", "scopes = '{memory:read}'", "expires_at = now()"]
)
async def test_what_an_app_was_given_has_a_version_too(conn, change):
    server, shown = digest("of the server"), digest("of an app")
    allowed = (
        "INSERT INTO sage.oauth_grants (client_id, client_name, token_digest) VALUES ($1, $1, $2)"
    )
    for app in ("one", "other"):
        await conn.execute(allowed, app, server)
    await conn.execute(
        "INSERT INTO sage.oauth_secrets (digest, grant_id, kind, scopes, expires_at)"
        " SELECT $1, min(grant_id), 'access', '{memory:write}', now() + interval '1 day'"
        " FROM sage.oauth_grants",
        shown,
    )
    found = await conn.fetchval("SELECT sage.look_up_oauth_token($1, $2)", server, shown)
    check = "SELECT sage.check_token($1, $2, $3)"
    assert await conn.fetchval(check, shown, server, found[5])
    await conn.execute(f"UPDATE sage.oauth_secrets SET {change}")
    with pytest.raises(StoreError, match="just changed"):
        await conn.fetchval(check, shown, server, found[5])


async def test_two_changes_at_a_time_wait_for_each_other(conn, postgres_dsn):
    """One takes the tokens from the first on, one from the last, and a third holds one between."""
    for name in ("first", "middle", "last"):
        await create_token(conn, {"garden": SpaceRole.READER}, name=name)

    async def changed(statement, waiting):
        own = await asyncpg.connect(postgres_dsn)
        running = asyncio.create_task(own.execute(statement))
        async with asyncio.timeout(30):
            while await conn.fetchval(WAITING) < waiting:
                await asyncio.sleep(0.05)
        return own, running

    between = await asyncpg.connect(postgres_dsn)
    holding = between.transaction()
    await holding.start()
    await between.execute("SELECT FROM sage.tokens WHERE name = 'middle' FOR NO KEY UPDATE")
    one = await changed("UPDATE sage.spaces SET name = 'park' WHERE id = 'garden'", 1)
    other = await changed(
        "INSERT INTO sage.token_spaces SELECT 'attic', token_id, 1, 'reader' FROM sage.tokens"
        " WHERE name <> 'other' ORDER BY token_id DESC",
        2,
    )
    await holding.rollback()
    assert await one[1] == "UPDATE 1"
    assert await other[1] == "INSERT 0 4"
    for opened in (one[0], other[0], between):
        await opened.close()
