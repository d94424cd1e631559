"""Names of earlier releases still count, and each is told with the name to write instead."""

import pytest

from sage.config.layers import read_layers
from sage.config.other_names import PRESENT_NAMES
from sage.config.sources import PROFILES
from sage.config.variables import BY_NAME

VALUES = {
    "MCP_HOST": ("127.0.0.2", "server.host", "127.0.0.2"),
    "MCP_PORT": ("17805", "server.port", 17805),
    "SAGE_MAX_OUTPUT_TOKENS": ("3000", "search.max_context_tokens", 3000),
    "SAGE_TRACES_URL": (
        "http://a.example/v1/traces",
        "server.traces_url",
        "http://a.example/v1/traces",
    ),
    "SILICONFLOW_API_URL": ("https://a.example/v1", "siliconflow.base_url", "https://a.example/v1"),
}


def at(settings, path):
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def test_a_former_name_is_none_of_the_present_ones():
    assert set(VALUES) == set(PRESENT_NAMES)
    assert set(PRESENT_NAMES.values()) <= set(BY_NAME)
    assert not set(PRESENT_NAMES) & set(BY_NAME)
    assert not any(set(PRESENT_NAMES) & set(profile) for profile in PROFILES.values())


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("written", ["environment", "dotenv"])
def test_a_former_name_counts_with_one_warning(read, folder, name, written):
    raw, path, value = VALUES[name]
    if written == "dotenv":
        (folder / ".env").write_text(f"{name}={raw}\n")
    found = read({name: raw} if written == "environment" else {})
    assert at(found.settings, path) == value
    (problem,) = found.problems
    assert problem.warning
    assert problem.variable == name
    assert PRESENT_NAMES[name] in problem.hint
    (effective,) = [one for one in found.values if one.variable == PRESENT_NAMES[name]]
    assert effective.origin.endswith(f", as {name}")


def test_the_present_name_beside_it_wins_and_this_is_told(read, folder):
    found = read({"MCP_PORT": "17805", "MCP_SERVER_PORT": "17806"})
    assert found.settings.server.port == 17806
    (problem,) = found.problems
    assert "MCP_SERVER_PORT, which is also set and takes precedence" in problem.message
    (folder / "port").write_text("17807")
    found = read({"MCP_PORT": "17805", "MCP_SERVER_PORT_FILE": "port"})
    assert found.settings.server.port == 17807


def test_a_higher_layer_wins_whichever_name_it_uses(settings_of, folder):
    (folder / ".env").write_text("MCP_SERVER_PORT=17806\n")
    assert settings_of({"MCP_PORT": "17805"}).server.port == 17805
    (folder / ".env").write_text("MCP_PORT=17805\n")
    assert settings_of({"MCP_SERVER_PORT": "17806"}).server.port == 17806


def test_a_wrong_value_is_told_with_the_name_it_was_written_under(errors_of):
    (problem,) = errors_of({"MCP_PORT": "http"}).values()
    assert problem.variable == "MCP_SERVER_PORT"
    assert problem.origin == "environment, as MCP_PORT"


def test_a_removed_variable_is_a_warning_with_what_holds_instead(read, folder):
    (folder / ".env").write_text("SAGE_OAUTH_REFRESH_DAYS=30\n")
    (folder / "sage.toml").write_text("[server]\noauth_access_hours = 8\n")
    found = read({"SAGE_OAUTH_ACCESS_HOURS_FILE": "hours"})
    assert found.settings is not None
    told = {problem.variable: problem.message for problem in found.problems if problem.warning}
    assert "60 days" in told.pop("SAGE_OAUTH_REFRESH_DAYS")
    assert told.keys() == {"server.oauth_access_hours", "SAGE_OAUTH_ACCESS_HOURS_FILE"}
    assert all("24 hours" in message for message in told.values())


@pytest.mark.parametrize(
    ("environ", "dotenv", "port"),
    [
        ({"MCP_PORT": "1"}, "", "1"),
        ({}, "MCP_PORT=2", "2"),
        ({"MCP_PORT": "1"}, "MCP_SERVER_PORT=2", "1"),
        ({"MCP_PORT": "1", "MCP_SERVER_PORT": "3"}, "", "3"),
        ({"MCP_PORT": "1", "MCP_SERVER_PORT": " "}, "MCP_SERVER_PORT=2", "1"),
        ({}, "MCP_SERVER_PORT=\nMCP_PORT=2", "2"),
    ],
)
def test_probes_and_settings_agree_on_the_port(settings_of, paths, environ, dotenv, port):
    (paths.own / ".env").write_text(dotenv)
    assert str(settings_of(environ).server.port) == port
    assert read_layers(environ=environ, paths=paths).text("MCP_SERVER_PORT", "") == port
