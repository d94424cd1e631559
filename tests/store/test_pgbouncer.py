"""Sage behind the real PgBouncer in transaction mode: nothing has to be set for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sage.store import memories
from sage.store.migrate import migrate
from sage.store.reembedding import reembedding_lock
from tests.architecture.sources import ROOT
from tests.support.debian import debian_program
from tests.support.pgbouncer import pgbouncer
from tests.support.saving import message, save

SAVERS, SAVES = 16, 10
SETTINGS = (
    "statement_timeout,lock_timeout,idle_in_transaction_session_timeout,plan_cache_mode,jit,"
    "application_name"
)
PART = ["test_vectors.py", "test_forgetting.py"]
behind = pytest.mark.skipif(
    bool(os.environ.get("SAGE_TEST_PGBOUNCER")), reason="PgBouncer: there is one in front already"
)


@behind
@pytest.mark.parametrize("ignored", ["", SETTINGS], ids=["refusing", "ignoring"])
@pytest.mark.parametrize("statements", [0, 200])
async def test_many_callers_share_few_sessions_whatever_pgbouncer_is_set_to(
    empty_postgres_dsn, opened, statements, ignored
):
    settings = {"max_prepared_statements": statements, "ignore_startup_parameters": ignored}
    with pgbouncer(empty_postgres_dsn, default_pool_size=4, **settings) as dsn:
        async with opened(dsn, max_size=SAVERS) as database:
            await asyncio.gather(*(migrate(database) for _ in range(4)))

            async def keep(number):
                for count in range(SAVES):
                    await save(database, [message(f"{number} {count}")], f"s{number}")
                async with database.across_spaces() as conn:
                    return await memories.read_session(conn, "default", f"s{number}")

            sessions = await asyncio.gather(*map(keep, range(SAVERS)))
            async with reembedding_lock(database), database.across_spaces() as conn:
                assert await conn.fetchval("SELECT current_setting('statement_timeout')") == "9s"
    assert [len(session) for session in sessions] == [SAVES] * SAVERS


@behind
@pytest.mark.timeout(400)
def test_the_tests_of_the_store_pass_through_pgbouncer(postgres_server):
    debian_program("pgbouncer")
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *(here / name for name in PART)],
        cwd=ROOT,
        env={**os.environ, "SAGE_TEST_PGBOUNCER": "1", "SAGE_TEST_DSN": postgres_server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-5_000:]
    assert " passed" in run.stdout
