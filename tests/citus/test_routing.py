"""What is of one space goes to one node: read from the plan of each query."""

from __future__ import annotations

import re

import asyncpg
import pytest

from sage.store.named_sql import DISTRIBUTED, QUERIES

pytestmark = pytest.mark.timeout(600)

OVER_SHARDS = {
    "has_vectors": "of all spaces, ends at the first",
    **dict.fromkeys(
        (
            *("complete_embedded", "enqueue_unembedded", "count_embedded", "page_of_texts"),
            "delete_vectors",
        ),
        "moves all spaces to another model",
    ),
    **dict.fromkeys(
        (
            *("count_memories", "count_or_estimate_memories", "oldest_age", "count_returned"),
            *("spaces_with_marks", "list_imports", "find_canary"),
        ),
        "counts or looks over all spaces",
    ),
    **dict.fromkeys(
        ("export_page", "find_arrived", "find_ids"), "takes memories of several spaces"
    ),
    **dict.fromkeys(
        ("record_identities", "mark_not_useful", "record_unlinked_vectors"),
        "of one space, in several steps: INSERT in a CTE",
    ),
    **dict.fromkeys(("delete_stray_unlinked", "newest_arrival"), "sage move"),
}
NOT_ON_CITUS = re.compile(r"tables_before_|sampled_answers|.*moving|create_schema_migrations")
OF_JSON = re.compile(r"record_(events|erased|recalls)")
ID = "00000000-0000-4000-8000-000000000001"
VALUES = {
    "text": "'default'",
    "uuid": f"'{ID}'",
    "text[]": "ARRAY['default']",
    "uuid[]": f"ARRAY['{ID}']::uuid[]",
    "integer": "3",
    "bigint": "3",
    "smallint": "1",
    "boolean": "true",
    "double precision": "0.5",
    "real": "0.5",
    "timestamp with time zone": "now()",
    "timestamp with time zone[]": "ARRAY[now(), now()]",
    "jsonb": """'{"project": "p"}'""",
    "jsonb[]": "ARRAY['{}'::jsonb]",
    "bytea": r"'\x00'",
    "bytea[]": r"ARRAY['\x00'::bytea]",
    "smallint[]": "ARRAY[1]::smallint[]",
    "bigint[]": "ARRAY[1]::bigint[]",
    "halfvec": "array_fill(0.5::real, ARRAY[64])::halfvec",
    "sage.half_vector[]": "ARRAY[array_fill(0.5::real, ARRAY[64])::halfvec::sage.half_vector]",
}


async def test_each_query_of_one_space_goes_to_one_node(citus, distributed, measured):
    conn = await asyncpg.connect(citus.dsn(distributed), statement_cache_size=0)
    await conn.execute("SET plan_cache_mode = force_custom_plan")
    plans = {}
    for name, sql in QUERIES.items():
        if "sage." in sql and not NOT_ON_CITUS.match(name):
            values = {**VALUES, "text": "'[]'"} if OF_JSON.match(name) else VALUES
            plans[name] = await _plan(conn, DISTRIBUTED.get(sql, sql), values)
    await conn.close()
    planned = {name: plan for name, plan in plans.items() if "Citus" in plan}
    over = {name for name, plan in planned.items() if not _is_routed(plan)}
    measured(f"{len(plans)} queries, {len(planned) - len(over)} to one node, {len(over)} to all")
    assert over == set(OVER_SHARDS)


async def _plan(conn, sql, values):
    transaction = conn.transaction()
    await transaction.start()
    await conn.execute("SET LOCAL sage.space = 'default'")
    await conn.execute(f"PREPARE one AS {sql}")
    types = await conn.fetchval("SELECT parameter_types::text[] FROM pg_prepared_statements")
    given = ", ".join(values.get(kind.strip('"'), "NULL") for kind in types)
    plan = await conn.fetch(f"EXPLAIN (COSTS OFF) EXECUTE one{f'({given})' if given else ''}")
    await transaction.rollback()
    await conn.execute("DEALLOCATE ALL")
    return "\n".join(row[0] for row in plan)


def _is_routed(plan):
    return set(re.findall(r"Task Count: (\d+)", plan)) == {"1"} and "Subplan" not in plan
