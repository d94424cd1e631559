"""`sage move`: all data goes to another database, or nothing changes."""

import asyncio
import json
import threading
from urllib.parse import urlsplit

import asyncpg

from sage.errors import StoreError
from sage.operations.move import switching
from sage.store import migrate
from tests.support import plain_http
from tests.support.backups import EVERYTHING, ask
from tests.support.databases import migrate_database
from tests.support.pgbouncer import pgbouncer
from tests.support.serving import serving, settings_for

HELD = "SELECT relname FROM pg_class WHERE relnamespace = 'sage'::regnamespace ORDER BY 1"


def test_what_is_moved_is_the_same_in_everything_and_the_old_one_says_where_it_is(
    on, filled, plain_owner
):
    target, _ = plain_owner
    before, held = ask(filled, EVERYTHING), ask(filled, HELD)
    plan = json.loads(on(filled, "move", "--to", target, "--dry-run", "--json").out)
    assert (plan["memories"], plan["resumes"], plan["replaces"]) == (347, False, False)
    assert ask(filled, HELD) == held
    moved = on(filled, "move", "--to", target, "--yes")
    assert moved.code == 0, moved.err
    assert "and the results of 20 searches" in moved.out
    assert "writes were refused for" in moved.out
    assert "set DATABASE_URL to the URL of the new database" in moved.out
    assert ask(target, EVERYTHING) == before
    assert ask(target, HELD) == held
    for verb in (("search", "tea"), ("save", "Which tea?", "Oolong.")):
        refused = on(filled, *verb)
        assert refused.code == 1
        assert f"was moved to the database {urlsplit(target).path[1:]} on 127.0.0.1" in refused.err
        assert on(target, *verb).code == 0
    arrivals = "SELECT count(*), count(DISTINCT arrival) FROM sage.memories"
    assert ask(target, arrivals) == [(352, 352)]
    again = on(filled, "move", "--to", target)
    assert (again.code, "its data was already moved to" in again.err) == (1, True)


def test_a_database_that_cannot_be_connected_to_is_named_with_its_option(on, filled):
    elsewhere = urlsplit(filled)._replace(path="/elsewhere").geturl()
    for option in ("--to", "--from"):
        other = "--from" if option == "--to" else "--to"
        refused = on(filled, "move", option, elsewhere, other, filled, "--dry-run")
        assert refused.code == 1
        assert "database elsewhere on 127.0.0.1" in refused.err
        variable = f"SAGE_MOVE_{option.removeprefix('--').upper()}"
        assert f"here, DATABASE_URL means {option} or {variable}" in refused.err


def test_a_database_whose_data_was_moved_can_be_used_again_and_be_moved_back_to(
    on, filled, empty_postgres_dsn, typing
):
    assert on(filled, "move", "--to", empty_postgres_dsn, "--yes").code == 0
    typing("n\n")
    assert on(filled, "move", "--cancel").code == 1
    assert on(filled, "search", "tea").code == 1
    assert on(empty_postgres_dsn, "save", "Which tea?", "Oolong.").code == 0
    newest = ask(empty_postgres_dsn, EVERYTHING)
    back = ("move", "--to", filled, "--yes")
    assert "already contains data of Sage" in on(empty_postgres_dsn, *back).err
    assert on(empty_postgres_dsn, *back, "--replace").code == 0
    assert ask(filled, EVERYTHING) == newest
    assert on(filled, "save", "Which tea?", "Assam.").code == 0
    assert on(empty_postgres_dsn, "move", "--cancel", "--yes").code == 0
    assert on(empty_postgres_dsn, "search", "tea").code == 0


