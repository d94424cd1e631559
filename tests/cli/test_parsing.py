import json
import platform

import pytest

from sage import __version__
from sage.cli.parsing import build_parser
from sage.cli.verbs import VERBS, load_action
from sage.domain.memories import Role

HEAVY = ("asyncio", "asyncpg", "fastapi", "mcp", "numpy", "pydantic", "structlog", "uvicorn")


def leaves(verbs=VERBS, path=()):
    for verb in verbs:
        here = (*path, verb.name)
        if verb.verbs:
            yield from leaves(verb.verbs, here)
        else:
            yield here, verb


LEAVES = [pytest.param(path, verb, id=" ".join(path)) for path, verb in leaves()]


def test_without_a_verb_help_is_printed_and_the_usage_is_wrong(sage):
    outcome = sage()
    assert outcome.code == 2
    assert outcome.out == ""
    assert all(verb.name in outcome.err for verb in VERBS)


def test_help_names_every_verb_and_every_exit_code(sage):
    outcome = sage("--help")
    assert outcome.code == 0
    assert all(f"    {verb.name} " in outcome.out for verb in VERBS)
    assert all(f"{code} " in outcome.out for code in (0, 1, 2, 78, 130))


def test_a_group_without_its_verb_prints_its_help(sage):
    outcome = sage("config")
    assert outcome.code == 2
    assert all(name in outcome.err for name in ("show", "check", "env"))


@pytest.mark.parametrize(("path", "verb"), LEAVES)
def test_every_verb_has_work_to_do_and_examples_that_parse(path, verb, sage):
    assert callable(load_action(verb.work))
    outcome = sage(*path, "--help")
    assert outcome.code == 0
    assert verb.summary[1:20] in outcome.out
    assert verb.examples
    for example in verb.examples:
        assert example in outcome.out
        assert f"sage {' '.join(path)}" in example


@pytest.mark.parametrize(
    "argv",
    [
        ("unknown",),
        ("serve", "--unknown"),
        ("search",),
        ("search", "tea", "-n", "many"),
        ("search", "tea", "--role", "nobody"),
        ("search", "tea", "--data", "/tmp"),
        ("version", "--log-level", "LOUD"),
        ("config", "unknown"),
    ],
)
def test_a_wrong_command_line_is_explained_with_code_2(sage, argv):
    outcome = sage(*argv)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "error:" in outcome.err


@pytest.mark.parametrize(
    "argv",
    [
        ("--data-dir", "/a", "--log-level", "debug", "stats"),
        ("stats", "--data-dir", "/a", "--log-level", "DEBUG"),
        ("--data-dir", "/a", "stats", "--log-level", "Debug"),
        ("--data-dir", "/b", "stats", "--data-dir", "/a", "--log-level", "DEBUG"),
    ],
)
def test_options_for_every_verb_stand_before_or_after_it(argv):
    args = build_parser().parse_args(argv)
    assert (args.data_dir, args.log_level) == ("/a", "DEBUG")


@pytest.mark.parametrize("argv", [("migrate", "--json", "status"), ("migrate", "status", "--json")])
def test_json_is_asked_for_on_either_side_of_an_inner_verb(argv):
    args = build_parser().parse_args(argv)
    assert args.json
    assert args.work == "migrate:status"


def test_migrate_alone_migrates():
    assert build_parser().parse_args(["migrate"]).work == "migrate:up"


def test_every_role_can_be_searched_for():
    for role in Role:
        assert build_parser().parse_args(["search", "tea", "--role", role]).role == role


def test_version_is_told_to_people_and_to_machines(sage):
    assert sage("version").out == f"sage {__version__}\n"
    assert sage("--version") == sage("version")
    expected = {"sage": __version__, "python": platform.python_version()}
    assert json.loads(sage("version", "--json").out) == expected


def test_the_module_and_the_console_script_are_the_same(program):
    outcome = program("version")
    assert (outcome.code, outcome.out) == (0, f"sage {__version__}\n")
    outcome = program()
    assert outcome.code == 2


@pytest.mark.parametrize("verb", ["version", "--help", "healthcheck"])
def test_what_must_start_fast_loads_nothing_heavy(verb, program):
    code = f"""
import sys
from sage.cli.main import main
main([{verb!r}])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    outcome = program(interpreted=code)
    assert outcome.code == 0
    assert outcome.err.splitlines()[-1] == "[]"
