from __future__ import annotations

import re
from uuid import uuid4

import asyncpg
import pytest

from sage.store.named_sql import QUERIES
from tests.store.populated import rows_fetched
from tests.support.saving import NOON, message, save

KEYS = """
SELECT keys.kind, keys.owner, keys.name, keys.columns
FROM (
    SELECT 'unique' AS kind, indrelid::regclass::text AS owner, indexrelid::regclass::text AS name,
        ARRAY(SELECT attname FROM unnest(indkey::int2[]) WITH ORDINALITY AS key (number, place)
            JOIN pg_attribute ON attrelid = indrelid AND attnum = number ORDER BY place) AS columns
    FROM pg_index WHERE indisunique
    UNION ALL
    SELECT 'foreign', conrelid::regclass::text, conname,
        ARRAY(SELECT attname FROM unnest(conkey) WITH ORDINALITY AS key (number, place)
            JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place)
    FROM pg_constraint
    WHERE contype = 'f' AND EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = confrelid AND attname = 'space_id')
) AS keys
JOIN pg_attribute ON attrelid = keys.owner::regclass AND attname = 'space_id'
WHERE NOT keys.owner LIKE 'pg\\_%'
"""


async def test_every_key_of_a_table_of_a_space_starts_with_the_space(database):
    async with database.across_spaces() as conn:
        keys = await conn.fetch(KEYS)
    tables = (
        *("memories", "sessions", "replacements", "token_spaces", "memory_classes"),
        *("embeddings", "unlinked_embeddings", "embedding_queue", "saves"),
        *("project_names", "project_identities", "session_days", "indexed_spaces"),
        *("recalls", "recalled_memories", "not_useful"),
    )
    assert {f"sage.{table}" for table in tables} == {key["owner"] for key in keys}
    assert {key["kind"] for key in keys} == {"unique", "foreign"}
    assert [key for key in keys if key["columns"][0] != "space_id"] == []


UNDISTRIBUTABLE = """
WITH of_spaces AS (
    SELECT pg_class.oid, relname FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'space_id' AND NOT attisdropped
    WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r' AND relname <> 'token_spaces'
)
SELECT 'identity of ' || relname FROM of_spaces
JOIN pg_attribute ON attrelid = of_spaces.oid AND attidentity <> ''
UNION ALL
SELECT 'trigger of ' || relname FROM of_spaces
JOIN pg_trigger ON tgrelid = of_spaces.oid AND NOT tgisinternal
UNION ALL
SELECT 'sub-select in a policy of ' || relname FROM of_spaces
JOIN pg_policy ON polrelid = of_spaces.oid
WHERE pg_get_expr(polqual, polrelid) LIKE '%SELECT%'
"""


async def test_tables_of_a_space_have_nothing_that_keeps_them_on_one_node(database):
    async with database.across_spaces() as conn:
        assert await conn.fetch(UNDISTRIBUTABLE) == []
        await conn.execute(
            "ALTER TABLE sage.saves ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY;"
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER t BEFORE INSERT ON sage.saves FOR EACH ROW EXECUTE FUNCTION f();"
            "CREATE POLICY p ON sage.saves USING (space_id = (SELECT 'x'))"
        )
        assert len(await conn.fetch(UNDISTRIBUTABLE)) == 3


async def test_every_foreign_key_finds_an_index_where_its_rows_are_deleted(database):
    async with database.across_spaces() as conn:
        bare = await conn.fetch(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'c'"
            " AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid"
            " AND (indkey::int2[])[0:cardinality(conkey) - 1] = conkey)"
        )
    assert bare == []


