"""What is saved into a session while it is erased is erased too, and stands in the receipt."""

import asyncio
import json
import os
import sys

import asyncpg
import pytest

from tests.architecture.sources import INSTALLED
from tests.support.backups import ask

HOLD = """
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_query() NOT LIKE '%memory_ids%' THEN
            PERFORM pg_advisory_xact_lock_shared(1);
        END IF;
        RETURN NULL;
    END $$
"""
HOLD_AFTER_THE_MEMORIES = """
    CREATE TRIGGER hold BEFORE DELETE ON sage.saves FOR EACH STATEMENT EXECUTE FUNCTION hold()
"""
ARRIVE = """
    WITH arrived AS (
        INSERT INTO sage.sessions (space_id, session_id) VALUES ('team', 'tea')
        ON CONFLICT (space_id, session_id) DO UPDATE SET created_at = now() RETURNING *
    )
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, content, created_at, lexemes)
    SELECT space_id, gen_random_uuid(), session_id, 'user', 'x', now(), '' FROM arrived
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
HELD = "SELECT count(*) FROM sage.memories WHERE space_id = 'team'"
SESSION = "SELECT FROM sage.sessions WHERE space_id = 'team' AND session_id = 'tea'"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "erase", [("erase", "--session", "tea", "--space", "team"), ("space", "erase", "team")]
)
def test_what_is_saved_while_it_is_erased_is_erased_too(postgres_dsn, tmp_path, erase):
    ask(postgres_dsn, HOLD)
    ask(postgres_dsn, HOLD_AFTER_THE_MEMORIES)
    before = ask(postgres_dsn, HELD)[0][0]
    command = (*erase, "--yes", "--json", "--data-dir", str(tmp_path / "data"))
    receipt = asyncio.run(_erase_and_save(postgres_dsn, command))
    erased = before + 1 - ask(postgres_dsn, HELD)[0][0]
    assert receipt["rows"]["memories"] == len(receipt["memory_id_sha256"]) == erased
    assert ask(postgres_dsn, SESSION) == []


async def _erase_and_save(dsn, command):
    saver = await asyncpg.connect(dsn)
    try:
        await saver.execute("SELECT pg_advisory_lock(1)")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sage", *command),
            env={**os.environ, "PYTHONPATH": str(INSTALLED)},
            stdout=asyncio.subprocess.PIPE,
        )
        while not await saver.fetchval(WAITING):
            assert process.returncode is None
            await asyncio.sleep(0.01)
        await saver.execute(ARRIVE)
    finally:
        await saver.close()
    return json.loads((await process.communicate())[0])
