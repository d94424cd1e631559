from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.config.container import Container
from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.config.variables import VARIABLES

NOWHERE = Container(detected=False)
NAMES = st.sampled_from([variable.name for variable in VARIABLES])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
PUNCTUATION = st.text("ab1:/@[]?#%.,*=-~ \n'\"")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("room")


def judge(environ, folder, overrides=None):
    environ = {"HOME": str(folder)} | environ
    paths = replace(Paths.of(environ, folder), own=folder)
    found = read_configuration(environ=environ, paths=paths, overrides=overrides, container=NOWHERE)
    wrong = [problem for problem in found.problems if not problem.warning]
    assert (found.settings is None) == bool(wrong)
    assert len(found.values) == len(VARIABLES)
    for problem in found.problems:
        assert problem.message
        assert problem.hint
        assert str(problem).isprintable()


@given(environ=st.dictionaries(NAMES, st.text(st.characters()) | PUNCTUATION))
def test_any_text_in_variables_is_judged(room, environ):
    judge({name: value for name, value in environ.items() if name != "SAGE_CONFIG"}, room)


@given(overrides=st.dictionaries(NAMES, ANYTHING))
def test_any_value_in_overrides_is_judged(room, overrides):
    judge({}, room, overrides)


@given(data=st.binary())
@pytest.mark.parametrize("file", [".env", "sage.toml"])
def test_any_bytes_in_a_file_are_judged(tmp_path_factory, file, data):
    folder = tmp_path_factory.mktemp("folder")
    (folder / file).write_bytes(data)
    judge({}, folder)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 30_000,
        "a = " + "9" * 10_000,
        ".".join("a" * 10_000) + " = 1",
        "[server.port]\nx = 1\n",
        "[[server]]\nport = 1\n",
        "[server.port.x.y]\n",
    ],
)
def test_extreme_toml_is_judged(folder, text):
    (folder / "sage.toml").write_text(text)
    judge({}, folder)


@pytest.mark.parametrize("name", ["SAGE_DATA_DIR", "SAGE_CONFIG", "SAGE_TOKEN_FILE", "HOME"])
@pytest.mark.parametrize("path", ["x" * 300, "x/" * 3_000, "\ud800", "/proc/1/mem/x", "~nobody/x"])
def test_paths_that_cannot_be_looked_at_are_judged(folder, name, path):
    judge({name: path}, folder)


def test_a_data_folder_that_may_not_be_looked_into_is_judged(folder):
    (folder / "closed").mkdir(mode=0)
    judge({"SAGE_DATA_DIR": "closed/data"}, folder)
