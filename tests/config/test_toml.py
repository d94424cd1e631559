import pytest

from tests.support.each import each


def write(folder, text):
    (folder / "sage.toml").write_text(text)


def test_settings_stand_in_tables_or_under_the_names_of_variables(settings_of, folder):
    write(
        folder,
        """
        env = "staging"
        MCP_SERVER_PORT = 18001
        [server]
        allowed_hosts = ["sage.example.org"]
        [search]
        similarity_threshold = 0.25
        """,
    )
    settings = settings_of()
    assert settings.env == "staging"
    assert settings.server.port == 18001
    assert settings.server.allowed_hosts == ("sage.example.org",)
    assert settings.search.similarity_threshold == 0.25


def test_a_file_that_is_not_toml_is_a_problem_with_its_line(errors_of, folder):
    write(folder, '[server]\nport = 18000\ntoken = "secret\n')
    problem = errors_of()["SAGE_CONFIG"]
    assert problem.origin == f"{folder}/sage.toml line 3"
    assert "secret" not in str(problem)


@pytest.mark.parametrize("named", ["missing.toml", "folder"])
def test_a_file_that_was_named_must_be_there(errors_of, folder, named):
    (folder / "folder").mkdir()
    problem = errors_of({"SAGE_CONFIG": named})["SAGE_CONFIG"]
    assert str(folder / named) in problem.origin


def test_without_a_file_there_is_no_problem(read):
    assert not read().problems


@each(
    ("text", "variable"),
    [
        ('[server]\nport = "eighty"\n', "MCP_SERVER_PORT"),
        ("[server]\nport = 17800.5\n", "MCP_SERVER_PORT"),
        ("[server]\nport = true\n", "MCP_SERVER_PORT"),
        ("[server]\nport = [1]\n", "MCP_SERVER_PORT"),
        ("[server]\nport = 2020-01-01\n", "MCP_SERVER_PORT"),
        ("[server]\nhost = 127\n", "MCP_SERVER_HOST"),
        ('[server]\nallowed_hosts = ["a", 1]\n', "SAGE_ALLOWED_HOSTS"),
        ("[server]\nallowed_hosts = 1\n", "SAGE_ALLOWED_HOSTS"),
        ("[log]\nlevel = 10\n", "SAGE_LOG_LEVEL"),
        ("[search]\nsimilarity_threshold = nan\n", "SAGE_SIMILARITY_THRESHOLD"),
        ('data_dir = "a\\u0000b"\n', "SAGE_DATA_DIR"),
        ("data_dir = 5\n", "SAGE_DATA_DIR"),
        ("data_dir = true\n", "SAGE_DATA_DIR"),
        ("env = 1\n", "SAGE_ENV"),
        ("[database]\npassword = 5\n", "DB_PASSWORD"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_problem(errors_of, folder, text, variable):
    write(folder, text)
    problem = errors_of()[variable]
    assert str(folder / "sage.toml") in problem.origin


def test_a_setting_given_twice_is_a_problem(errors_of, folder):
    write(folder, "MCP_SERVER_PORT = 18000\n[server]\nport = 18001\n")
    assert "MCP_SERVER_PORT" in errors_of()["MCP_SERVER_PORT"].message


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("[server]\nprot = 1\n", "server.prot", "server.port"),
        ("SAGE_LOG_LEVL = 'info'\n", "SAGE_LOG_LEVL", "SAGE_LOG_LEVEL"),
        ("[search]\nmax_result = 1\n", "search.max_result", "search.max_results"),
        ("[garden]\ntree = 1\n", "garden.tree", None),
        ("server = 5\n", "server", None),
    ],
)
def test_an_unknown_key_is_a_warning_that_guesses(warnings_of, folder, text, key, meant):
    write(folder, text)
    problem = warnings_of()[key]
    if meant:
        assert meant in problem.hint
    else:
        assert "Did you mean" not in problem.hint


def test_a_key_may_name_a_file_with_the_value(settings_of, folder):
    (folder / "token").write_text("t" * 40 + "\n")
    write(folder, '[server]\ntoken_file = "token"\n')
    assert settings_of().server.token.get_secret_value() == "t" * 40


@pytest.mark.parametrize("key", ["SAGE_CONFIG", "SAGE_CONFIG_FILE"])
def test_a_file_cannot_send_to_another(errors_of, folder, key):
    write(folder, f'{key} = "other.toml"\n')
    assert "environment" in errors_of()[key].hint
