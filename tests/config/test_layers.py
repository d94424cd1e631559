import os
from pathlib import Path

import pytest

from sage.config.choices import EmbeddingProvider, LogFormat, LogLevel
from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.config.sources import PROFILES
from sage.config.value import Value
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
        "dotenv": (LogFormat.AUTO, f"{folder}/.env line 1"),
        "environment": (LogFormat.JSON, "environment"),
        "override": (LogFormat.CONSOLE, "command line"),
    }[highest]
    assert (found.settings.log.format, value_of(found, "SAGE_LOG_FORMAT").origin) == expected


def test_the_port_of_the_last_start_counts_where_none_is_set(read, folder):
    data_dir = folder / ".local/share/sage"
    data_dir.mkdir(parents=True)
    address = data_dir / "sage.address"
    address.write_text("127.0.0.1 24320\n\n\n")
    found = read()
    assert found.settings.server.port == 24320
    assert value_of(found, "MCP_SERVER_PORT").origin == "last start"
    assert read({"MCP_SERVER_PORT": "17801"}).settings.server.port == 17801
    for damaged in ("", "127.0.0.1", "127.0.0.1 0\n", "::1 70000\n", "a b c\n", "127.0.0.1 -1"):
        address.write_text(damaged)
        assert read().settings.server.port == 17800, damaged
    address.unlink()
    os.mkfifo(address)
    assert read().settings.server.port == 17800


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
    assert value_of(found, "SAGE_DATA_DIR").value == expected


@pytest.mark.parametrize("name", [".env", "sage.toml"])
def test_the_files_beside_the_start_script_come_before_those_of_the_data_folder(
    settings_of, folder, name
):
    (folder / "data").mkdir()
    (folder / "data" / name).write_text("MCP_SERVER_PORT=18002\n")
    environ = {"SAGE_DATA_DIR": "data"}
    assert settings_of(environ).server.port == 18002
    (folder / name).write_text("MCP_SERVER_PORT=18003\n")
    assert settings_of(environ).server.port == 18003
    assert settings_of(environ, own=None).server.port == 18002


@pytest.mark.parametrize("name", [".env", "sage.toml"])
def test_no_file_of_the_working_directory_is_read(read, tmp_path_factory, name):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / name).write_text("DATABASE_URL='postgresql://u:p@db/other'\nnonsense\n")
    found = read(cwd=elsewhere)
    assert found.settings.database.dsn is None
    assert not found.problems


@pytest.mark.skipif(os.geteuid() != 0, reason="root is missing: it alone runs on others' data")
@pytest.mark.parametrize("name", [".env", "sage.toml"])
def test_root_reads_no_settings_that_the_user_of_a_data_folder_wrote(read, tmp_path, name):
    data_dir = tmp_path / "data of a user"
    data_dir.mkdir()
    (data_dir / name).write_text('EMBEDDING_API_KEY_FILE="/etc/shadow"\n')
    os.chown(data_dir, 65534, 65534)
    found = read({"SAGE_DATA_DIR": str(data_dir)})
    assert value_of(found, "EMBEDDING_API_KEY").origin == "default"
    assert [problem.message for problem in found.problems] == [
        "is ignored, since it belongs to another user"
    ]


@pytest.mark.parametrize("named", ["other.env", "{folder}/other.env"])
def test_another_env_file_can_be_named(folder, named):
    (folder / "other.env").write_text("MCP_SERVER_PORT=18004\n")
    (folder / ".env").write_text("SAGE_LOG_LEVEL=DEBUG\n")
    paths = Paths.of({"HOME": str(folder)}, folder, named.format(folder=folder))
    settings = read_configuration(environ={}, paths=paths).require_settings()
    assert settings.server.port == 18004
    assert settings.log.level is LogLevel.INFO


def test_an_env_file_that_is_named_must_be_there(folder):
    paths = Paths.of({"HOME": str(folder)}, folder, "other.env")
    (problem,) = read_configuration(environ={}, paths=paths).problems
    assert problem.message == "does not exist"
    assert problem.origin == f"{folder}/other.env"


def test_a_path_in_a_file_counts_from_its_folder(settings_of, folder, tmp_path_factory):
    (folder / ".env").write_text("SAGE_DATA_DIR=data\nSAGE_TOKEN_FILE=token\n")
    (folder / "token").write_text("t" * 40)
    settings = settings_of(cwd=tmp_path_factory.mktemp("elsewhere"))
    assert settings.data_dir == folder / "data"
    assert settings.server.token is not None


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


def test_the_environment_that_is_given_is_read_and_no_other(paths, monkeypatch):
    monkeypatch.setenv("MCP_SERVER_PORT", "18005")
    given = read_configuration(environ={"HOME": "/home/a"}, paths=paths)
    assert given.settings.server.port == 17800
    assert read_configuration(paths=paths).settings.server.port == 18005


def test_requiring_settings_raises_with_every_problem(read):
    with pytest.raises(ConfigurationError) as caught:
        read({"MCP_SERVER_PORT": "x", "SAGE_LOG_LEVEL": "y"}).require_settings()
    assert {problem.variable for problem in caught.value.problems} == {
        "MCP_SERVER_PORT",
        "SAGE_LOG_LEVEL",
    }
    assert caught.value.__cause__ is None


def test_every_variable_is_shown_in_its_group_even_of_a_broken_configuration(read):
    values = read({"MCP_SERVER_PORT": "x"}).values
    assert [value.variable for value in values] == list(BY_NAME)
    shown = {value.variable: (value.value, value.origin, value.group) for value in values}
    assert shown["MCP_SERVER_PORT"] == ("x", "environment", "Server")
    assert shown["SAGE_MAX_RESULTS"] == ("10", "default", "Search")
    assert shown["SAGE_TOKEN"] == ("", "default", "Server")


@pytest.mark.parametrize(
    ("environ", "described"),
    [
        ({}, ""),
        (
            {"DATABASE_URL": "postgresql://u:secret@db.example.org/other?sslmode=require"},
            "database other on db.example.org:5432, named by DATABASE_URL (environment)",
        ),
        (
            {"DATABASE_URL": "postgresql:///other?host=/run/pg,::1&port=5433"},
            "database other on /run/pg:5433, [::1]:5433, named by DATABASE_URL (environment)",
        ),
        (
            {"DB_HOST": "db", "DB_NAME": "n", "DB_USER": "u", "DB_PASSWORD": "secret"},
            "database n on db:5432, named by DB_HOST (environment)",
        ),
        (
            {"SAGE_DATA_DIR": "/srv/sage"},
            "embedded database in /srv/sage, named by SAGE_DATA_DIR (environment)",
        ),
    ],
)
def test_another_database_than_the_default_is_described_with_its_origin(read, environ, described):
    assert read(environ).other_database() == described


def test_a_data_folder_of_the_command_line_needs_no_description(read):
    assert read(overrides={"SAGE_DATA_DIR": "/srv/sage"}).other_database() == ""
    assert read({"MCP_SERVER_PORT": "x", "SAGE_DATA_DIR": "/srv"}).other_database() == ""


def test_without_a_home_folder_a_tilde_is_a_name_like_any_other(folder):
    value = Value("~/a", "environment", folder)
    assert Paths(folder, None, None, None).expand(value) == folder / "~/a"


def test_relative_paths_become_absolute(folder, monkeypatch):
    monkeypatch.chdir(folder)
    environ = {"SAGE_DATA_DIR": "data", "HOME": "/home/a"}
    settings = read_configuration(environ=environ, paths=Paths.of(environ, Path())).settings
    assert settings.data_dir == folder / "data"
