from pathlib import Path

import pytest

from sage.config.manager import effective_values, load_settings
from sage.config.paths import Places
from sage.config.settings import EmbeddingProvider, LogFormat, LogLevel
from sage.config.sources import PROFILES
from sage.config.variables import BY_NAME
from sage.errors import ConfigurationError

LAYERS = ["default", "profile", "toml", "dotenv", "environment", "override"]


def value_of(found, name):
    return next(value for value in found.values if value.variable == name)


def test_nothing_set_gives_usable_defaults(settings_of, folder):
    settings = settings_of({})
    assert settings.data_dir == folder / ".local/share/sage"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 17800)
    assert settings.database.dsn is None
    assert settings.embedding.provider is EmbeddingProvider.AUTO


@pytest.mark.parametrize("highest", LAYERS)
def test_the_highest_layer_that_sets_a_variable_counts(read, folder, highest):
    upto = LAYERS[: LAYERS.index(highest) + 1]
    environ = {}
    if "profile" in upto:
        environ["SAGE_ENV"] = "staging"
    if "toml" in upto:
        (folder / "sage.toml").write_text('[log]\nformat = "console"\n')
    if "dotenv" in upto:
        (folder / ".env").write_text("SAGE_LOG_FORMAT=auto\n")
    if "environment" in upto:
        environ["SAGE_LOG_FORMAT"] = "json"
    overrides = {"SAGE_LOG_FORMAT": "console"} if "override" in upto else {}
    found = read(environ, overrides=overrides)
    expected = {
        "default": (LogFormat.AUTO, "default"),
        "profile": (LogFormat.JSON, "profile staging"),
        "toml": (LogFormat.CONSOLE, f"{folder}/sage.toml: log.format"),
        "dotenv": (LogFormat.AUTO, ".env line 1"),
        "environment": (LogFormat.JSON, "environment"),
        "override": (LogFormat.CONSOLE, "command line"),
    }[highest]
    assert (found.settings.log.format, value_of(found, "SAGE_LOG_FORMAT").origin) == expected


def test_profiles_name_variables_that_exist():
    assert all(name in BY_NAME for profile in PROFILES.values() for name in profile)


def test_the_profile_may_be_chosen_in_any_layer(settings_of, folder):
    (folder / "sage.toml").write_text('env = "staging"\n')
    assert settings_of().log.format is LogFormat.JSON


def test_empty_and_blank_text_is_unset_in_every_layer(settings_of, folder):
    (folder / "sage.toml").write_text('[server]\nport = 18000\nhost = ""\n')
    (folder / ".env").write_text("MCP_SERVER_PORT=\nSAGE_LOG_LEVEL=\nDB_HOST=\n")
    environ = {"MCP_SERVER_PORT": "", "SAGE_LOG_LEVEL": "  ", "SAGE_TOKEN_FILE": ""}
    settings = settings_of(environ, overrides={"MCP_SERVER_PORT": "", "SAGE_LOG_LEVEL": None})
    assert settings.server.port == 18000
    assert settings.server.host == "127.0.0.1"
    assert settings.log.level is LogLevel.INFO
    assert settings.database.dsn is None


def test_overrides_may_be_of_their_own_type(settings_of, folder):
    settings = settings_of(overrides={"MCP_SERVER_PORT": 18001, "SAGE_DATA_DIR": folder / "data"})
    assert settings.server.port == 18001
    assert settings.data_dir == folder / "data"


def test_words_are_read_whatever_the_case_of_their_letters(settings_of):
    settings = settings_of({"SAGE_LOG_LEVEL": "debug", "EMBEDDING_PROVIDER": " Local "})
    assert settings.log.level is LogLevel.DEBUG
    assert settings.embedding.provider is EmbeddingProvider.LOCAL


