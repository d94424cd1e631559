"""The database keeps spaces apart: which role works in them, and what it sees and may do."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from sage.errors import StoreError
from sage.store import memories
from sage.store.migrate import migrate
from tests.support.pgbouncer import pgbouncer
from tests.support.saving import message, save

WITH_SPACES = """
SELECT relname, relrowsecurity, relforcerowsecurity, (
    SELECT array_agg(pg_get_expr(polqual, polrelid)) FROM pg_policy WHERE polrelid = pg_class.oid
) AS policies
FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('r', 'p') AND EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = pg_class.oid AND NOT attisdropped AND attname = 'space_id'
)
"""
VIEWS = """
SELECT relname, pg_get_viewdef(oid) AS shows FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('v', 'm')
"""
OWNED = """
SELECT relname FROM pg_class WHERE relowner = $1::regrole
UNION ALL SELECT proname FROM pg_proc WHERE proowner = $1::regrole
UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = $1::regrole
UNION ALL SELECT datname FROM pg_database WHERE datdba = $1::regrole
"""
GRANTED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('r', 'v')
    AND has_any_column_privilege($1::text, oid, 'SELECT, INSERT, UPDATE, REFERENCES')
"""
SEES_AUDIT = """
SELECT has_any_column_privilege($1::text, 'sage.audit', 'SELECT, UPDATE, REFERENCES')
    OR has_table_privilege($1::text, 'sage.audit', 'DELETE, TRUNCATE, TRIGGER')
"""
OF_VISIBLE = "(space_id = current_setting('sage.space'::text, true))"

_NOTE_WHO_SAVES = """
CREATE TABLE saved (role text, space text);
GRANT INSERT ON saved TO PUBLIC;
CREATE FUNCTION note_who_saves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO saved VALUES (current_user, current_setting('sage.space'));
    RETURN NEW;
END
$$;
CREATE TRIGGER noted BEFORE INSERT ON sage.memories FOR EACH ROW EXECUTE FUNCTION note_who_saves();
"""


@pytest.fixture
async def role(database):
    async with database.across_spaces():
        return database.application_role


async def test_every_table_with_rows_of_spaces_is_fenced(database):
    async with database.across_spaces() as conn:
        tables = await conn.fetch(WITH_SPACES)
        views = await conn.fetch(VIEWS)
    assert {row["relname"] for row in tables} >= {"memories", "embeddings", "token_spaces"}
    unfenced = [
        row["relname"]
        for row in tables
        if not (row["relrowsecurity"] and row["relforcerowsecurity"])
        or row["policies"] != [OF_VISIBLE]
    ]
    assert unfenced == []
    assert [row["relname"] for row in views] == ["visible_memories"]
    shown = views[0]["shows"].replace("memories.", "")  # which PostgreSQL 15 names each column with
    assert "WHERE COALESCE((space_id = ( SELECT current_setting('sage.space'::text, true)" in shown


