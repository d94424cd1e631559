"""First starts at the same time (F19), killed on their way, or after a newer release (F20)."""

import pytest

from tests.support.faults.sage_process import Sage
from tests.support.faults.starts import (
    failures_without_a_lock,
    kill_first_starts,
    start_at_once,
)
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.postgres import ask

STARTERS = 8
KILLS = 4
MAX_ROUNDS = 20
NEWER = "INSERT INTO sage.schema_migrations VALUES (9999, 'later', 'x')"

pytestmark = pytest.mark.timeout(300)


def test_eight_first_starts_at_once_are_all_ready(empty_postgres_dsn, workspace):
    started = start_at_once(empty_postgres_dsn, workspace, NO_PROVIDER, STARTERS)
    assert (started.ready, started.applied_twice) == (STARTERS, 0)


def test_without_the_lock_first_starts_at_once_would_fail(postgres_server):
    for _ in range(MAX_ROUNDS):
        with new_database(postgres_server, "template1") as dsn:
            if failures_without_a_lock(dsn, STARTERS):
                return
    pytest.fail("nothing failed: the lock is not needed, or this control is broken")


def test_a_first_start_that_was_killed_is_done_again(empty_postgres_dsn, workspace):
    assert kill_first_starts(empty_postgres_dsn, workspace / "sage", NO_PROVIDER, KILLS) == 0


def test_a_newer_schema_is_told_and_changed_by_nobody(postgres_dsn, workspace):
    ask(postgres_dsn, NEWER)
    sage = Sage(workspace, {**NO_PROVIDER, "DATABASE_URL": postgres_dsn})
    try:
        sage.launch()
        wait_for(sage.is_live)
        wait_for(lambda: "schema too new" in sage.reason())
        assert sage.status() == 503
        assert ask(postgres_dsn, "SELECT max(version) FROM sage.schema_migrations") == "9999"
        ask(postgres_dsn, "DELETE FROM sage.schema_migrations WHERE version = 9999")
        wait_for(sage.is_ready)
    finally:
        sage.kill()
