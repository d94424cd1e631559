import json
import platform
import re
import shlex

import pytest
from rich.cells import cell_len

from sage import __version__
from sage.cli import synonyms
from sage.cli.migrate import status, up
from sage.cli.parsing import build_parser
from sage.cli.search import search
from sage.cli.verbs import EVERYDAY, GROUPS, VERBS
from sage.cli.views.program_name import program
from sage.domain.memories import Role
from tests.support.each import each

HEAVY = (
    "asyncio",
    "asyncpg",
    "fastapi",
    "mcp",
    "numpy",
    "pydantic",
    "rich",
    "structlog",
    "uvicorn",
)


def verbs(parser=None, path=()):
    parser = parser or build_parser()
    parser.declare()
    yield path, parser
    for name, child in parser.verbs.items():
        yield from verbs(child, (*path, name))


ALL = list(verbs())
LEAVES = [(path, parser) for path, parser in ALL if not parser.verbs]


def refusal(sage, *argv):
    """Return the two lines that refuse a command line."""
    outcome = sage(*argv)
    first, second = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (2, "")
    assert first.startswith("sage: ")
    assert second.startswith("  fix: ")
    return first.removeprefix("sage: "), second.removeprefix("  fix: ")


def test_sage_alone_says_how_to_begin(sage):
    outcome = sage()
    assert (outcome.code, outcome.err) == (0, "")
    assert len(outcome.out.splitlines()) < 12
    for line in re.findall("^  (sage .*?)  ", outcome.out, re.MULTILINE):
        assert build_parser().parse_args(shlex.split(line)[1:]).run, line


