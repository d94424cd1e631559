"""SQL of somebody else on a connection that serves requests gains nothing."""

from __future__ import annotations

import asyncpg
import pytest

from sage.access.accounts.secrets import digest
from sage.access.accounts.tokens import create_token
from sage.domain.caller import SpaceRole
from sage.errors import StoreError
from sage.store.connections.application_login import ApplicationConnector
from tests.support.saving import message, save

OWNER = "(SELECT relowner::regrole::text FROM pg_class WHERE oid = 'sage.memories'::regclass)"
WAYS = [
    "RESET ROLE",
    "SET ROLE NONE",
    "SET LOCAL ROLE {owner}",
    "SELECT set_config('role', 'none', false)",
    "RESET SESSION AUTHORIZATION",
    "SET SESSION AUTHORIZATION {owner}",
    "SET LOCAL row_security = off",
    "RESET ALL",
    "COMMIT; RESET ROLE; BEGIN; SET LOCAL sage.space = 'default'",
    "COMMIT; DISCARD ALL; BEGIN; SET LOCAL sage.space = 'default'",
    "RESET ROLE; GRANT {owner} TO CURRENT_USER",
    "RESET ROLE; ALTER ROLE CURRENT_USER SUPERUSER",
    "RESET ROLE; ALTER TABLE sage.memories DISABLE ROW LEVEL SECURITY",
    "RESET ROLE; ALTER POLICY of_visible_spaces ON sage.memories USING (true)",
    "RESET ROLE; ALTER FUNCTION sage.project_of(text, text) SECURITY DEFINER",
    "RESET ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA sage TO CURRENT_USER",
    "RESET ROLE; CREATE TABLE sage.mine ()",
    "RESET ROLE; COPY (SELECT 1) TO PROGRAM 'true'",
    "RESET ROLE; COPY sage.memories FROM '/etc/hostname'",
]
REACHED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('r', 'v')
    AND relname NOT IN (
        'sessions', 'memories', 'embeddings', 'embedding_queue', 'saves', 'replacements',
        'unlinked_embeddings', 'embedding_models', 'active_model', 'spaces', 'visible_memories',
        'memory_classes', 'project_names', 'project_identities', 'session_days', 'recalls',
        'recalled_memories', 'not_useful'
    )
    AND (
        has_table_privilege(oid, 'SELECT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        -- It adds events of saves to the audit log.
        OR relname <> 'audit' AND has_table_privilege(oid, 'INSERT')
    )
"""
OF_OTHERS = [
    "SELECT content FROM sage.memories WHERE space_id <> 'default'",
    "SELECT content FROM sage.visible_memories WHERE space_id <> 'default'",
    "SELECT name FROM sage.spaces WHERE id <> 'default'",
    "SELECT class FROM sage.memory_classes WHERE space_id <> 'default'",
    "SELECT session_id FROM sage.session_days WHERE space_id <> 'default'",
    "SELECT name FROM sage.project_names WHERE space_id <> 'default'",
    "SELECT name FROM sage.project_identities WHERE space_id <> 'default'",
    "SELECT occasion FROM sage.recalls WHERE space_id <> 'default'",
    "SELECT place FROM sage.recalled_memories WHERE space_id <> 'default'",
    "SELECT occasion FROM sage.not_useful WHERE space_id <> 'default'",
    "SELECT rolname FROM pg_authid",
    REACHED,
]
HANDED_OUT = """
WITH handed_out AS (
    INSERT INTO sage.recalls (space_id, recall_id, at, occasion, words)
    VALUES ('other', gen_random_uuid(), now(), 'search', '{1}')
    RETURNING space_id, recall_id
), told AS (
    INSERT INTO sage.recalled_memories (space_id, recall_id, memory_id, place)
    SELECT space_id, recall_id, memory_id, 0 FROM handed_out JOIN sage.memories USING (space_id)
)
INSERT INTO sage.not_useful (space_id, memory_id, recall_id, occasion, words)
SELECT space_id, memory_id, recall_id, 'search', '{1}'
FROM handed_out JOIN sage.memories USING (space_id)
"""


@pytest.fixture
async def kept_apart(postgres_dsn, opened):
    """Open a database of two spaces by one connection of each kind."""
    async with opened(postgres_dsn, max_size=1) as database:
        for space_id in ("default", "other"):
            await save(database, [message(f"tea of {space_id}")], space_id=space_id)
        async with database.across_spaces() as conn:
            await conn.execute("INSERT INTO sage.spaces (id, name) VALUES ('other', 'other')")
            await conn.execute("INSERT INTO sage.project_names VALUES ('other', 'a', 'b')")
            await conn.execute(
                "INSERT INTO sage.project_identities VALUES ('other', sha256('a'), 'a')"
            )
            await conn.execute(HANDED_OUT)
        yield database


async def gained(database, way):
    """Return what can be read of others after SQL that tries to become more."""
    async with database.across_spaces() as conn:
        owner = await conn.fetchval(f"SELECT {OWNER}")
    rows = []
    for reading in OF_OTHERS:
        try:
            async with database.in_space("default") as conn:
                await conn.execute(way.format(owner=owner))
                rows += await conn.fetch(reading)
        except StoreError:
            pass  # refused
    return [row[0] for row in rows]


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_leads_to_what_is_of_others(kept_apart, way):
    assert await gained(kept_apart, way) == []
    async with kept_apart.in_space("default") as conn:
        assert await conn.fetch("SELECT content FROM sage.memories") == [("tea of default",)]
        assert await conn.fetchval("SELECT session_user") == kept_apart.application_role


async def test_nobody_learns_there_what_a_token_opens(kept_apart):
    async with kept_apart.across_spaces() as conn:
        token = await create_token(conn, {"default": SpaceRole.READER}, name="known")
    with pytest.raises(StoreError):
        async with kept_apart.in_space("default") as conn:
            await conn.fetchval("SELECT sage.look_up_token($1)", digest(token))


@pytest.mark.usefixtures("kept_apart")
async def test_what_is_of_others_would_be_seen(postgres_dsn, opened, monkeypatch):
    """Without the login of its own the first way leads to all there is."""

    async def refuse(*_):
        raise asyncpg.InvalidPasswordError("no")

    monkeypatch.setattr(ApplicationConnector, "_open_as", refuse)
    async with opened(postgres_dsn, max_size=1) as database:
        found = await gained(database, "RESET ROLE")
    assert {"tea of other", "other", "postgres", "tokens", "users", "audit"} <= set(found)
