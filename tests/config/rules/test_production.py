from itertools import product

import pytest

from sage.config.container import Container
from sage.config.load import read_configuration
from sage.errors import ConfigurationError
from tests.support.each import each

GOOD = {"SAGE_ENV": "prod", "SAGE_TOKEN": "t" * 32, "DATABASE_URL": "postgresql://u:p@db/n"}
IN_CONTAINER = Container(detected=True, runtime="docker", evidence=("/.dockerenv exists",))


def test_a_good_production_has_no_problem(read):
    assert not read(GOOD | {"MCP_SERVER_HOST": "0.0.0.0"}, container=IN_CONTAINER).problems


@each(("host", "auth"), product(["127.0.0.1", "0.0.0.0"], ["", "auto", "none", "token"]))
def test_production_needs_a_token_on_every_address(errors_of, host, auth):
    environ = GOOD | {"MCP_SERVER_HOST": host, "SAGE_AUTH": auth, "SAGE_TOKEN": ""}
    assert len(errors_of(environ)) == 1


def test_production_asks_for_the_token_it_has(errors_of):
    assert list(errors_of(GOOD | {"SAGE_AUTH": "none"})) == ["SAGE_AUTH"]


def test_the_message_tells_that_the_profile_asks_for_the_token(errors_of):
    problem = errors_of(GOOD | {"SAGE_TOKEN": ""})["SAGE_TOKEN"]
    assert "profile prod" in problem.message


@pytest.mark.parametrize(
    ("variable", "value", "good"),
    [
        ("SAGE_PUBLIC_URL", "http://sage.example.org", "https://sage.example.org"),
        ("SAGE_LOG_LEVEL", "debug", "info"),
    ],
)
@pytest.mark.parametrize("env", ["dev", "staging", "prod"])
def test_some_values_are_refused_in_production_only(errors_of, env, variable, value, good):
    environ = GOOD | {"SAGE_ENV": env}
    assert list(errors_of(environ | {variable: value})) == [variable] * (env == "prod")
    assert not errors_of(environ | {variable: good})


def test_a_container_in_production_needs_a_database_outside_of_it(errors_of, read):
    environ = GOOD | {"DATABASE_URL": ""}
    problem = errors_of(environ, container=IN_CONTAINER)["DATABASE_URL"]
    assert "/.dockerenv" in problem.message
    assert read(environ).settings is not None
    assert read(environ | {"SAGE_ENV": "staging"}, container=IN_CONTAINER).settings is not None


def test_the_container_is_looked_for_when_none_is_given(paths):
    environ = GOOD | {"DATABASE_URL": "", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    with pytest.raises(ConfigurationError, match="the configuration is invalid") as caught:
        read_configuration(environ=environ, paths=paths).require_settings()
    (problem,) = caught.value.problems
    assert "KUBERNETES_SERVICE_HOST" in problem.message


def test_every_broken_rule_is_reported_at_once(errors_of):
    environ = {
        "SAGE_ENV": "prod",
        "SAGE_AUTH": "none",
        "SAGE_PUBLIC_URL": "http://sage.example.org",
        "SAGE_LOG_LEVEL": "debug",
    }
    assert set(errors_of(environ, container=IN_CONTAINER)) == {
        "SAGE_AUTH",
        "SAGE_PUBLIC_URL",
        "SAGE_LOG_LEVEL",
        "DATABASE_URL",
    }


def test_staging_warns_of_everything_that_production_refuses(read, errors_of):
    environ = {
        "SAGE_AUTH": "none",
        "SAGE_PUBLIC_URL": "http://sage.example.org",
        "SAGE_LOG_LEVEL": "debug",
    }
    refused = errors_of(environ | {"SAGE_ENV": "prod"}, container=IN_CONTAINER)
    staging = read(environ | {"SAGE_ENV": "staging"}, container=IN_CONTAINER)
    assert staging.settings is not None
    assert {problem.variable for problem in staging.problems if problem.warning} == set(refused)
    assert not read(environ | {"SAGE_ENV": "dev"}, container=IN_CONTAINER).problems


@pytest.mark.parametrize("env", ["staging", "prod"])
@pytest.mark.parametrize(
    ("url", "key", "warned"),
    [
        ("http://models.example.org/v1", "sk-1", True),
        ("http://models.example.org/v1", "", False),
        ("https://models.example.org/v1", "sk-1", False),
        ("http://127.0.0.1:8080/v1", "sk-1", False),
    ],
)
def test_an_api_key_that_travels_in_the_clear_is_warned_of(warnings_of, env, url, key, warned):
    environ = GOOD | {
        "SAGE_ENV": env,
        "EMBEDDING_PROVIDER": "openai",
        "EMBEDDING_MODEL": "m",
        "EMBEDDING_BASE_URL": url,
        "EMBEDDING_API_KEY": key,
    }
    assert ("EMBEDDING_BASE_URL" in warnings_of(environ)) == warned
