from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import asyncpg
import pytest

import sage
from sage.store.named_sql import (
    QUERIES,
    MalformedQueryError,
    load_distributed,
    load_queries,
    query,
)
from tests.support.each import each

PACKAGE = Path(sage.__file__).parent
ASKED = re.compile(r'^(?:_[A-Z_]+ =| {4}"\w+":) query\("(\w+)"\),?$', re.MULTILINE)
OF_ANOTHER_DATABASE = {
    # of the first Sage: tests/transfer/importing
    *("read_original_conversations", "read_original_memories"),
    # with the extension Citus: tests/citus
    *("create_distributed_table", "create_reference_table", "list_citus_nodes"),
    *("ask_citus_nodes", "list_distributable_tables", "list_undistributed_functions"),
    *("group_of_space", "ask_node_of_group", "list_node_groups"),
    *("list_distrusting_nodes", "read_moving_journal_of_spaces", "delete_moving_entries_of_spaces"),
}
"""Reads tables that the databases of these tests do not have."""

GOOD = """
-- name: first
-- Do one thing.
SELECT $1, $2 -- $3 is only mentioned
WHERE $1;

-- name: second
-- Do another thing,
-- and say so on two lines.
SELECT 2
"""


SHARING = """
-- fragment: is_kept
-- Require that a row is not forgotten.
AND forgotten_at IS NULL
AND space_id = $1;

-- name: first
-- Do one thing.
SELECT 1
WHERE true
  -- include: is_kept
  AND $2;

-- name: second
-- Do another thing.
SELECT 2 WHERE true
-- include: is_kept
;
"""

NESTED = """
-- fragment: is_of
-- Require a session.
AND session_id = $n;

-- fragment: is_kept_of
-- Require a session, and that a row is not forgotten.
AND true
  -- include: is_of $n
;

-- name: first
-- Do one thing.
SELECT 1 WHERE true
-- include: is_kept_of $1
;

-- name: second
-- Do another thing.
SELECT $1 WHERE true
-- include: is_of $2
;
"""

RING = """
-- fragment: a
-- Do.
AND 1
-- include: b
;
-- fragment: b
-- Do.
AND 2
-- include: a
;
-- name: one
-- Do.
SELECT 1
-- include: a
;
"""

TAKES = "-- fragment: a\n-- Do.\nAND $n;\n-- name: one\n-- Do.\nSELECT 1\n-- include: a\n;"
TAKES_NONE = "-- fragment: a\n-- Do.\nAND 1;\n-- name: one\n-- Do.\nSELECT 1\n-- include: a $1\n;"


def test_a_file_holds_any_number_of_queries_each_marked_with_its_name():
    assert load_queries([("good.sql", GOOD)]) == {
        "first": "-- first\nSELECT $1, $2 -- $3 is only mentioned\nWHERE $1",
        "second": "-- second\nSELECT 2",
    }


def test_what_queries_share_stands_once_and_is_put_in_its_place_in_each():
    assert load_queries([("sharing.sql", SHARING)]) == {
        "first": "-- first\nSELECT 1\nWHERE true\n  AND forgotten_at IS NULL\n  AND space_id = $1"
        "\n  AND $2",
        "second": "-- second\nSELECT 2 WHERE true\nAND forgotten_at IS NULL\nAND space_id = $1",
    }


def test_a_fragment_takes_its_parameter_from_where_it_is_included_and_hands_it_on():
    assert load_queries([("nested.sql", NESTED)]) == {
        "first": "-- first\nSELECT 1 WHERE true\nAND true\n  AND session_id = $1",
        "second": "-- second\nSELECT $1 WHERE true\nAND session_id = $2",
    }


@each(
    ("text", "fault"),
    [
        ("SELECT 1;", "before the first name"),
        ("-- name: one\nSELECT 1;", "a sentence"),
        ("-- name: one\n-- No full stop\nSELECT 1;", "a sentence"),
        ("-- name: One Two\n-- Do.\nSELECT 1;", "a name is"),
        ("-- name: one\n-- Do.\n", "one statement"),
        ("-- name: one\n-- Do.\nSELECT 1; SELECT 2;", "one statement"),
        ("-- name: one\n-- Do.\nSELECT $1, $3;", "with a gap"),
        ("-- name: one\n-- Do.\nSELECT $2;", "with a gap"),
        ("-- name: one\n-- Do.\nSELECT 1;\n-- name: one\n-- Do.\nSELECT 1;", "has the name"),
        ("-- name: one\n-- Do.\nSELECT 1\n-- include: none\n;", "no fragment none"),
        ("-- fragment: lone\n-- Do.\nAND true;", "no query includes"),
        ("-- distributed: one\n-- Do.\nSELECT 1;", "no query of that name"),
        (
            "-- name: one\n-- Do.\nSELECT $1;\n-- distributed: one\n-- Do.\nSELECT 1;",
            "no query of that name",
        ),
        (RING, "a includes itself"),
        (TAKES, "a takes a parameter"),
        (TAKES_NONE, "a takes no parameter"),
        (
            "-- fragment: two\n-- Do.\nAND $2;\n-- name: one\n-- Do.\nSELECT 1\n-- include: two\n;",
            "with a gap",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(text, fault):
    with pytest.raises(MalformedQueryError, match=rf"^bad\.sql.*{fault}"):
        load_queries([("bad.sql", text)])


def test_a_query_may_have_another_form_for_distributed_databases():
    text = "-- name: a\n-- Do.\nSELECT $1;\n-- distributed: a\n-- Do.\nSELECT f($1);"
    assert load_queries([("a.sql", text)]) == {"a": "-- a\nSELECT $1"}
    assert load_distributed([("a.sql", text)]) == {"-- a\nSELECT $1": "-- a\nSELECT f($1)"}


def test_two_files_may_not_share_a_name():
    with pytest.raises(MalformedQueryError, match=r"b\.sql.*a\.sql: first"):
        load_queries([("a.sql", GOOD), ("b.sql", GOOD)])


def test_a_misspelt_name_fails_where_the_module_asks_for_it():
    with pytest.raises(MalformedQueryError, match="pingg"):
        query("pingg")


def test_every_query_is_used_and_asked_for_while_its_module_is_imported():
    asked = set()
    for module in PACKAGE.rglob("*.py"):
        asked |= set(ASKED.findall(module.read_text()))
    assert asked == set(QUERIES)


async def test_postgres_understands_every_query(postgres_dsn):
    conn = await asyncpg.connect(postgres_dsn)
    try:
        async with conn.transaction():
            await conn.execute(QUERIES["stage_arrivals"])
            for name in ("mark", "source", "target"):  # what a move adds, while it runs
                await conn.execute((PACKAGE / f"store/moving/{name}.sql").read_text())
            for name in QUERIES.keys() - OF_ANOTHER_DATABASE:
                await conn.prepare(QUERIES[name])
    finally:
        await conn.close()


def test_no_two_parts_of_sage_share_the_number_of_an_advisory_lock():
    places = defaultdict(set)
    for file in PACKAGE.rglob("*.sql"):
        for number in re.findall(r"\b7308604898\d{6}\b", file.read_text()):
            places[number].add(file.name)
    assert len(places) > 5
    assert [files for files in places.values() if len(files) > 1] == []
