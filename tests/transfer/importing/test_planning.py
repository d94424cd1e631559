"""PostgreSQL plans the checks of foreign keys once for a batch of an import, not for each row."""

from tests.support.planning import refusing_plans_for_each_row
from tests.support.postgres import ask
from tests.transfer.importing import sample_notes


def test_an_import_plans_its_checks_once(sage, tmp_path, postgres_dsn):
    for statement in refusing_plans_for_each_row("INSERT"):
        ask(postgres_dsn, statement)
    assert sage("import", sample_notes.mem0(tmp_path), "--json").answer["added"] == 3


def test_an_import_is_undone_with_its_checks_planned_once(sage, tmp_path, postgres_dsn):
    assert sage("import", sample_notes.mem0(tmp_path)).code == 0
    for statement in refusing_plans_for_each_row("DELETE"):
        ask(postgres_dsn, statement)
    assert sage("import", "--undo", "last", "--json").answer["undone"] == 3