def test_writes_are_refused_from_the_switch_on_and_searches_go_on(
    on, filled, empty_postgres_dsn, tmp_path
):
    save = {"user_prompt": "Which tea?", "assistant_response": "Oolong."}
    with serving(settings_for(filled, tmp_path / "serving")) as url:

        def post(path, **body):
            return plain_http.post(f"{url}/api/v1/{path}", json=body)

        assert post("conversations", **save).status_code == 200
        moved = on(filled, "move", "--to", empty_postgres_dsn, "--yes")
        assert moved.code == 0, moved.err
        refused = post("conversations", **save | {"session_id": "later"})
        assert refused.status_code == 503
        assert "moved to another one" in refused.json()["detail"]
        assert "DATABASE_URL" in refused.json()["hint"]
        found = post("search", query="tea")
        assert (found.status_code, bool(found.json()["results"])) == (200, True)
        unready, health = (plain_http.get(f"{url}/health{of}") for of in ("/readiness", ""))
        assert (unready.status_code, unready.json()["state"]) == (503, "failed")
        assert "moved to another one" in unready.json()["reason"]
        assert "DATABASE_URL" in unready.json()["hint"]
        assert (health.status_code, health.json()["database"]) == (503, "unhealthy")
        assert on(filled, "move", "--cancel", "--yes").code == 0
        assert plain_http.get(f"{url}/health/readiness").status_code == 200
    assert ask(empty_postgres_dsn, "SELECT count(*) FROM sage.memories") == [(352,)]


def test_nobody_is_moved_who_says_no_and_the_next_run_goes_on(
    on, filled, empty_postgres_dsn, typing
):
    typing("n\n")
    ask(filled, "INSERT INTO sage.spaces (id, name) VALUES ('1', 'one'), ('2', 'two')")
    outcome = on(filled, "move", "--to", empty_postgres_dsn)
    assert outcome.code == 1
    assert "run the same command again" in outcome.err
    assert "sage move` is filling this database" in on(empty_postgres_dsn, "search", "tea").err
    for step in (("save", "Which tea?", "Oolong."), ("backup", "made.backup")):
        done = on(filled, *step)
        assert done.code == 0, done.err
    oldest = "SELECT memory_id FROM sage.memories ORDER BY arrival LIMIT 5"
    ask(filled, f"DELETE FROM sage.memories WHERE memory_id IN ({oldest})")
    for space, name in (("1", "none"), ("2", "one"), ("1", "two")):  # names that change hands
        ask(filled, "UPDATE sage.spaces SET name = $2 WHERE id = $1", space, name)
    outcome = on(filled, "move", "--to", empty_postgres_dsn, "--yes")
    assert outcome.code == 0, outcome.err
    assert "an interrupted move continues" in outcome.out
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)
    names = ask(empty_postgres_dsn, "SELECT id, name FROM sage.spaces ORDER BY id")
    assert names == [("1", "two"), ("2", "one"), ("default", "default")]


def test_references_that_a_killed_move_left_unchecked_are_checked_by_the_next_run(
    on, filled, empty_postgres_dsn, monkeypatch
):
    async def killed(*_):
        raise StoreError("killed")

    command = ("move", "--to", empty_postgres_dsn, "--yes")
    unchecked = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
    with monkeypatch.context() as patched:
        patched.setattr(switching, "tidy", killed)
        assert "killed" in on(filled, *command).err
    assert on(empty_postgres_dsn, "search", "tea").code == 0
    assert ask(empty_postgres_dsn, unchecked)
    again = on(filled, *command)
    assert (again.code, "moved to the database" in again.out) == (0, True), again.err
    assert ask(empty_postgres_dsn, unchecked) == []
    assert "its data was already moved to" in on(filled, *command).err


def test_who_reads_the_old_database_for_long_does_not_keep_a_move_from_ending(
    on, filled, empty_postgres_dsn, monkeypatch
):
    monkeypatch.setattr(switching, "_TIDYING_S", 0.0)

    reading, ended = threading.Event(), threading.Event()

    async def read():
        conn = await asyncpg.connect(filled)
        async with conn.transaction():
            await conn.fetch("SELECT FROM sage.memories, sage.sessions")
            reading.set()
            await asyncio.to_thread(ended.wait)
        await conn.close()

    reader = threading.Thread(target=asyncio.run, args=(read(),))
    reader.start()
    try:
        assert reading.wait(30)
        moved = on(filled, "move", "--to", empty_postgres_dsn, "--yes")
    finally:
        ended.set()
        reader.join()
    assert moved.code == 0, moved.err
    assert on(filled, "move", "--cancel", "--yes").code == 0
    assert not any("moving" in name for (name,) in ask(filled, HELD))


