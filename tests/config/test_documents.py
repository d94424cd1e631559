import re
import shutil
import subprocess

import pytest

from sage.config.dotenv import Assignment, parse_dotenv
from sage.config.reference import render_env_example
from sage.config.variables import VARIABLES
from sage.phrases.language import said
from tests.architecture.sources import ROOT
from tests.config.documents import PAGES, documents
from tests.support.each import each


def test_every_variable_has_a_name_and_a_place_of_its_own():
    assert [variable.name for variable in VARIABLES if not variable.path] == ["SAGE_CONFIG"]
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)
    assert len({variable.path for variable in VARIABLES}) == len(VARIABLES)
    assert all(re.fullmatch("[A-Z]+(_[A-Z]+)+", variable.name) for variable in VARIABLES)


def test_variables_of_a_group_stand_together():
    groups = [variable.group for variable in VARIABLES]
    assert sorted(groups, key=groups.index) == groups


def test_what_is_made_from_the_settings_is_up_to_date():
    old = [str(file) for file, text in documents().items() if file.read_text() != text]
    assert not old, "run `python -m tests.config.documents`"


def test_the_compose_file_hands_on_every_setting_but_those_the_container_decides():
    """A variable that someone writes into .env must count there, too."""
    compose = (ROOT / "docker-compose.yml").read_text()
    handed_on = {
        name.removesuffix("_FILE") for name in re.findall(r"(?m)^ {6}([A-Z_]+): ", compose)
    }
    decided = {"DATABASE_URL", "DATABASE_READ_URL", "DB_PORT"}  # one database
    decided |= {
        "SAGE_CONFIG",
        "MCP_SERVER_HOST",
        "MCP_SERVER_PORT",
        "SAGE_DATA_DIR",
    }  # in the image
    decided |= {"SAGE_BACKUP_DIR"}
    decided |= {"SAGE_MOVE_FROM", "SAGE_MOVE_TO", "SAGE_RESTORE_INTO"}  # of one command each
    assert {variable.name for variable in VARIABLES} - decided - handed_on == set()


def test_the_example_sets_every_variable_to_nothing(read, folder):
    text = render_env_example()
    names = [variable.name for variable in VARIABLES]
    assert [item.name for item in parse_dotenv(text)] == names
    assert all(item == Assignment(item.line, item.name, "") for item in parse_dotenv(text))
    before = [value[:2] for value in read().values]
    (folder / ".env").write_text(text)
    assert not read().problems
    assert [value[:2] for value in read().values] == before


def test_the_example_explains_every_variable_in_lines_that_fit():
    lines = render_env_example().splitlines()
    for number, line in enumerate(lines):
        assert len(line) <= 100
        if not line.startswith("#") and line:
            assert lines[number - 1].startswith("# ")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing, to read it with")
def test_the_example_can_be_read_by_a_shell(tmp_path):
    (tmp_path / "env").write_text(render_env_example())
    subprocess.run(["bash", "-eu", "-c", ". ./env"], cwd=tmp_path, check=True)


@each("page", PAGES.values())
def test_every_table_of_a_reference_page_is_made(page):
    made = re.findall(r"<!-- made by tests.config.documents: (\w+) -->\n[|#]", page.read_text())
    assert made == ["profiles", "settings", "former"]


@each("language", PAGES)
@each("variable", VARIABLES)
def test_the_reference_has_a_row_with_choices_and_meaning(variable, language):
    text = PAGES[language].read_text()
    (row,) = re.findall(rf"^\| `{variable.name}` \|.*$", text, re.MULTILINE)
    assert said(variable.summary, language) in row
    assert all(choice in row for choice in variable.choices)
    assert (said("Secret.", language) in row) == variable.is_secret
    assert not variable.path or f"`{variable.path}`" in row


@each("variable", [variable for variable in VARIABLES if variable.example])
def test_every_example_is_a_value_that_is_taken(read, folder, variable):
    (folder / "sage.toml").touch()
    example = str(folder / "sage.toml") if variable.name == "SAGE_CONFIG" else variable.example
    primary = "postgresql://sage:PASSWORD@db.example.org:5432/sage"
    needed = {"DATABASE_URL": primary} if variable.name == "DATABASE_READ_URL" else {}
    refused = [
        problem
        for problem in read({variable.name: example} | needed).problems
        if problem.variable == variable.name and not problem.warning
    ]
    assert not refused


@each("language", PAGES)
def test_the_toml_of_the_reference_is_good(read, folder, language):
    text = PAGES[language].read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    token = folder / "sage_token"
    token.write_text("t" * 40)
    (folder / "sage.toml").write_text(example.replace("/run/secrets/sage_token", str(token)))
    assert not read().problems
    assert read().settings.server.port == 17801
