"""`sage erase` and `sage space erase` leave nothing behind, and say so in a receipt."""

import hashlib
import json
from pathlib import Path

import pytest

from sage.retrieval.message_classes.classification import RULES_VERSION
from tests.support.backups import ask
from tests.support.planning import refusing_plans_for_each_row

pytestmark = pytest.mark.usefixtures("filled")

COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'sage' AND table_type = 'BASE TABLE'
        AND (data_type = 'uuid' OR udt_name = '_uuid')
"""


@pytest.fixture
def naming(postgres_dsn):
    """Count the rows that name any of the given memories, in any column of any table."""

    def count(ids):
        return sum(
            ask(
                postgres_dsn,
                f"SELECT count(*) FROM sage.{table} WHERE {column}"
                + (" = ANY ($1)" if kind == "uuid" else " && $1::uuid[]"),
                ids,
            )[0][0]
            for table, column, kind in ask(postgres_dsn, COLUMNS)
        )

    return count


def test_the_tests_fill_every_table_that_has_a_space(rows):
    assert [table for table, count in rows("team").items() if not count] == []


def test_an_erased_space_leaves_no_row_in_any_table(sage, filled, rows, naming, postgres_dsn):
    before, others = rows("team"), rows("default")
    receipt = sage("space", "erase", "team", "--yes", "--json").answer
    assert set(rows("team").values()) == {0}
    assert naming(filled["team"]) == 0
    assert {table: receipt["rows"][table] for table in before} == before
    assert receipt["rows"]["tokens"] == 1
    assert receipt["removed"] == {"tokens": ["ben"], "users": []}
    assert [one["name"] for one in sage("space", "list", "--json").answer] == ["default"]
    assert [one["name"] for one in sage("token", "list", "--json").answer] == ["laptop"]
    assert rows("default") == others
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.erasures") == [(0,)]


def test_an_erased_session_leaves_no_row_that_names_it(sage, filled, rows, naming):
    others = rows("default")
    receipt = sage("erase", "--session", "tea", "--space", "team", "--yes", "--json").answer
    assert naming(filled["team"][:3]) == 0
    assert receipt["rows"]["memories"] == 3
    assert receipt["rows"]["sessions"] == 1
    left = rows("team")
    assert (left["memories"], left["embeddings"], left["saves"], left["sessions"]) == (3, 3, 3, 1)
    assert rows("default") == others


def test_an_erased_person_is_in_no_space_and_has_no_token(sage, filled, rows, naming):
    receipt = sage("erase", "--author", "anna", "--yes", "--json").answer
    gone = [ids[number] for ids in filled.values() for number in (1, 3, 5)]
    kept = [ids[number] for ids in filled.values() for number in (0, 2, 4)]
    assert naming(gone) == 0
    assert naming(kept) > len(kept)
    assert receipt["rows"]["memories"] == 6
    assert sage("user", "list", "--json").answer == []
    assert [one["name"] for one in sage("token", "list", "--json").answer] == ["ben"]
    assert rows("team")["memories"] == 3
    assert (rows("team")["recalls"], rows("team")["not_useful"]) == (3, 0)


def test_an_author_is_erased_from_one_space_and_stays_in_others(sage, rows):
    assert sage("erase", "--author", "anna", "--space", "team", "--yes", "--json").code == 0
    assert (rows("team")["memories"], rows("default")["memories"]) == (3, 6)
    assert [one["name"] for one in sage("user", "list", "--json").answer] == ["anna"]


def test_what_an_erased_memory_replaced_holds_again(sage):
    assert "Heron number 0" not in sage("search", "heron number 0", "--json").out
    assert sage("erase", "--author", "anna", "--yes", "--json").code == 0
    assert "Heron number 0" in sage("search", "heron number 0", "--json").out


def test_what_an_erased_memory_answered_stays_and_is_asked_again(sage, tmp_path, postgres_dsn):
    said = (("user", "ben", "Which port does pelican use?"), ("assistant", "anna", "It is 9443."))
    lines = [
        {"session_id": "port", "role": role, "author": author, "content": text}
        for role, author, text in said
    ]
    file = tmp_path / "port.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert sage("import", file).code == 0
    asked = "SELECT reply_id IS NOT NULL, rules_version FROM sage.memory_classes WHERE class = 1"
    assert ask(postgres_dsn, asked) == [(True, RULES_VERSION)]
    assert sage("erase", "--author", "anna", "--yes", "--json").code == 0
    assert ask(postgres_dsn, asked) == [(False, 0)]


@pytest.mark.parametrize("erase", [("space", "erase", "team"), ("erase", "--author", "anna")])
def test_the_checks_of_foreign_keys_are_not_planned_for_each_row(sage, postgres_dsn, erase):
    """Each memory deleted has seven of them: planned each time they take twice the deletion."""
    for statement in refusing_plans_for_each_row("DELETE"):
        ask(postgres_dsn, statement)
    assert sage(*erase, "--yes", "--json").code == 0


def test_a_retried_save_is_erased_with_the_memories_that_it_names(sage, postgres_dsn):
    kept = "SELECT count(*) FROM sage.saves WHERE space_id = 'team'"
    before = ask(postgres_dsn, kept)[0][0]
    receipt = sage("erase", "--session", "tea", "--space", "team", "--yes", "--json").answer
    assert receipt["rows"]["saves"] == before - ask(postgres_dsn, kept)[0][0] > 0


def test_the_default_space_is_emptied_and_stays(sage, rows):
    assert sage("space", "erase", "default", "--yes", "--json").code == 0
    assert set(rows("default").values()) == {0}
    assert rows("team")["memories"] == 6
    assert sage("save", "Where?", "By the mill.", "--json").answer["saved"]


def test_the_planner_remembers_no_erased_text(sage, postgres_dsn):
    seen = "SELECT count(*) FROM pg_stats WHERE pg_stats::text LIKE '%of team nests%'"
    ask(postgres_dsn, "ANALYZE sage.memories")
    assert ask(postgres_dsn, seen) != [(0,)]
    assert sage("space", "erase", "team", "--yes", "--json").code == 0
    assert ask(postgres_dsn, seen) == [(0,)]


def test_a_receipt_names_what_was_erased_by_its_digests_alone(sage, filled):
    receipt = sage("space", "erase", "team", "--yes", "--json").answer
    digests = [hashlib.sha256(str(one).encode()).hexdigest() for one in filled["team"]]
    assert receipt["memory_id_sha256"] == sorted(digests)
    written = Path(receipt["receipt"])
    assert written.stat().st_mode & 0o077 == 0
    assert not any(str(one) in written.read_text() for one in filled["team"])


def test_a_receipt_is_verified_and_a_changed_one_refused(sage):
    path = Path(sage("space", "erase", "team", "--yes", "--json").answer["receipt"])
    assert "none of them is in the database" in sage("erase", "--verify", path).out
    told = json.loads(path.read_text())
    told["rows"]["memories"] += 1
    path.write_text(json.dumps(told))
    outcome = sage("erase", "--verify", path)
    assert outcome.code == 2
    assert "its signature does not match" in outcome.err


def test_what_came_back_is_found_by_the_receipt(sage, tmp_path):
    lines = sage("export", "--space", "team").out
    path = sage("space", "erase", "team", "--yes", "--json").answer["receipt"]
    (tmp_path / "again.jsonl").write_text(lines)
    assert sage("import", tmp_path / "again.jsonl").code == 0
    outcome = sage("erase", "--verify", path, "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["returned"] == 6


def test_backups_made_before_are_named_with_what_removes_them(sage, tmp_path):
    made = sage("backup", "--json").answer["file"]
    (tmp_path / "data" / "backups" / "sage-20200101T000000Z.backup").write_text("no backup")
    (tmp_path / "data" / "postgres-17").mkdir()
    outcome = sage("space", "erase", "team", "--yes")
    assert outcome.code == 0, outcome.err
    assert f"rm -r -- {made}" in outcome.out
    assert f"rm -r -- {tmp_path / 'data' / 'postgres-17'}" in outcome.out
    assert "20200101" not in outcome.out
    (path,) = (tmp_path / "data" / "receipts").iterdir()
    assert json.loads(path.read_text())["left_in"]["backups"] == [made]


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("erase",), 2, "is required"),
        (("erase", "--author", "anna", "--session", "tea"), 2, "is required"),
        (("erase", "--author", "nobody", "--yes"), 1, "nothing found for the author 'nobody'"),
        (("erase", "--session", "nothing", "--yes"), 1, "nothing found for the session"),
        (("erase", "--author", "anna", "--space", "taem"), 1, "use one of default, team"),
        (("space", "erase", "taem", "--yes"), 1, "use one of default, team"),
        (("space", "erase", "team"), 2, "6 memories in 2 sessions"),
        (("erase", "--verify", "nothing.json"), 2, "cannot be read"),
    ],
)
def test_what_cannot_be_erased_is_told_and_nothing_is(sage, rows, argv, code, told):
    outcome = sage(*argv)
    assert (outcome.code, outcome.out) == (code, "")
    assert told in outcome.err
    assert "fix:" in outcome.err
    assert rows("team")["memories"] == 6
