"""docs/cli.md and the parser tell the same."""

import re
import shlex
from pathlib import Path

import pytest

from sage.cli.parsing import build_parser
from sage.cli.verbs import VERBS

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
COMMANDS = [
    line.split("|")[-1].split(" -- ")[-1].split(" > ")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def actions_of(*path):
    """Give what a verb takes."""
    parser = build_parser()
    for name in path:
        parser = next(a for a in _actions(parser) if isinstance(a.choices, dict)).choices[name]
    return _actions(parser)


def _actions(parser):
    return parser._actions  # noqa: SLF001 - argparse tells in no other way


def paths(verbs=VERBS, above=()):
    for verb in verbs:
        yield (*above, verb.name)
        yield from paths(verb.verbs, (*above, verb.name))


ALL = list(paths())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_the_page_is_understood(command):
    program, *argv = shlex.split(command)
    assert program == "sage"
    assert build_parser().parse_args(argv).work


@pytest.mark.parametrize("path", [path for path in ALL if path not in {("config",), ("migrate",)}])
def test_every_verb_stands_in_the_table(path):
    assert re.search(rf"^\| \[?`{' '.join(path)}`", PAGE, re.MULTILINE)


@pytest.mark.parametrize("path", [path for path in ALL if path != ("version",)])
def test_every_option_is_explained_in_the_section_of_its_verb(path):
    general = {"-h", "--help", "--data-dir", "--log-level", "--json"}
    options = {option for action in actions_of(*path) for option in action.option_strings}
    told = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", SECTIONS[path[0]]))
    assert options - general <= told


def test_the_page_names_no_option_that_is_not_there():
    options = {
        option
        for path in [(), *ALL]
        for action in actions_of(*path)
        for option in action.option_strings
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= options