OF_PROJECT = ["default", "pelican", [], 300, [6, 8], 3_000]
INDEXES = {
    "read_memory": (["default", uuid4()], "memories_pkey"),
    "read_session": (["default", "s7"], "memories_by_session"),
    "read_neighbours": (
        ["default", [uuid4()], 4, 1000, *[None] * 7, False, [4]],
        "memories_by_session",
    ),
    "find_save": (["default", "key"], "saves_pkey"),
    "lease_due": ([16, 60.0, ""], "embedding_queue_turns"),
    "complete_items": ([["default"], [uuid4()], [NOON]], "embedding_queue_pkey"),
    "count_memories": ([], "Index Only Scan using memories_by_time"),
    "count_or_estimate_memories": ([1e6], "Index Only Scan using memories_by_time"),
    "forget_memories": (["default", [uuid4()], "s7", None], "memories_by_session"),
    "undo_import": ([uuid4(), 2000, "default", False, None], "memories_of_imports"),
    "list_forgotten": (
        ["default", NOON, None, 51, 30, 200, NOON, NOON, None, None, 1000],
        "memories_forgotten",
    ),
    "restore_memories": (["default", [uuid4()], "s7", 30], "memories_by_session"),
    "read_session_parts": (
        [["default"], ["s7"], [NOON], [1], [NOON], [9], 16],
        "memories_by_session",
    ),
    "page_of_unclassed": (["default", NOON, 1, 1, 100], "memories_by_time"),
    "preferences_of_project": (OF_PROJECT, "memories_preferring"),
    "wishes_of_project": (OF_PROJECT, "memories_wishing"),
    "decisions_of_project": (OF_PROJECT, "memories_deciding"),
    "read_said": (["default", [uuid4()], 8_000], "memories_pkey"),
    "add_stated": (["default", [uuid4()], ["'@wishes':1A"], ["'@wishes'"]], "memories_pkey"),
    "find_due_classes": ([100, None], "memory_classes_by_rules"),
    "count_unclassed": ([1, "default"], "memory_classes_by_rules"),
    "list_unclassed_spaces": ([1], "memory_classes_by_rules"),
    "purge_forgotten": ([30, 100], "memories_forgotten"),
    "purge_saves": ([30, 100], "saves_by_time"),
    "list_recalls": (["default", *[None] * 6, 51], "recalls_pkey"),
    "list_recalls_of_session": (["default", "s7", None, 51], "recalls_by_session"),
    "memories_of_recalls": (["default", [uuid4()], 400], "recalled_memories_pkey"),
    "latest_recall": (["default", uuid4()], "recalled_memories_by_memory"),
    "marks_on": (["default", [uuid4()]], "not_useful_pkey"),
    "purge_recalls": ([90, 100], "recalls_by_time"),
    "record_recalls": (["[]"], "memories_pkey"),
}


async def test_no_query_reads_a_whole_table(crowded):
    plans = {
        name: await crowded.fetch(f"EXPLAIN {QUERIES[name]}", *arguments)
        for name, (arguments, _) in INDEXES.items()
    }
    texts = {name: "\n".join(row[0] for row in plan) for name, plan in plans.items()}
    assert {
        name: text
        for name, text in texts.items()
        if INDEXES[name][1] not in text or re.search("Seq Scan on (?!active_model|spaces)", text)
    } == {}


async def test_spaces_without_marks_are_not_looked_at_for_any(crowded):
    plan = str(await crowded.fetch(f"EXPLAIN {QUERIES['spaces_with_marks']}"))
    assert "not_useful" in plan
    assert "spaces" not in plan


async def test_words_that_nobody_used_are_looked_up_in_their_index_in_a_space_of_any_size(crowded):
    """By other indexes whole spaces are read, in the hope of coming upon a word early."""
    words = ["heron", "mill"]
    asked = {
        "search_words": ("default", words, words, 3, False),
        "search_keys": ("default", words, words, 1_000, False),
    }
    fetched = {}
    async with crowded.transaction():
        await crowded.execute("SET LOCAL sage.space = 'default'")
        for rows in (1e6, 1e7):
            await crowded.execute(
                "UPDATE pg_class SET reltuples = $1 WHERE relname LIKE 'memories%'", rows
            )
            for name, values in asked.items():
                places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
                sql = f"SELECT * FROM sage.{name}({places})"
                fetched[name, rows] = await rows_fetched(crowded, "memories", sql, *values)
    assert set(fetched.values()) == {0}, fetched


@pytest.mark.parametrize("name", ["forget_memories", "restore_memories", "undo_import"])
async def test_memories_are_locked_in_the_order_of_their_ids(crowded, name):
    """Keep two calls from waiting for each other, whatever plan finds the rows."""
    plan = await crowded.fetch(f"EXPLAIN {QUERIES[name]}", *INDEXES[name][0])
    steps = [row[0].strip(" ->") for row in plan]
    locking = next(place for place, step in enumerate(steps) if step.startswith("LockRows"))
    order = next(step for step in steps[locking:] if step.startswith("Sort Key"))
    assert re.fullmatch(r"Sort Key: (memories\S*\.space_id, )?memories\S*\.memory_id", order)


