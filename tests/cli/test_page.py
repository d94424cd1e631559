"""docs/cli.md and the parser tell the same."""

import re
import shlex
from pathlib import Path

from sage.cli.parsing import build_parser
from tests.support.each import each

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
COMMANDS = [
    line.split("|")[-1].split(" -- ")[-1].split(" > ")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
GENERAL = {"-h", "--help", "--data-dir", "--env-file", "--log-level", "--json", "--space"}
GENERAL |= {"-y", "--yes", "-n", "--limit", "--cursor"}
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^###? |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def parsers(parser=None, path=()):
    """Return every verb with its parser."""
    parser = parser or build_parser()
    parser.declare()
    found = {path: parser} if path else {}
    for name, child in parser.verbs.items():
        found |= parsers(child, (*path, name))
    return found


def options_of(parser):
    """Return the options that a verb takes."""
    actions = parser._actions  # noqa: SLF001 - argparse tells in no other way
    return {option for action in actions for option in action.option_strings}


def options_in(text):
    """Return the options that a text names."""
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))


ALL = parsers()


@each("command", COMMANDS)
def test_every_command_on_the_page_is_understood(command):
    program, *argv = shlex.split(command)
    assert program == "sage"
    assert build_parser().parse_args(argv).run


@each("name", sorted({path[0] for path in ALL}))
def test_the_table_links_to_every_verb(name):
    assert re.search(rf"^\|[^|]*\|[^|]*\[`{name}`\]\(#{name}\)", PAGE, re.MULTILINE)


@each("path", [path for path in ALL if len(path) > 1])
def test_every_inner_verb_stands_in_the_section_of_its_outer_one(path):
    outer, inner = path
    assert re.search(rf"`{inner}`|\b{outer} {inner}\b", SECTIONS[outer])


@each("path", [path for path in ALL if path != ("version",)])
def test_every_option_is_explained_in_the_section_of_its_verb(path):
    assert options_of(ALL[path]) - GENERAL <= options_in(SECTIONS[path[0]])


def test_the_options_of_many_verbs_are_explained_before_the_verbs():
    assert GENERAL - {"-h"} <= options_in(PAGE.partition("\n### search\n")[0])


def test_the_page_names_no_option_that_is_not_there():
    options = options_of(build_parser()).union(*map(options_of, ALL.values()))
    page = re.sub("^claude .*$", "", PAGE, flags=re.MULTILINE)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page)) <= options
