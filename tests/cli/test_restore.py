"""`sage restore`: the file of a backup becomes a database again, or nothing changes."""

import json
import zipfile
from urllib.parse import urlsplit

import pytest

from sage.store.migrate import newest_version
from tests.support.backups import EVERYTHING, ask, fill_spaces, rewrite
from tests.support.earlier_schema import create_earlier_schema
from tests.support.password_postgres import ROLE
from tests.support.serving import serving, settings_for

NEWEST = newest_version()


def test_what_is_restored_elsewhere_is_the_same_in_everything(on, made, filled, empty_postgres_dsn):
    outcome = on(empty_postgres_dsn, "restore", made, "--json")
    assert outcome.code == 0, outcome.err
    told = json.loads(outcome.out)
    assert (told["memories"], told["searches_compared"]) == (350, 20)
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)
    assert f"{NEWEST:04d}" in on(empty_postgres_dsn, "migrate", "status").out
    words = ask(filled, "SELECT split_part(content, ' ', 3) FROM sage.memories LIMIT 5")
    for (word,) in words:
        query = ("search", word, "--json")
        assert on(empty_postgres_dsn, *query).out == on(filled, *query).out


def test_the_backup_before_an_upgrade_is_restored_by_the_release_before_it(
    on, filled, empty_postgres_dsn, tmp_path, monkeypatch
):
    file = tmp_path / "before-upgrade.backup"
    with monkeypatch.context() as newer:
        newer.setattr("sage.operations.backup.contents.newest_version", lambda: NEWEST + 1)
        assert on(filled, "backup", file).code == 0
    outcome = on(empty_postgres_dsn, "restore", file)
    assert outcome.code == 0, outcome.err
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)


def test_a_restored_database_goes_on_where_the_other_one_stopped(on, made, empty_postgres_dsn):
    assert on(empty_postgres_dsn, "restore", made).code == 0
    assert on(empty_postgres_dsn, "save", "Which tea?", "Oolong.").code == 0
    newest = "SELECT role FROM sage.memories ORDER BY arrival DESC LIMIT 2"
    assert ask(empty_postgres_dsn, newest) == [("assistant",), ("user",)]


def test_an_owner_who_is_no_superuser_restores_and_backs_up(
    on, made, filled, plain_owner, tmp_path
):
    dsn, _ = plain_owner
    again = tmp_path / "again.backup"
    for steps in ((("restore", made),), (("backup", again), ("restore", again, "--replace"))):
        for step in steps:
            outcome = on(dsn, *step)
            assert outcome.code == 0, outcome.err
        assert ask(dsn, EVERYTHING) == ask(filled, EVERYTHING)


