import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import BaseModel

from sage.config.dotenv import Assignment, parse_dotenv
from sage.config.fields import choices_of, is_secret
from sage.config.reference import render_env_example, render_reference
from sage.config.settings import Settings
from sage.config.variables import VARIABLES
from tests.support.each import each

ROOT = Path(__file__).parents[2]


def paths_of(model, prefix=""):
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from paths_of(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_every_setting_has_one_variable_and_every_variable_a_setting():
    paths = [variable.path for variable in VARIABLES if variable.path]
    assert sorted(paths) == sorted(paths_of(Settings))
    assert [variable.name for variable in VARIABLES if not variable.path] == ["SAGE_CONFIG"]
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


def test_variables_of_a_group_stand_together():
    groups = [variable.group for variable in VARIABLES]
    assert sorted(groups, key=groups.index) == groups


@pytest.mark.parametrize(
    ("file", "render"),
    [(".env.example", render_env_example), ("docs/configuration.md", render_reference)],
)
def test_the_document_in_the_tree_is_the_one_the_list_gives(file, render):
    name = f"sage.config.reference import {render.__name__}"
    remake = f"python -c 'from {name} as r; print(r(), end=\"\")' > {file}"
    assert (ROOT / file).read_text() == render(), f"make it anew: {remake}"


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


@each("variable", VARIABLES)
def test_the_reference_has_a_row_with_default_choices_and_meaning(variable):
    (row,) = re.findall(rf"^\| `{variable.name}` \|.*$", render_reference(), re.MULTILINE)
    assert variable.summary in row
    assert all(choice in row for choice in choices_of(variable))
    assert ("Secret." in row) == is_secret(variable)
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


def test_the_toml_of_the_reference_is_good(read, folder):
    (example,) = re.findall(r"```toml\n(.*?)```", render_reference(), re.DOTALL)
    token = folder / "sage_token"
    token.write_text("t" * 40)
    (folder / "sage.toml").write_text(example.replace("/run/secrets/sage_token", str(token)))
    assert not read().problems
    assert read().settings.server.port == 17801