def test_help_has_the_verbs_of_every_day_on_a_small_screen(sage, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for language in ("en", "zh"):
        monkeypatch.setenv("SAGE_LANGUAGE", language)
        lines = sage("--help").out.splitlines()
        assert len(lines) <= 24
        assert max(map(cell_len, lines)) <= 80
    assert sage("help") == sage("--help")


def test_help_of_all_names_every_verb_in_its_group_and_every_exit_code(sage):
    outcome = sage("help", "--all")
    assert outcome.code == 0
    assert all(f" {verb} " in outcome.out for verb in VERBS)
    assert all(f"  {group} " in outcome.out for group in GROUPS)
    assert all(f"{code} " in outcome.out for code in (0, 1, 2, 78, 130))
    assert EVERYDAY.keys() <= VERBS.keys()
    assert sum(map(len, GROUPS.values())) == len(VERBS)


def test_help_of_a_verb_is_its_own(sage):
    assert sage("help", "config", "check") == sage("config", "check", "--help")
    assert sage("help", "find").out == sage("search", "--help").out


@each(("path", "parser"), ALL)
def test_no_line_of_help_is_wider_than_the_terminal(path, parser, monkeypatch):
    for columns in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = parser.format_help().splitlines()
        assert lines[0].startswith(" ".join(("usage: sage", *path)))
        assert [line for line in lines if len(line) > columns] == []


def test_the_help_of_connect_lists_each_client_once(sage):
    assert sage("connect", "--help").out.count("claude-desktop") == 1


def test_the_example_of_config_env_works_where_there_is_an_env(sage, tmp_path):
    (tmp_path / ".env").write_text("")
    *_, example = sage("config", "env", "--help").out.splitlines()
    assert sage(*example.split()[1:]).code == 0


def test_a_group_without_its_verb_prints_its_help(sage):
    outcome = sage("config")
    assert outcome.code == 2
    assert all(name in outcome.err for name in ("show", "check", "env"))


@each(("path", "parser"), LEAVES)
def test_every_verb_has_work_to_do_and_examples_that_parse(path, parser, sage):
    assert callable(parser.get_default("run"))
    outcome = sage(*path, "--help")
    assert outcome.code == 0
    examples = parser.epilog.splitlines()[1:]
    assert examples
    for example in examples:
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
def test_a_wrong_command_line_is_refused_in_two_lines(sage, argv):
    refusal(sage, *argv)


@pytest.mark.parametrize(
    ("argv", "wrong", "meant"),
    [
        (("serach", "tea"), "serach", "did you mean `sage search`?"),
        (("space", "rm", "x"), "rm", "did you mean `sage space erase`?"),
        (("config", "chek"), "chek", "did you mean `sage config check`?"),
        (("search", "tea", "--sesion", "x"), "--sesion", "did you mean --session?"),
        (("search", "--sesion", "x"), "--sesion", "did you mean --session?"),
        (("--data-dri", "/a", "search", "tea"), "--data-dri", "did you mean --data-dir?"),
        (("--data-dir", "/a", "statz"), "statz", "did you mean `sage stats`?"),
        (("bench", "quality", "--mergd"), "--mergd", "did you mean --merged?"),
    ],
)
def test_a_misspelt_verb_or_option_is_guessed(sage, argv, wrong, meant):
    first, second = refusal(sage, *argv)
    assert first.startswith((f"{wrong} is not an option of", f"{wrong!r} is not a command of"))
    assert second.startswith(meant)


@each("argv", [("xyzzy",), ("list", "--jason-file")])
def test_what_is_like_nothing_is_not_guessed(argv, sage):
    assert "did you mean" not in "".join(refusal(sage, *argv))


def test_other_words_for_a_verb_run_it_where_that_deletes_nothing():
    destructive = {"forget", "erase", "restore", "scan", "migrate", "reembed"}
    assert not destructive & {*synonyms.RUN.values()}
    assert not {*synonyms.RUN, *synonyms.HINTS} & VERBS.keys()
    assert not synonyms.RUN.keys() & synonyms.HINTS.keys()
    for word, verb in synonyms.RUN.items():
        assert verb in VERBS, word
    args = build_parser().parse_args(["--data-dir", "/a", "find", "tea", "-n", "3"])
    assert (args.run, args.query, args.n) == (search, "tea", 3)


@each("word", synonyms.HINTS)
def test_words_that_stand_for_no_verb_lead_to_commands_that_there_are(word, sage):
    first, second = refusal(sage, word, "x")
    assert first.startswith(f"{word!r} is not a command of")
    assert "did you mean" not in second
    for command in re.findall("`sage ([^`]+)`", str(synonyms.HINTS[word])):
        assert build_parser().parse_args(command.replace("NAME", "codex").split()).run


@each(
    ("argv", "instead"),
    [
        (("list", "--forgotten"), "`sage forgotten` lists"),
        (("space", "export", "team", "team.jsonl"), "`sage export --space NAME > FILE` writes"),
    ],
)
def test_what_there_was_leads_to_what_does_the_same(argv, instead, sage):
    _, second = refusal(sage, *argv)
    assert second.startswith(instead.replace("`sage", f"`{program()}"))


def test_a_question_without_quotes_is_told_to_take_some(sage):
    first, second = refusal(sage, "search", "green", "tea")
    assert first == "unexpected argument 'tea'"
    assert "quotes" in second


@pytest.mark.parametrize("argv", [("search",), ("search", "-n", "3")])
def test_what_is_missing_is_named_with_an_example(sage, argv):
    first, second = refusal(sage, *argv)
    assert first == "QUERY is missing"
    assert 'search "' in second


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
    assert (args.SAGE_DATA_DIR, args.SAGE_LOG_LEVEL) == ("/a", "DEBUG")


@pytest.mark.parametrize("argv", [("migrate", "--json", "status"), ("migrate", "status", "--json")])
def test_json_is_asked_for_on_either_side_of_an_inner_verb(argv):
    args = build_parser().parse_args(argv)
    assert args.json
    assert args.run is status


def test_migrate_alone_migrates():
    assert build_parser().parse_args(["migrate"]).run is up


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
    assert program().code == 0


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
