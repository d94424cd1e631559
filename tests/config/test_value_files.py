import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.config.sources import MAX_FILE_BYTES
from sage.config.variables import VARIABLES
from tests.support.accounts import ordinary_user
from tests.support.each import each

TOKEN = "t" * 40


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_a_value_is_read_from_a_file_without_the_line_break_at_its_end(settings_of, folder, ending):
    (folder / "password").write_bytes(b" p w " + ending.encode())
    environ = {"DB_HOST": "db", "DB_NAME": "n", "DB_USER": "u", "DB_PASSWORD_FILE": "password"}
    assert settings_of(environ).database.dsn.get_secret_value() == (
        "postgresql://u:%20p%20w%20@db:5432/n"
    )


@each("variable", VARIABLES)
def test_every_variable_can_be_given_as_a_file(read, folder, variable):
    (folder / "value").write_text("not a good value of any kind")
    found = read({f"{variable.name}_FILE": "value"})
    (value,) = [value for value in found.values if value.variable == variable.name]
    assert value.origin == "environment, file value"


def test_the_origin_names_the_layer_and_the_file(read, folder):
    (folder / "token").write_text(TOKEN)
    (folder / ".env").write_text("\nSAGE_TOKEN_FILE=token\n")
    (value,) = [value for value in read().values if value.variable == "SAGE_TOKEN"]
    assert value.origin == f"{folder}/.env line 2, file token"


def test_both_in_one_layer_is_a_problem(errors_of, folder):
    (folder / "token").write_text(TOKEN)
    problem = errors_of({"SAGE_TOKEN": TOKEN, "SAGE_TOKEN_FILE": "token"})["SAGE_TOKEN_FILE"]
    assert "but so is SAGE_TOKEN" in problem.message


def test_in_two_layers_the_higher_one_counts(settings_of, folder):
    (folder / "token").write_text("f" * 40)
    (folder / ".env").write_text(f"SAGE_TOKEN={TOKEN}\n")
    token = settings_of({"SAGE_TOKEN_FILE": "token"}).server.token
    assert token.get_secret_value() == "f" * 40


def write_nul(path):
    path.write_bytes(b"a\0b")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.with_name("other").touch(), "does not exist"),
        (lambda path: path.mkdir(), "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"\n"), "is empty"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8"),
        (write_nul, "NUL"),
        (lambda path: path.write_bytes(b"x" * (MAX_FILE_BYTES + 1)), "is larger"),
        (lambda path: path.symlink_to(path), "does not exist"),
    ],
)
def test_a_file_that_gives_no_value_is_a_problem(errors_of, folder, make, reason):
    make(folder / "token")
    errors = errors_of({"SAGE_TOKEN_FILE": "token", "MCP_SERVER_HOST": "0.0.0.0"})
    assert list(errors) == ["SAGE_TOKEN_FILE"]
    assert reason in errors["SAGE_TOKEN_FILE"].message
    assert errors["SAGE_TOKEN_FILE"].origin == "environment"


@pytest.fixture
def reachable():
    """Give a folder that every user may read."""
    with tempfile.TemporaryDirectory(prefix="sage-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_file_without_permission_is_a_problem(reachable):
    (reachable / "token").write_text(TOKEN)
    (reachable / "token").chmod(0)
    paths = replace(Paths.of({"HOME": str(reachable)}, reachable), own=reachable)
    with ordinary_user():
        found = read_configuration(environ={"SAGE_TOKEN_FILE": "token"}, paths=paths)
    (problem,) = found.problems
    assert problem.variable == "SAGE_TOKEN_FILE"
    assert problem.message == "is token, which cannot be read (Permission denied)"


def test_a_path_that_is_no_path_is_a_problem(errors_of, folder):
    (folder / ".env").write_text('SAGE_TOKEN_FILE="a\0b"\n')
    assert errors_of()
    (folder / ".env").write_text("SAGE_TOKEN_FILE=" + "x" * 5_000 + "\n")
    assert "cannot be read" in errors_of()["SAGE_TOKEN_FILE"].message