def test_requests_log_in_as_the_role_in_the_cluster_it_is_restored_into(on, made, password_server):
    url = password_server.url()
    for step in (("restore", made), ("restore", made, "--replace"), ("search", "tea")):
        outcome = on(url, *step)
        assert outcome.code == 0, outcome.err
    checks = json.loads(on(url, "doctor", "--json").out)["checks"]
    assert {"ok"} == {one["status"] for one in checks if one["name"] == "spaces"}
    assert password_server.ask(f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{ROLE}'") == "t"


def test_data_is_replaced_only_when_that_is_asked_for(here, on, made, filled):
    before = ask(filled, EVERYTHING)
    assert on(filled, "save", "Which tea?", "Oolong.", "--session", "new").code == 0
    changed = ask(filled, EVERYTHING)
    outcome = here("restore", made)
    assert outcome.code == 1
    assert "already contains data of Sage: 349 memories" in outcome.err
    assert ask(filled, EVERYTHING) == changed
    outcome = here("restore", made, "--replace")
    assert outcome.code == 0, outcome.err
    assert ask(filled, EVERYTHING) == before


def test_a_database_in_use_is_not_replaced(here, made, filled, tmp_path):
    with serving(settings_for(filled, tmp_path / "data")):
        outcome = here("restore", made, "--replace")
    assert outcome.code == 1
    assert "a running Sage uses the database" in outcome.err


def test_it_asks_on_a_terminal_before_it_replaces(here, made, typing):
    typing("n\n")
    outcome = here("restore", made, "--replace")
    assert outcome.code == 1
    assert "nothing was changed" in outcome.err


def test_a_backup_is_restored_beside_the_database_by_name_and_by_url(
    here, made, filled, postgres_server, empty_postgres_dsn
):
    name = urlsplit(filled).path[1:] + "_beside"
    try:
        outcome = here("restore", made, "--into", name)
        assert outcome.code == 0, outcome.err
        beside = urlsplit(filled)._replace(path=f"/{name}").geturl()
        assert ask(beside, EVERYTHING) == ask(filled, EVERYTHING)
        assert "already contains data of Sage" in here("restore", made, "--into", name).err
    finally:
        ask(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    assert here("restore", made, "--into", empty_postgres_dsn).code == 0
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)
    assert here("restore", made, "--into", "mysql://x/y").code == 2


def test_a_url_with_a_password_comes_from_a_file_or_the_environment_and_is_never_shown(
    here, made, filled, empty_postgres_dsn, monkeypatch
):
    kept = made.with_name("url")
    kept.write_text(empty_postgres_dsn.replace("postgres@", "postgres:hidden-word@"))
    monkeypatch.setenv("SAGE_RESTORE_INTO_FILE", str(kept))
    said = [here("restore", made, "--log-level", "DEBUG"), here("restore", made)]
    assert [one.code for one in said] == [0, 1], said[0].err
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)
    kept.write_text("postgres:/postgres:hidden-word@h/x")  # no URL, and no name of a database
    said.append(here("restore", made, "--log-level", "DEBUG"))
    assert said[-1].code == 78
    monkeypatch.delenv("SAGE_RESTORE_INTO_FILE")
    said.append(here("restore", made, "--into", "postgres:/postgres:hidden-word@h/x"))
    assert said[-1].code == 2
    assert not any("hidden-word" in one.out + one.err for one in said)
    monkeypatch.setenv("SAGE_RESTORE_INTO", empty_postgres_dsn)
    assert here("restore", made, "--check").code == 0
    assert "already contains data of Sage" in here("restore", made).err


def test_other_schemas_of_a_shared_database_stay_as_they_are(here, made, filled):
    ask(filled, "CREATE TABLE public.birds AS SELECT 'heron' AS name")
    ask(filled, "CREATE TABLE public.points AS SELECT '[1,2]'::vector AS point")
    assert here("restore", made, "--replace").code == 0
    assert ask(filled, "SELECT name, point::text FROM public.birds, public.points") == [
        ("heron", "[1,2]")
    ]


def test_a_file_that_was_cut_off_is_refused(on, made, empty_postgres_dsn):
    whole = made.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        made.write_bytes(whole[:size])
        outcome = on(empty_postgres_dsn, "restore", made)
        assert outcome.code == 1
        assert "is not a Sage backup, or is incomplete" in outcome.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]


