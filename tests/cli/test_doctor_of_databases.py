"""`sage doctor --database`: one line for each thing that a managed database lacks."""

import json
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from sage.store import suitability
from tests.support.backups import ask


@pytest.fixture
def checks(on):
    """Return what was found of a database: status and texts by the names of the checks."""

    def run(dsn):
        told = json.loads(on(dsn, "doctor", "--database", "--json").out)["checks"]
        return {
            one["name"]: (one["status"], f"{one['detail']} {one['hint']}".strip()) for one in told
        }

    return run


def test_a_database_that_has_nothing_yet_is_checked_and_left_as_it_is(
    checks, on, empty_postgres_dsn
):
    found = checks(empty_postgres_dsn)
    assert found["extension"][0] == "ok"
    assert found["version"][1].startswith("PostgreSQL 1")
    assert {"model", "port", "disk", "backup"} & found.keys() == set()
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]
    assert on(empty_postgres_dsn, "migrate", "up").code == 0
    assert checks(empty_postgres_dsn)["schema"][0] == "ok"


def test_an_owner_who_is_no_superuser_has_all_that_it_needs(checks, plain_owner):
    found = checks(plain_owner[0])
    failed = {name for name, (status, _) in found.items() if status == "failed"}
    assert failed <= {"durability"}  # the servers of tests need not survive a crash
    assert "may create everything that Sage needs" in found["rights"][1]
    assert found["role"][0] == "warning"
    assert "CREATEROLE" in found["role"][1]


LACKING = {
    "no extension": ("DROP EXTENSION vector", "extension", "CREATE EXTENSION vector in"),
    "read-only": (
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "writable",
        "RESET default_transaction_read_only",
    ),
    "no right to create": (
        "REVOKE CREATE ON DATABASE {name} FROM {name}; ALTER DATABASE {name} OWNER TO postgres",
        "rights",
        "CREATE SCHEMA sage AUTHORIZATION",
    ),
    "extension out of reach": (
        "CREATE SCHEMA apart; ALTER EXTENSION vector SET SCHEMA apart",
        "extension",
        "GRANT USAGE ON SCHEMA apart TO",
    ),
}


def test_each_thing_that_is_missing_has_a_line_with_what_to_do(
    checks, plain_owner, postgres_server
):
    dsn, _ = plain_owner
    name = urlsplit(dsn).path[1:]
    inside = urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    for statement, check, words in LACKING.values():
        for one in statement.format(name=name).split(";"):
            ask(inside, one)
        status, told = checks(dsn)[check]
        assert (status, words in told) == ("failed", True), (statement, told)
        if check == "writable":
            ask(postgres_server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        if check == "extension":
            ask(inside, "DROP EXTENSION IF EXISTS vector")
            ask(inside, "CREATE EXTENSION vector")


def test_a_clock_that_is_a_minute_ahead_is_named(checks, postgres_dsn, monkeypatch):
    assert checks(postgres_dsn)["clock"][0] == "ok"
    ahead = SimpleNamespace(time=lambda: time.time() + 60)
    monkeypatch.setattr("sage.operations.checks.server.time", ahead)
    status, told = checks(postgres_dsn)["clock"]
    assert status == "warning"
    assert "NTP" in told


def test_an_older_postgresql_is_named_before_anything_is_created(
    checks, on, empty_postgres_dsn, monkeypatch
):
    newest = suitability.NEWEST_POSTGRES + 1
    for module in ("sage.store.suitability", "sage.operations.checks.server"):
        monkeypatch.setattr(f"{module}.OLDEST_POSTGRES", newest)
    status, told = checks(empty_postgres_dsn)["version"]
    assert (status, f"use PostgreSQL {newest} to" in told) == ("failed", True)
    refused = on(empty_postgres_dsn, "migrate", "up")
    assert refused.code == 1
    assert "is too old" in refused.err
    assert f"use PostgreSQL {newest} to" in refused.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]


def test_an_older_pgvector_is_named_before_anything_is_created(checks, on, empty_postgres_dsn):
    ask(empty_postgres_dsn, "CREATE EXTENSION IF NOT EXISTS vector")
    ask(empty_postgres_dsn, "UPDATE pg_extension SET extversion = '0.6.2' WHERE extname = 'vector'")
    status, told = checks(empty_postgres_dsn)["extension"]
    assert (status, "pgvector 0.6.2 is too old" in told) == ("failed", True)
    assert "ALTER EXTENSION vector UPDATE" in told
    refused = on(empty_postgres_dsn, "migrate", "up")
    assert refused.code == 1
    assert "older than 0.7" in refused.err
    assert "ALTER EXTENSION vector UPDATE" in refused.err
    assert ask(empty_postgres_dsn, "SELECT to_regnamespace('sage')::text") == [(None,)]


@pytest.mark.parametrize(
    ("given", "what", "how"),
    [
        ("sslmode=require", "does not support TLS", "enable it on the server"),
        ("sslmode=verify", "TLS settings of the database are invalid", "verify-full"),
        ("sslmode=verify-full&sslrootcert=/none", "(sslrootcert) is missing", "sslrootcert=FILE"),
        ("sslmode=require&sslcert=/none", "TLS settings", "sslrootcert to an existing file"),
        ("channel_binding=require", "parameter that the database server", "remove it"),
    ],
)
def test_parameters_that_do_not_fit_the_server_are_named(checks, postgres_dsn, given, what, how):
    status, told = checks(f"{postgres_dsn}?{given}")["database"]
    assert (status, what in told, how in told) == ("failed", True, True), told
