"""A very large space gets a shard of its own, and shards move, while clients save and search."""

import asyncio
import time

import pytest

from tests.citus.clients import calling
from tests.store.corpus import fill
from tests.store.populated import MODEL
from tests.support.polling import wait_for

CLIENTS, SPACES = 8, 40
MOVED = 4
BOUND = "SET statement_timeout = '600s'"  # rather than wait for ever for what does not come

pytestmark = pytest.mark.timeout(3600)

SHARDS_OF_A_WORKER = """
SELECT shardid FROM citus_shards
WHERE table_name = 'sage.memories'::regclass AND nodeport = {} ORDER BY shardid LIMIT {}
"""
SPACES_BESIDE = """
SELECT count(*) FROM sage.memories WHERE space_id <> '{large}'
    AND get_shard_id_for_distribution_column('sage.memories', space_id)
        = get_shard_id_for_distribution_column('sage.memories', '{large}')
"""
# Onto another node: on the same one, Citus creates primary keys after it began to read changes, and
# waits for ever if a row was changed in between (https://github.com/citusdata/citus/issues/6790).
ISOLATE = """
SELECT citus_split_shard_by_split_points(
    get_shard_id_for_distribution_column('sage.memories', '{0}'),
    ARRAY[(worker_hash('{0}'::text) - 1)::text, worker_hash('{0}'::text)::text],
    ARRAY[nodeid, nodeid, nodeid], 'force_logical'
)
FROM pg_dist_node WHERE nodeport = {1}
"""
MOVE = "SELECT citus_move_shard_placement({}, '127.0.0.1', {}, '127.0.0.1', {}, 'force_logical')"


def test_nothing_is_lost_while_shards_are_split_and_moved(spaces, url, size, measured):
    names = spaces.create(SPACES, "moved")
    large = spaces.id_of(names[0])
    rows = size(2_000, 50_000)
    asyncio.run(fill(spaces.dsn, MODEL, {large: rows}))
    one, other = (worker.port for worker in spaces.citus.workers)
    opened = {spaces.token(names): [*names, *[names[0]] * 10] for _ in range(CLIENTS)}
    with calling(url, opened) as account:
        wait_for(lambda: len(account.calls) > 10 * CLIENTS)
        there, elsewhere = (one, other) if spaces.ports()[names[0]] == one else (other, one)
        began = time.monotonic()
        spaces.run(BOUND, ISOLATE.format(large, elsewhere))
        isolated = time.monotonic()
        for shard in spaces.ask(SHARDS_OF_A_WORKER.format(there, MOVED)).split():
            spaces.run(BOUND, MOVE.format(shard, there, elsewhere))
        apart = time.monotonic()
        spaces.run(
            BOUND,
            "SELECT citus_rebalance_start(shard_transfer_mode := 'force_logical')",
            "SELECT citus_rebalance_wait()",
        )
        balanced = time.monotonic()
        wait_for(lambda: len(account.between(balanced, time.monotonic())) > 10 * CLIENTS)
    measured(
        f"{rows} rows: isolated in {isolated - began:.1f} s,"
        f" {MOVED} shards moved in {apart - isolated:.1f} s, balanced in {balanced - apart:.1f} s;"
        f" {len(account.calls)} calls, {len(account.acknowledged)} acknowledged,"
        f" slowest {max(call.seconds for call in account.calls):.1f} s"
    )
    assert spaces.missing(account.acknowledged) == []
    assert [one for one in account.failures if not one.startswith("search 503")] == []
    assert spaces.ask(SPACES_BESIDE.format(large=large)) == "0"
    counted = spaces.ask(f"SELECT count(*) FROM sage.memories WHERE space_id = '{large}'")
    saved = sum(len(c.memory_ids) for c in account.calls if c.space == names[0])
    assert int(counted) == rows + saved
