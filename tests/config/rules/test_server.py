import sys
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.config.load import with_dsn
from sage.config.settings import DatabaseSettings, Settings
from sage.store.connections.pool import open_database
from tests.support.each import each

TOKEN = "t" * 32
PARTS = {"DB_HOST": "db", "DB_NAME": "memory", "DB_USER": "sage", "DB_PASSWORD": "p@ss/w:rd #1%"}
PUBLIC = ["0.0.0.0", "::", "192.0.2.7", "sage.example.org"]
LOOPBACK = ["127.0.0.1", "127.8.8.8", "::1", "localhost", "sage.localhost"]


def dsn_of(settings):
    return settings.database.dsn.get_secret_value()


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("db", "db:5432/memory"),
        ("::1", "[::1]:5432/memory"),
        ("/run/my postgres", "/memory?host=%2Frun%2Fmy%20postgres&port=5432"),
    ],
)
def test_the_parts_of_an_address_are_put_together_and_quoted(settings_of, host, place):
    settings = settings_of(PARTS | {"DB_HOST": host})
    assert dsn_of(settings) == f"postgresql://sage:p%40ss%2Fw%3Ard%20%231%25@{place}"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_password_survives_quoting(password):
    parts = DatabaseSettings(host="db", name="n", user="u", password=password)
    read = urlsplit(dsn_of(with_dsn(Settings(data_dir="/data", database=parts))))
    assert unquote(read.password) == password
    assert (read.hostname, read.port, read.path) == ("db", 5432, "/n")


async def test_the_address_made_of_parts_opens_a_database(settings_of, postgres_dsn):
    parts = urlsplit(postgres_dsn)
    query = parse_qs(parts.query)
    environ = {
        "DB_HOST": parts.hostname or query["host"][0],
        "DB_PORT": str(parts.port or query.get("port", ["5432"])[0]),
        "DB_NAME": parts.path[1:],
        "DB_USER": unquote(parts.username or query.get("user", ["postgres"])[0]),
        "DB_PASSWORD": unquote(parts.password or "any"),
    }
    database = await open_database(dsn_of(settings_of(environ)))
    try:
        async with database.across_spaces() as connection:
            assert connection is not None
    finally:
        await database.close()


@pytest.mark.parametrize("missing", PARTS)
def test_parts_of_an_address_come_together(errors_of, missing):
    environ = {name: value for name, value in PARTS.items() if name != missing}
    (problem,) = errors_of(environ).values()
    assert problem.variable == missing
    assert "DATABASE_URL" in problem.hint


def test_an_address_and_its_parts_together_are_a_problem_across_layers(errors_of, folder):
    (folder / ".env").write_text("DATABASE_URL=postgresql://u:p@db/n\n")
    (problem,) = errors_of({"DB_HOST": "db"}).values()
    assert problem.variable == "DATABASE_URL"
    assert problem.origin == f"{folder}/.env line 1"
    assert "DB_HOST (from environment)" in problem.message


def test_a_replica_belongs_to_a_database_of_its_own_and_takes_no_writes(errors_of, settings_of):
    replica = {"DATABASE_READ_URL": "postgresql://u:p@replica/n"}
    assert "embedded" in errors_of(replica)["DATABASE_READ_URL"].message
    primary = {"DATABASE_URL": "postgresql://u:p@db/n"}
    writable = "postgresql://u:p@a,b/n?target_session_attrs=read-write"
    problem = errors_of(primary | {"DATABASE_READ_URL": writable})["DATABASE_READ_URL"]
    assert "target_session_attrs=standby" in problem.hint
    assert settings_of(primary | replica).database.read_dsn is not None
    assert settings_of(PARTS | replica).database.read_dsn is not None


@pytest.mark.parametrize("host", PUBLIC)
def test_an_address_others_reach_needs_a_token(errors_of, settings_of, host):
    problem = errors_of({"MCP_SERVER_HOST": host})["SAGE_TOKEN"]
    assert host in problem.message
    assert "openssl rand -hex 32" in problem.hint
    assert "127.0.0.1" in problem.hint
    settings_of({"MCP_SERVER_HOST": host, "SAGE_TOKEN": TOKEN})