def test_lists_are_cut_at_commas(settings_of):
    server = settings_of(
        {
            "SAGE_ALLOWED_HOSTS": " Sage.example.org , 10.0.0.7:17800,[::1]:*,",
            "SAGE_ALLOWED_ORIGINS": "https://a.example.org,http://localhost:3000",
        }
    ).server
    assert server.allowed_hosts == ("sage.example.org", "10.0.0.7:17800", "[::1]:*")
    assert server.allowed_origins == ("https://a.example.org", "http://localhost:3000")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_DATA_HOME": "/xdg"}, "/xdg/sage"),
        ({"XDG_DATA_HOME": "relative"}, "{folder}/.local/share/sage"),
        ({"XDG_DATA_HOME": "/xdg", "SAGE_DATA_DIR": "/data"}, "/data"),
        ({"SAGE_DATA_DIR": "~/memory"}, "{folder}/memory"),
        ({"SAGE_DATA_DIR": "~"}, "{folder}"),
        ({"SAGE_DATA_DIR": "my data"}, "{folder}/my data"),
    ],
)
def test_the_data_folder_is_found(read, folder, environ, expected):
    found = read(environ)
    expected = expected.format(folder=folder)
    assert str(found.settings.data_dir) == expected
    assert value_of(found, "SAGE_DATA_DIR").value == environ.get("SAGE_DATA_DIR", expected)


def test_a_toml_file_in_the_data_folder_is_read(settings_of, folder):
    (folder / "data").mkdir()
    (folder / "data/sage.toml").write_text("[server]\nport = 18002\n")
    assert settings_of({"SAGE_DATA_DIR": "data"}).server.port == 18002


def test_the_toml_file_of_the_working_directory_comes_first(settings_of, folder):
    (folder / "data").mkdir()
    (folder / "data/sage.toml").write_text("[server]\nport = 18002\n")
    (folder / "sage.toml").write_text("[server]\nport = 18003\n")
    assert settings_of({"SAGE_DATA_DIR": "data"}).server.port == 18003


def test_the_toml_file_can_be_named_in_dotenv(settings_of, folder):
    (folder / "other.toml").write_text("[server]\nport = 18004\n")
    (folder / "sage.toml").write_text("[server]\nport = 18003\n")
    (folder / ".env").write_text("SAGE_CONFIG=other.toml\n")
    assert settings_of().server.port == 18004


def test_the_toml_file_that_was_found_is_shown(read, folder):
    assert value_of(read(), "SAGE_CONFIG").value == ""
    (folder / "sage.toml").touch()
    found = value_of(read(), "SAGE_CONFIG")
    assert (found.value, found.origin) == (f"{folder}/sage.toml", "default")


def test_loading_reads_the_environment_it_is_given_and_no_other(folder, monkeypatch):
    monkeypatch.setenv("MCP_SERVER_PORT", "18005")
    assert load_settings(environ={"HOME": "/home/a"}, cwd=folder).server.port == 17800
    assert load_settings(cwd=folder).server.port == 18005


def test_loading_raises_with_every_problem(folder):
    environ = {"HOME": "/home/a", "MCP_SERVER_PORT": "x", "SAGE_LOG_LEVEL": "y"}
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ=environ, cwd=folder)
    assert {problem.variable for problem in caught.value.problems} == {
        "MCP_SERVER_PORT",
        "SAGE_LOG_LEVEL",
    }
    assert caught.value.__cause__ is None


def test_effective_values_name_every_variable_even_of_a_broken_configuration(folder):
    values = effective_values(environ={"MCP_SERVER_PORT": "x"}, cwd=folder)
    assert [value.variable for value in values] == list(BY_NAME)
    shown = {value.variable: (value.value, value.origin) for value in values}
    assert shown["MCP_SERVER_PORT"] == ("x", "environment")
    assert shown["SAGE_MAX_RESULTS"] == ("10", "default")
    assert shown["SAGE_TOKEN"] == ("", "default")


def test_without_a_home_folder_a_tilde_is_a_name_like_any_other(folder):
    assert Places(folder, None, None).expanded("~/a") == folder / "~/a"


def test_relative_paths_become_absolute(folder, monkeypatch):
    monkeypatch.chdir(folder)
    settings = load_settings(environ={"SAGE_DATA_DIR": "data"}, cwd=Path())
    assert settings.data_dir == folder / "data"
