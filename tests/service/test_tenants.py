"""Two spaces of one database, any calls in any order: none sees, counts or changes the other's.

SAGE_TEST_TENANT_OPERATIONS says how many operations are tried: few by default, 10,000 by
`ci/tenants`.
"""

import os

import pytest

from sage.errors import StoreError
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.operations import try_operations
from tests.support.tenants import TwoTenants, World, limit_s

OPERATIONS = int(os.environ.get("SAGE_TEST_TENANT_OPERATIONS", "300"))
ENOUGH = 3_000
"""Operations among which one finds a hole: most examples leave some kinds of operations out."""
HOLES = {
    "no policy": "DROP POLICY of_visible_spaces ON sage.{}",
    "no row security": "ALTER TABLE sage.{} DISABLE ROW LEVEL SECURITY",
    "a policy for all": "CREATE POLICY hole ON sage.{} USING (true)",
}


@pytest.fixture
def world(postgres_dsn, tmp_path, monkeypatch):
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    with World(postgres_dsn, tmp_path) as opened:
        yield opened


@pytest.mark.timeout(limit_s(OPERATIONS))
def test_nothing_of_another_space_is_seen_counted_or_changed(world):
    try_operations(TwoTenants, world, OPERATIONS)
    assert world.operations >= OPERATIONS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("table", ["memories", "sessions", "saves"])
@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_in_one_policy_is_found(world, table, hole):
    world.do(world.execute(HOLES[hole].format(table)))
    with pytest.raises((AssertionError, StoreError)):
        try_operations(TwoTenants, world, ENOUGH)
    assert world.operations < ENOUGH