async def test_the_application_works_as_a_role_that_owns_nothing(database, role):
    async with database.in_space("default") as conn:
        row = await conn.fetchrow(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert tuple(row) == (role, False, False, False, False, True)
        assert await conn.fetch(OWNED, role) == []
        with pytest.raises(StoreError, match="lacks a privilege"):
            await conn.execute("TRUNCATE sage.memories")


async def test_a_conversation_is_saved_as_that_role_in_its_space_alone(database, role):
    async with database.across_spaces() as conn:
        await conn.execute(_NOTE_WHO_SAVES)
    await save(database, [message("tea")])
    async with database.across_spaces() as conn:
        assert [tuple(row) for row in await conn.fetch("SELECT * FROM saved")] == [
            (role, "default")
        ]
        left = await conn.fetchrow("SELECT current_user, current_setting('sage.space', true)")
        assert left[0] != role
        assert not left[1]


async def test_the_role_may_reach_what_a_space_needs_and_no_more(database, role):
    async with database.across_spaces() as conn:
        granted = {row["relname"] for row in await conn.fetch(GRANTED, role)}
        seen = await conn.fetchval(SEES_AUDIT, role)
    assert not seen
    assert granted - {"audit"} == {
        *("sessions", "memories", "embeddings", "embedding_queue", "saves", "replacements"),
        *("unlinked_embeddings", "embedding_models", "active_model", "spaces", "visible_memories"),
        *("memory_classes", "project_names", "project_identities", "session_days"),
        *("recalls", "recalled_memories", "not_useful"),
    }


async def test_what_names_no_space_sees_none(database):
    await save(database, [message("tea")])
    for space, seen in ((None, 0), ("", 0), ("other", 0), ("default", 1)):
        async with database.in_space(space) as conn:
            for table in ("memories", "visible_memories", "sessions", "saves"):
                assert await conn.fetchval(f"SELECT count(*) FROM sage.{table}") == seen


async def test_the_names_of_other_spaces_are_not_seen(database):
    async with database.across_spaces() as conn:
        await conn.execute("INSERT INTO sage.spaces (id, name) VALUES ('other', 'secret plan')")
    async with database.in_space("default") as conn:
        assert await conn.fetch("SELECT name FROM sage.spaces") == [("default",)]


@pytest.mark.parametrize(
    "name", ["it's", 'a "quoted" one', "back\\slash", "a,b", "{}", "茶", " ", "NULL"]
)
async def test_a_space_may_have_any_name(database, name):
    await save(database, [message("tea")], space_id=name)
    await save(database, [message("tea")], space_id=f"{name} too")
    async with database.in_space(name) as conn:
        assert await conn.fetch("SELECT space_id FROM sage.memories") == [(name,)]


@pytest.mark.needs_session
async def test_a_connection_keeps_nothing_of_the_space_it_was_in(postgres_dsn, opened):
    async with opened(postgres_dsn, max_size=1) as database:
        await save(database, [message("tea")])
        with pytest.raises(StoreError):
            async with database.in_space("default") as conn:
                await conn.execute("SELECT 1 / 0")
        pool = database._pools.of_spaces  # noqa: SLF001 - looks at what the session keeps
        driver = await pool.acquire()
        assert await driver.fetchval("SELECT current_setting('role')") == "none"
        assert await driver.fetchval("SELECT current_setting('sage.space')") == ""
        await pool.release(driver)


async def test_what_fails_in_a_space_is_undone(database):
    async def fail():
        async with database.in_space("default") as conn:
            await conn.execute("INSERT INTO sage.sessions VALUES ('default', 'tea')")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await fail()
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT count(*) FROM sage.sessions") == 0


async def test_callers_of_many_spaces_share_few_sessions_of_pgbouncer(postgres_dsn, opened):
    spaces = [f"space {number}" for number in range(8)]
    with pgbouncer(postgres_dsn, default_pool_size=2) as dsn:
        async with opened(dsn, max_size=8) as database:

            async def work(space_id):
                for number in range(10):
                    await save(database, [message(f"{number}")], space_id=space_id)
                    async with database.in_space(space_id) as conn:
                        kept = await conn.fetch("SELECT space_id FROM sage.memories")
                        assert kept == [(space_id,)] * (number + 1)
                        assert len(await memories.read_session(conn, space_id, "tea")) == number + 1

            await asyncio.gather(*map(work, spaces))


async def seen_in_no_space(database):
    await save(database, [message("tea")])
    async with database.in_space() as conn:
        return await conn.fetchval("SELECT count(*) FROM sage.memories")


async def test_an_owner_who_may_create_roles_makes_the_one_that_works_in_spaces(
    plain_owner, opened
):
    dsn, admin = plain_owner
    owner = urlsplit(dsn).username
    await admin.execute(f"ALTER ROLE {owner} CREATEROLE")
    async with opened(dsn) as database:
        await migrate(database)
        assert await seen_in_no_space(database) == 0
        assert database.application_role == f"sage_app_of_{owner}"
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT count(*) FROM sage.memories") == 1


async def test_an_owner_who_may_not_takes_the_role_that_an_administrator_makes(plain_owner, opened):
    dsn, admin = plain_owner
    owner = urlsplit(dsn).username
    async with opened(dsn) as database:
        await migrate(database)
        assert await seen_in_no_space(database) == 1
        assert database.application_role is None
    await admin.execute(f"CREATE ROLE sage_app_of_{owner}; GRANT sage_app_of_{owner} TO {owner}")
    async with opened(dsn) as database:
        await migrate(database)
        assert await seen_in_no_space(database) == 0


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
async def test_a_role_that_sees_everything_is_not_taken(plain_owner, opened, right):
    dsn, admin = plain_owner
    owner = urlsplit(dsn).username
    await admin.execute(f"CREATE ROLE sage_app_of_{owner} {right}")
    await admin.execute(f"GRANT sage_app_of_{owner} TO {owner}")
    async with opened(dsn) as database:
        await migrate(database)
        async with database.across_spaces():
            assert database.application_role is None