@pytest.mark.parametrize("host", PUBLIC)
def test_an_address_others_reach_cannot_do_without_asking_for_the_token(errors_of, host):
    environ = {"MCP_SERVER_HOST": host, "SAGE_TOKEN": TOKEN, "SAGE_AUTH": "none"}
    assert list(errors_of(environ)) == ["SAGE_AUTH"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_needs_no_token(settings_of, host):
    settings_of({"MCP_SERVER_HOST": host})


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_asking_for_a_token_needs_one(errors_of, host):
    (problem,) = errors_of({"SAGE_AUTH": "token", "MCP_SERVER_HOST": host}).values()
    assert problem.variable == "SAGE_TOKEN"


@pytest.mark.parametrize("env", ["dev", "prod"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_oauth_needs_a_token_and_a_public_address(errors_of, settings_of, host, env):
    environ = {"SAGE_AUTH": "oauth", "MCP_SERVER_HOST": host, "SAGE_ENV": env}
    assert sorted(errors_of(environ)) == ["SAGE_PUBLIC_URL", "SAGE_TOKEN"]
    complete = environ | {"SAGE_TOKEN": TOKEN, "SAGE_PUBLIC_URL": "https://sage.example.org"}
    assert settings_of(complete).server.has_oauth


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://sage.example.org/", True),
        ("https://sage.example.org:8443", True),
        ("http://127.0.0.1:17800", True),
        ("http://sage.example.org", False),
        ("https://sage.example.org/memory", False),
    ],
)
def test_oauth_needs_an_address_that_clients_take_for_an_issuer(errors_of, url, fits):
    environ = {"SAGE_AUTH": "oauth", "SAGE_TOKEN": TOKEN, "SAGE_PUBLIC_URL": url}
    found = errors_of(environ)
    assert list(found) == ([] if fits else ["SAGE_PUBLIC_URL"])
    assert fits or "https://sage.example.org" in found["SAGE_PUBLIC_URL"].hint


ISSUER = {
    "SAGE_AUTH": "oauth",
    "SAGE_TOKEN": TOKEN,
    "SAGE_PUBLIC_URL": "https://sage.example.org",
    "SAGE_OAUTH_ISSUER": "https://id.example.org/realm",
    "SAGE_OAUTH_JWKS_URL": "https://id.example.org/keys",
    "SAGE_OAUTH_SUBJECTS": "auth0|anna=anna, ben@example.org=ben",
}


def test_an_external_issuer_has_an_address_keys_and_subjects(errors_of, settings_of):
    server = settings_of(ISSUER).server
    assert server.oauth_subjects == ("auth0|anna=anna", "ben@example.org=ben")
    assert server.has_oauth
    assert not server.issues_tokens
    for name in ("SAGE_OAUTH_ISSUER", "SAGE_OAUTH_JWKS_URL", "SAGE_OAUTH_SUBJECTS"):
        assert list(errors_of(ISSUER | {name: ""})) == [name]


@each(
    ("name", "value", "fits"),
    [
        ("SAGE_OAUTH_JWKS_URL", "http://127.0.0.1:8080/keys", True),
        ("SAGE_OAUTH_ISSUER", "http://localhost:8080/realm", True),
        ("SAGE_OAUTH_JWKS_URL", "http://id.example.org/keys", False),
        ("SAGE_OAUTH_ISSUER", "http://id.example.org/realm", False),
        ("SAGE_OAUTH_JWKS_URL", "file:///keys", False),
        ("SAGE_OAUTH_SUBJECTS", "anna", False),
        ("SAGE_OAUTH_SUBJECTS", "=anna", False),
        ("SAGE_OAUTH_SUBJECTS", "anna=", False),
        ("SAGE_OAUTH_SUBJECTS", "anna=a b", False),
        ("SAGE_OAUTH_SUBJECTS", "anna=anna,anna=ben", False),
        ("SAGE_AUTH", "token", False),
    ],
)
def test_the_settings_of_an_external_issuer_are_checked(errors_of, name, value, fits):
    found = errors_of(ISSUER | {name: value})
    assert bool(found) != fits
    assert all(problem.hint for problem in found.values())
    assert fits or set(found) <= {name, "SAGE_OAUTH_ISSUER"}


@pytest.mark.parametrize("auth", ["auto", "none", "token", "oauth"])
def test_a_command_that_opens_no_port_needs_no_token(read, auth):
    environ = {"MCP_SERVER_HOST": "0.0.0.0", "SAGE_AUTH": auth}
    assert read(environ, listens=False).settings is not None
    assert read(environ, listens=True).settings is None


def test_a_bad_token_is_not_also_called_missing(errors_of):
    environ = {"MCP_SERVER_HOST": "0.0.0.0", "SAGE_AUTH": "token", "SAGE_TOKEN": "short"}
    (problem,) = errors_of(environ).values()
    assert "shorter than 32" in problem.message


def test_siliconflow_needs_its_key(errors_of, settings_of):
    environ = {"EMBEDDING_PROVIDER": "siliconflow"}
    assert list(errors_of(environ)) == ["SILICONFLOW_API_KEY"]
    settings_of(environ | {"SILICONFLOW_API_KEY": "sk-1"})


def test_openai_needs_an_address_and_a_model(errors_of, settings_of):
    environ = {"EMBEDDING_PROVIDER": "openai"}
    assert list(errors_of(environ)) == ["EMBEDDING_BASE_URL", "EMBEDDING_MODEL"]
    settings_of(
        environ | {"EMBEDDING_BASE_URL": "http://127.0.0.1:8080/v1", "EMBEDDING_MODEL": "bge-m3"}
    )


@pytest.mark.parametrize("provider", ["auto", "local"])
def test_an_embedding_address_that_is_not_used_is_a_warning(warnings_of, provider):
    environ = {"EMBEDDING_PROVIDER": provider, "EMBEDDING_BASE_URL": "http://127.0.0.1:8080/v1"}
    assert provider in warnings_of(environ)["EMBEDDING_BASE_URL"].message


def test_traces_need_the_packages_that_send_them(warnings_of, settings_of, monkeypatch):
    name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    environ = {name: "http://127.0.0.1:4318/v1/traces"}
    settings_of(environ)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    assert "no traces are sent" in warnings_of(environ)[name].message


def test_metrics_need_a_port_of_their_own(errors_of, settings_of):
    environ = {"MCP_SERVER_PORT": "18000", "SAGE_METRICS_PORT": "18000"}
    assert list(errors_of(environ)) == ["SAGE_METRICS_PORT"]
    settings_of(environ | {"SAGE_METRICS_PORT": "18001"})
