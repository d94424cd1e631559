from itertools import product

import pytest

from tests.support.each import each

TOKEN = "t" * 32


@each(
    ("variable", "value"),
    [
        ("SAGE_ENV", "production"),
        ("SAGE_AUTH", "password"),
        ("SAGE_LOG_LEVEL", "verbose"),
        ("SAGE_LOG_FORMAT", "xml"),
        ("SAGE_MASK_SECRETS", "sometimes"),
        ("EMBEDDING_PROVIDER", "openapi"),
        ("MCP_SERVER_PORT", "0"),
        ("MCP_SERVER_PORT", "65536"),
        ("MCP_SERVER_PORT", "eighty"),
        ("MCP_SERVER_PORT", "17800.5"),
        ("MCP_SERVER_PORT", "9" * 5_000),
        ("MCP_SERVER_HOST", "http://127.0.0.1"),
        ("MCP_SERVER_HOST", "127.0.0.1:17800"),
        ("MCP_SERVER_HOST", "300.1.1.1"),
        ("MCP_SERVER_HOST", "a b"),
        ("SAGE_TOKEN", "t" * 31),
        ("SAGE_TOKEN", "t" * 20 + " " + "t" * 20),
        ("SAGE_TOKEN", "t" * 40 + "\u00e9"),
        ("SAGE_ALLOWED_HOSTS", "*"),
        ("SAGE_ALLOWED_HOSTS", "https://sage.example.org"),
        ("SAGE_ALLOWED_HOSTS", "sage.example.org/path"),
        ("SAGE_ALLOWED_HOSTS", "sage.example.org:99999"),
        ("SAGE_ALLOWED_HOSTS", "*.example.org"),
        ("SAGE_ALLOWED_ORIGINS", "*"),
        ("SAGE_ALLOWED_ORIGINS", "1http://sage.example.org"),
        ("SAGE_ALLOWED_ORIGINS", "sage.example.org"),
        ("SAGE_ALLOWED_ORIGINS", "https://sage.example.org/path"),
        ("SAGE_OAUTH_CLIENT_HOSTS", "https://apps.example.org"),
        ("SAGE_OAUTH_CLIENT_HOSTS", "apps.example.org=intern"),
        ("SAGE_OAUTH_CLIENT_HOSTS", "apps.example.org=10.1.2.3/8"),
        ("SAGE_OAUTH_REDIRECT_URIS", "http://evil.example/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "https://x.example/*"),
        ("SAGE_OAUTH_REDIRECT_URIS", "https://*.example/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "https://chat.example/cb,http://evil.example/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "http://127.0.0.1.evil.example/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "http://127.0.0.1@evil.example/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "app://callback"),
        ("SAGE_OAUTH_REDIRECT_URIS", "app:/callback"),
        ("SAGE_OAUTH_REDIRECT_URIS", "javascript://app/alert"),
        ("SAGE_OAUTH_REDIRECT_URIS", "data://app/x"),
        ("SAGE_OAUTH_REDIRECT_URIS", "file://app/x"),
        ("SAGE_PUBLIC_URL", "sage.example.org"),
        ("SAGE_PUBLIC_URL", "ftp://sage.example.org"),
        ("SAGE_PUBLIC_URL", "https://user:pass@sage.example.org"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org/?a=b"),
        ("SAGE_PUBLIC_URL", "https://[::1"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org:99999"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org:0"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org/#a"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org/a b"),
        ("SAGE_PUBLIC_URL", "https:///path"),
        ("DATABASE_URL", "mysql://u:p@db/n"),
        ("DATABASE_URL", "postgresql+asyncpg://u:p@db/n"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql:u:p@db/n"),
        ("DATABASE_URL", "postgresql://u:p@db:port/n"),
        ("DATABASE_URL", "postgresql://u:a/b@db/n"),
        ("DATABASE_URL", "postgresql://u:a?b@db/n"),
        ("DATABASE_URL", "postgresql://u:a#b@db/n"),
        ("DATABASE_URL", "postgresql://u:12/b@db/n"),
        ("DATABASE_URL", "postgresql://u:12?b@db/n"),
        ("DATABASE_URL", "postgresql://u:12#b@db/n"),
        ("DATABASE_URL", "postgresql:/n?host=db"),
        ("DATABASE_URL", "postgresql://u:a b@db/n"),
        ("DATABASE_URL", "postgresql://[db/n"),
        ("DATABASE_URL", "postgresql:///n?localhost=1"),
        ("DATABASE_URL", "postgresql://db/n?port=one"),
        ("DATABASE_URL", "postgresql://a,b,c/n?port=1,2"),
        ("DATABASE_URL", "postgresql://a,b/n?target_session_attrs=writable"),
        ("DATABASE_URL", "postgresql://a,b/n?target_session_attrs=standby"),
        ("DATABASE_READ_URL", "mysql://u:p@db/n"),
        ("EMBEDDING_DIMENSIONS", "4001"),
        ("EMBEDDING_DIMENSIONS", "15"),
        ("EMBEDDING_BASE_URL", "127.0.0.1:8080"),
        ("EMBEDDING_API_KEY", "sk 1"),
        ("SILICONFLOW_API_KEY", "sk-\n1"),
        ("SAGE_MAX_CONTEXT_TOKENS", "199"),
        ("SAGE_MAX_CONTEXT_TOKENS", "32001"),
        ("SAGE_MAX_RESULTS", "51"),
        ("SAGE_SIMILARITY_THRESHOLD", "1.01"),
        ("SAGE_SIMILARITY_THRESHOLD", "nan"),
        ("SAGE_SIMILARITY_THRESHOLD", "half"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_a_way_out(errors_of, variable, value):
    (problem,) = errors_of({variable: value}).values()
    assert problem.variable == variable
    assert problem.origin == "environment"
    assert problem.hint
    assert len(str(problem)) < 500


@each(
    ("variable", "value"),
    [
        ("MCP_SERVER_HOST", "localhost"),
        ("MCP_SERVER_HOST", "::1"),
        ("MCP_SERVER_HOST", "[::1]"),
        ("MCP_SERVER_PORT", " 1 "),
        ("MCP_SERVER_PORT", "65535"),
        ("SAGE_ALLOWED_HOSTS", "sage_mcp,sage.example.org.,[::1]:17800,[::1],::1,a:*,a:1"),
        ("SAGE_ALLOWED_ORIGINS", "http://[::1]:3000,chrome-extension://abcdef"),
        ("SAGE_PUBLIC_URL", "https://sage.example.org:8443/memory/"),
        ("DATABASE_URL", "postgres://u@db"),
        ("DATABASE_URL", "postgresql://u:p%40%2F@[::1]:5432/n?sslmode=require"),
        ("DATABASE_URL", "postgresql://u:p@db1:5432,db2/n"),
        ("DATABASE_URL", "postgresql://u:p@db1,db2/n?target_session_attrs=read-write"),
        ("DATABASE_URL", "postgresql:///n?host=/run/postgresql"),
        ("SAGE_TOKEN", TOKEN),
        ("SAGE_OAUTH_REDIRECT_URIS", "https://chat.example/cb/,http://localhost:7/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "http://127.0.0.1/cb,http://[::1]:8080/cb"),
        ("SAGE_OAUTH_REDIRECT_URIS", "cursor://anysphere.cursor-mcp/oauth/callback"),
        ("EMBEDDING_DIMENSIONS", "4000"),
        ("SAGE_SIMILARITY_THRESHOLD", "1"),
    ],
)
def test_a_value_that_can_be_used_is_taken(settings_of, variable, value):
    settings_of({variable: value})


def test_a_slash_at_the_end_of_an_address_is_taken_off(settings_of):
    environ = {"SILICONFLOW_BASE_URL": "https://api.siliconflow.com/v1/"}
    assert settings_of(environ).siliconflow.base_url == "https://api.siliconflow.com/v1"


def test_an_unknown_word_is_answered_with_the_known_ones_and_a_guess(errors_of):
    problem = errors_of({"EMBEDDING_PROVIDER": "silicon-flow"})["EMBEDDING_PROVIDER"]
    assert "auto, local, siliconflow, openai" in problem.message
    assert "Did you mean siliconflow?" in problem.hint


def test_a_number_out_of_range_is_answered_with_the_range(errors_of):
    problem = errors_of({"SAGE_MAX_RESULTS": "500"})["SAGE_MAX_RESULTS"]
    assert "500" in problem.message
    assert "1 to 50" in problem.hint


@each(
    ("value", "variable"),
    product(["0", "-1", "36501", "nan", "inf"], ["SAGE_TIME_DECAY", "SAGE_MAX_AGE_DAYS"]),
)
def test_a_number_that_must_be_above_zero_is_answered_so(errors_of, variable, value):
    problem = errors_of({variable: value})[variable]
    assert problem.message == f"is out of range ({value})"
    assert "above 0, at most 36500" in problem.hint


@pytest.mark.parametrize("variable", ["MCP_SERVER_PORT", "DB_PORT"])
def test_a_service_link_of_kubernetes_is_told_as_such(errors_of, variable):
    problem = errors_of({variable: "tcp://10.0.0.1:5432"})[variable]
    assert "enableServiceLinks" in problem.hint


def test_every_problem_of_every_layer_is_reported_at_once(errors_of, folder):
    (folder / "sage.toml").write_text('[search]\nmax_results = "many"\n')
    (folder / ".env").write_text("no assignment\nSAGE_LOG_LEVEL=loud\n")
    errors = errors_of(
        {
            "MCP_SERVER_HOST": "0.0.0.0",
            "DB_HOST": "db",
            "SAGE_TOKEN_FILE": "missing",
            "EMBEDDING_PROVIDER": "siliconflow",
        },
        overrides={"MCP_SERVER_PORT": 99_999},
    )
    assert {name: problem.origin for name, problem in errors.items()} == {
        "SAGE_MAX_RESULTS": f"{folder}/sage.toml: search.max_results",
        ".env": f"{folder}/.env line 1",
        "SAGE_LOG_LEVEL": f"{folder}/.env line 2",
        "MCP_SERVER_PORT": "command line",
        "SAGE_TOKEN_FILE": "environment",
        "DB_NAME": "default",
        "DB_USER": "default",
        "DB_PASSWORD": "default",
        "SILICONFLOW_API_KEY": "default",
    }


@each(
    ("name", "meant"),
    [
        ("SAGE_TOKN", "SAGE_TOKEN"),
        ("SAGE_LOGLEVEL", "SAGE_LOG_LEVEL"),
        ("SAGE_PORT", "MCP_SERVER_PORT"),
        ("SAGE_EMBEDDING_MODEL", "EMBEDDING_MODEL"),
        ("EMBEDDING_MAX_RESULTS", None),
        ("EMBEDDING_PROVIDR", "EMBEDDING_PROVIDER"),
        ("EMBEDING_PROVIDER", "EMBEDDING_PROVIDER"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("MAX_RESULTS", "SAGE_MAX_RESULTS"),
        ("SAGE_TOKEN_FILES", "SAGE_TOKEN_FILE"),
        ("SAGE_SOMETHING_ELSE", None),
        ("SAGE_SPACE_DECAY", None),
        ("RERANKER_MODEL_NAME", None),
        ("HOSTNAME", None),
        ("OPENAI_API_KEY", None),
        ("DB_DATABASE", None),
        ("DB_USERNAME", None),
        ("DATA_DIR_OTHER", None),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", None),
    ],
)
def test_a_misspelt_name_is_a_warning_with_a_guess(warnings_of, folder, name, meant):
    (folder / ".env").write_text(f"{name}=secret\n")
    places = (("environment", {name: "secret"}), (f"{folder}/.env line 1", {}))
    for origin, environ in places:
        warnings = [one for one in warnings_of(environ).values() if one.origin == origin]
        assert [problem.hint for problem in warnings] == ([f"Did you mean {meant}?"] * bool(meant))
        assert "secret" not in str(warnings)
        (folder / ".env").write_text(f"{name}=secret\n")


def test_a_service_called_sage_in_kubernetes_is_no_misspelling(read):
    assert not read({"SAGE_PORT": "tcp://10.0.0.1:17800"}).problems


def test_without_a_home_folder_the_data_folder_must_be_named(read, errors_of, monkeypatch):
    def no_home():
        raise RuntimeError

    monkeypatch.setattr("pathlib.Path.home", no_home)
    assert "SAGE_DATA_DIR" in errors_of(home=False)
    assert read({"SAGE_DATA_DIR": "/data"}, home=False).settings is not None


@pytest.mark.parametrize(("written", "means"), [("off", False), ("0", False), ("TRUE", True)])
def test_a_flag_is_understood_in_the_words_people_use(settings_of, errors_of, written, means):
    assert settings_of({"SAGE_MASK_SECRETS": written}).mask_secrets is means
    assert "true, false" in errors_of({"SAGE_MASK_SECRETS": "tru"})["SAGE_MASK_SECRETS"].hint


def test_a_flag_may_be_written_plainly_in_toml_and_nothing_else_may(settings_of, errors_of, folder):
    file = folder / "sage.toml"
    file.write_text("mask_secrets = false\n")
    assert settings_of().mask_secrets is False
    file.write_text("[server]\nport = true\n")
    assert set(errors_of()) == {"MCP_SERVER_PORT"}