async def test_foreign_keys_of_vectors_lock_memories_in_the_order_of_their_ids(crowded):
    rows = [["default"] * 2, [uuid4(), uuid4()], [0, 0], [0, 0], [1, 1], None]
    plan = await crowded.fetch(f"EXPLAIN {QUERIES['store_vectors']}", 1, *rows)
    assert "Sort Key: vector.space_id, vector.memory_id" in str(plan)


@pytest.fixture
async def crowded(postgres_dsn):
    """Give a connection to a database with twenty thousand memories of one space."""
    conn = await asyncpg.connect(postgres_dsn)
    await conn.execute(
        """
        INSERT INTO sage.sessions SELECT 'default', 's' || n FROM generate_series(0, 1999) AS n;
        INSERT INTO sage.memories
            (space_id, memory_id, session_id, role, content, created_at, forgotten_at, lexemes)
        SELECT 'default', gen_random_uuid(), 's' || n % 2000, 'user', repeat('tea ', 100), now(),
            CASE WHEN n % 100 = 0 THEN now() - make_interval(days => n % 60) END, ''
        FROM generate_series(1, 20000) AS n;
        INSERT INTO sage.embedding_queue (space_id, memory_id, due_at)
        SELECT space_id, memory_id, now() + random() * interval '1 day' FROM sage.memories;
        INSERT INTO sage.memory_classes SELECT space_id, memory_id, 0, 1 FROM sage.memories;
        INSERT INTO sage.replacements
        SELECT space_id, memory_id, gen_random_uuid() FROM sage.memories;
        INSERT INTO sage.saves
        SELECT space_id, repeat(memory_id::text, 2), sha256(''), session_id, ARRAY[memory_id],
            now() - random() * interval '31 days' FROM sage.memories;
        INSERT INTO sage.embedding_models (provider, name, dimensions) VALUES ('test', 'tiny', 2);
        INSERT INTO sage.active_model (model_id) SELECT model_id FROM sage.embedding_models;
        INSERT INTO sage.embeddings
        SELECT space_id, memory_id, model_id, 0, 0, 1, '[1, 2]'
        FROM sage.memories, sage.embedding_models;
        INSERT INTO sage.recalls
        SELECT space_id, memory_id, now() - random() * interval '91 days', 'search', session_id,
            '/srv/tea', NULL, NULL, 'strong', '{1,2,3}' FROM sage.memories;
        INSERT INTO sage.recalled_memories (space_id, recall_id, memory_id, place)
        SELECT space_id, memory_id, memory_id, 0 FROM sage.memories;
        INSERT INTO sage.not_useful (space_id, memory_id, recall_id, occasion, words)
        SELECT space_id, memory_id, memory_id, 'search', '{1,2,3}' FROM sage.memories;
        """
    )
    await conn.execute("VACUUM ANALYZE")
    yield conn
    await conn.close()


async def test_a_message_is_looked_up_by_its_key_even_before_the_planner_knows_the_table(
    database,
):
    """Keep long imports linear: foreign keys are checked by such a look-up."""
    async with database.across_spaces() as conn:
        plan = await conn.fetch(
            "EXPLAIN SELECT 1 FROM sage.memories WHERE space_id = 'default' AND memory_id = $1"
            " FOR KEY SHARE",
            uuid4(),
        )
    assert "memories_pkey" in str(plan)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("memories", "role", "'robot'"),
        ("memories", "content", "''"),
        ("memories", "created_at", "'infinity'"),
        ("memories", "metadata", "'[]'"),
        ("memories", "session_id", "'unknown'"),
        ("saves", "memory_ids", "'{}'"),
        ("embedding_queue", "attempts", "-1"),
    ],
)
async def test_the_schema_itself_refuses_what_makes_no_sense(
    postgres_dsn, database, table, column, value
):
    await save(database, [message(created_at=NOON)])
    conn = await asyncpg.connect(postgres_dsn)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await conn.execute(f"UPDATE sage.{table} SET {column} = {value}")
    await conn.close()