def test_a_move_is_refused_before_anything_changes(on, filled, made, empty_postgres_dsn):
    held = ask(filled, HELD)
    for target, words in (
        (filled, "both are the same database"),
        (filled.replace("127.0.0.1", "localhost"), "both are the same database"),
    ):
        assert words in on(filled, "move", "--to", target, "--yes").err
    assert "--to is missing" in on(filled, "move").err
    assert on(filled, "move", "--to", "mysql://x/y").code == 2
    assert on(filled, "move", "--cancel", "--restart").code == 2
    assert on(filled, "restore", made, "--into", empty_postgres_dsn).code == 0
    refused = on(filled, "move", "--to", empty_postgres_dsn, "--yes").err
    assert "already contains data of Sage: 347 memories" in refused
    assert (
        "there are no tables of Sage"
        in on(urlsplit(filled)._replace(path="/postgres").geturl(), "move", "--to", filled).err
    )
    assert ask(filled, HELD) == held


def test_a_database_whose_migrations_were_interrupted_is_empty(
    on, filled, empty_postgres_dsn, monkeypatch
):
    known = migrate.known_migrations()
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "known_migrations", lambda: known[:2])
        asyncio.run(migrate_database(empty_postgres_dsn))
    moved = on(filled, "move", "--to", empty_postgres_dsn, "--yes")
    assert moved.code == 0, moved.err
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)


def test_a_database_in_another_encoding_is_refused(on, filled, postgres_server):
    name = urlsplit(filled).path[1:] + "_latin"
    create = f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    ask(postgres_server, create)
    try:
        target = urlsplit(filled)._replace(path=f"/{name}").geturl()
        outcome = on(filled, "move", "--to", target, "--yes")
        assert "encoding: LATIN1 cannot store every language" in outcome.err
        assert "ENCODING 'UTF8'" in outcome.err
    finally:
        ask(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_move_goes_through_a_pooler_in_transaction_mode(on, filled, empty_postgres_dsn):
    with pgbouncer(filled) as through:
        for end in (filled, empty_postgres_dsn):
            assert on(end, "doctor", "--database").code in {0, 1}
        target = urlsplit(through)._replace(path=urlsplit(empty_postgres_dsn).path).geturl()
        moved = on(through, "move", "--to", target, "--yes")
    assert moved.code == 0, moved.err
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)


def test_writes_that_were_not_recorded_are_noticed(on, filled, empty_postgres_dsn, typing):
    typing("n\n")
    assert on(filled, "move", "--to", empty_postgres_dsn).code == 1
    ask(filled, "DROP TRIGGER record_moving ON sage.memories")
    outcome = on(filled, "move", "--to", empty_postgres_dsn, "--yes")
    assert "the tables of the old database were changed during the move" in outcome.err
    assert on(filled, "save", "Which tea?", "Oolong.").code == 0
    assert on(filled, "move", "--to", empty_postgres_dsn, "--yes", "--restart").code == 0
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)


def test_urls_with_passwords_come_from_the_environment_or_a_file_and_are_never_shown(
    on, filled, empty_postgres_dsn, monkeypatch, tmp_path
):
    def with_password(dsn):
        return dsn.replace("postgres@", "postgres:hidden-word@")

    kept = tmp_path / "url"
    kept.write_text(with_password(empty_postgres_dsn))
    elsewhere = urlsplit(filled)._replace(path="/elsewhere").geturl()
    monkeypatch.setenv("SAGE_MOVE_FROM", with_password(filled))
    monkeypatch.setenv("SAGE_MOVE_TO_FILE", str(kept))
    moved = on(elsewhere, "move", "--yes", "--log-level", "DEBUG")
    assert moved.code == 0, moved.err
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(filled, EVERYTHING)
    said = [moved, on(elsewhere, "move"), on(elsewhere, "move", "--cancel", "--yes")]
    assert [one.code for one in said] == [0, 1, 0]
    for wrong, code in ((with_password(elsewhere), 1), ("mysql://postgres:hidden-word@h/x", 78)):
        kept.write_text(wrong)
        said.append(on(filled, "move", "--yes", "--log-level", "DEBUG"))
        assert said[-1].code == code
    monkeypatch.delenv("SAGE_MOVE_TO_FILE")
    said.append(on(filled, "move", "--to", "mysql://postgres:hidden-word@h/x"))
    assert said[-1].code == 2
    assert not any("hidden-word" in one.out + one.err for one in said)