def test_a_file_with_a_wrong_bit_in_its_dump_or_manifest_is_refused(sage, made):
    whole = made.read_bytes()
    with zipfile.ZipFile(made) as parts:
        dump, manifest = parts.infolist()
    ends = {len(whole) // 2, dump.compress_size, manifest.header_offset + 100}
    for place in ends:
        changed = bytearray(whole)
        changed[place] ^= 16
        made.write_bytes(changed)
        outcome = sage("restore", made, "--check")
        assert outcome.code == 1, place
        assert "is damaged" in outcome.err, place
    made.write_bytes(whole)
    assert sage("restore", made, "--check").out.startswith("valid: 350 memories, backed up 2")
    assert json.loads(sage("restore", made, "--check", "--json").out)["memories"] == 350


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"format": 2}, "it has format 2, this release supports 1"),
        ({"origin": {"schema_version": 9999}}, "its schema has version 9999"),
        ({"format": 2, "origin": "a list of databases"}, "it has format 2"),
    ],
)
def test_a_file_of_a_newer_release_is_refused(on, made, empty_postgres_dsn, change, detail):
    rewrite(made, change)
    outcome = on(empty_postgres_dsn, "restore", made)
    assert outcome.code == 1
    assert "made by a newer release of Sage" in outcome.err
    assert detail in outcome.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"contents": None}, "its manifest is not valid: contents: Input should be"),
        ({"format": "x"}, "its manifest is not valid: format: Input should be"),
    ],
)
def test_a_manifest_that_is_not_valid_is_damaged_and_of_no_newer_release(
    on, made, empty_postgres_dsn, change, detail
):
    rewrite(made, change)
    outcome = on(empty_postgres_dsn, "restore", made)
    assert outcome.code == 1
    assert "the backup is damaged, or was not made by Sage" in outcome.err
    assert detail in outcome.err
    assert "newer" not in outcome.err


def test_a_manifest_that_does_not_fit_the_dump_is_refused(here, made, filled):
    rewrite(made, {"parts": [{"name": "database.dump", "size_bytes": 1, "sha256": "0"}]})
    assert "database.dump does not match manifest.json" in here("restore", made, "--replace").err
    assert len(ask(filled, EVERYTHING)) == 350


def test_rows_that_differ_after_the_restore_are_not_kept(here, made, filled):
    before = ask(filled, EVERYTHING)
    with zipfile.ZipFile(made) as parts:
        contents = json.loads(parts.read("manifest.json"))["contents"]
    (memories,) = (table for table in contents["tables"] if table["name"] == "memories")
    memories["checksum"] = "1"
    rewrite(made, {"contents": contents})
    outcome = here("restore", made, "--replace")
    assert outcome.code == 1
    assert "differ from those that were backed up: memories" in outcome.err
    assert ask(filled, EVERYTHING) == before


def test_searches_that_differ_after_the_restore_are_told(here, made, filled):
    before = ask(filled, EVERYTHING)
    with zipfile.ZipFile(made) as parts:
        contents = json.loads(parts.read("manifest.json"))["contents"]
    contents["answers"][3]["by_meaning"].reverse()
    rewrite(made, {"contents": contents})
    outcome = here("restore", made, "--replace")
    assert outcome.code == 1
    assert "do not find what they found before" in outcome.err
    assert "1 of 20 searches differ" in outcome.err
    assert ask(filled, EVERYTHING) == before


def test_the_backup_of_an_earlier_schema_is_restored_and_brought_up_to_date(
    on, empty_postgres_dsn, tmp_path
):
    """The oldest one that this release knows is a file (test_restore_foreign)."""
    create_earlier_schema(empty_postgres_dsn, 27)
    fill_spaces(empty_postgres_dsn)
    before = ask(empty_postgres_dsn, EVERYTHING)
    file = tmp_path / "earlier.backup"
    assert on(empty_postgres_dsn, "backup", file).code == 0
    outcome = on(empty_postgres_dsn, "restore", file, "--replace", "--json")
    assert outcome.code == 0, outcome.err
    told = json.loads(outcome.out)
    assert (told["migrated"], told["searches_compared"]) == ([*range(33, NEWEST + 1)], 0)
    assert ask(empty_postgres_dsn, EVERYTHING) == before


def test_a_backup_of_a_schema_that_is_too_old_is_told_which_commit_to_pass_through(
    on, made, empty_postgres_dsn
):
    rewrite(made, {"origin": {"schema_version": 21}})
    outcome = on(empty_postgres_dsn, "restore", made)
    assert outcome.code == 1
    assert "the backup was created by a version of Sage that is no longer supported" in outcome.err
    assert "commit a93373a0" in outcome.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]
