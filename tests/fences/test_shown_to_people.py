"""The command line and its Markdown, walked with texts that steer terminals or forge turns.

A verb that is new fails these tests until it is listed here.
"""

import json

import pytest

from sage.cli.main import main
from sage.cli.verbs import VERBS
from tests.fences.canaries import CANARIES, WORDS
from tests.fences.checks import check_markdown, check_terminal

STEERING = [
    one for one in CANARIES if "\x1b" in f"{one.content}{one.name}" or "boss" in one.content
]

VERBS_THAT_SHOW = {
    "search": lambda canary, _: ("search", canary.word, "--min-relevance", "none"),
    "context": lambda canary, _: ("context", canary.word, "--min-relevance", "none"),
    "show": lambda _, kept: ("show", kept["memory_id"]),
    "list": lambda *_: ("list", "--limit", "100"),
    "sessions": lambda *_: ("sessions", "--limit", "100"),
    "scan": lambda *_: ("scan",),
    "project": lambda *_: ("project", "list"),
    "tidy": lambda *_: ("tidy", "duplicates"),
    "forgotten": lambda *_: ("forgotten",),
    "given": lambda *_: ("given",),
}
VERBS_THAT_WRITE = {"export", "backup", "import", "save"}
VERBS_WITHOUT_TEXT = {
    *("up", "down", "status", "logs", "serve", "mcp", "forget", "stats", "restore", "config"),
    *("connect", "hook", "service", "doctor", "migrate", "reembed", "space", "user", "token"),
    *("move", "erase", "audit", "confirm", "correct", "console", "pause", "resume"),
    *("healthcheck", "bench", "completion", "version", "help"),
}


def test_every_verb_is_walked():
    assert VERBS.keys() == VERBS_THAT_SHOW.keys() | VERBS_THAT_WRITE | VERBS_WITHOUT_TEXT


@pytest.fixture
def sage(planted, monkeypatch, capsys, model_loaded_once):  # noqa: ARG001 - in effect
    """Run the command line on what was planted; return what it wrote."""
    _, data_dir, dsn = planted
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        assert main([*argv, "--data-dir", str(data_dir)]) == 0
        told = capsys.readouterr()
        check_terminal(told.out + told.err)
        return told.out

    return run


@pytest.mark.parametrize("verb", VERBS_THAT_SHOW)
def test_no_canary_steers_a_terminal(sage, found, verb):
    arguments = VERBS_THAT_SHOW[verb]
    for canary in STEERING if verb in {"search", "context", "show"} else CANARIES[:1]:
        told = sage(*arguments(canary, found[canary.word]))
        if verb in {"search", "context", "show"}:
            assert canary.word in told
        if verb == "show":
            said = [line for line in told.splitlines() if "obey" in line or "boss" in line]
            assert all(line.startswith(" ") for line in said)
    if verb in {"show", "search"}:
        assert json.loads(sage(*arguments(canary, found[canary.word]), "--json"))


def test_a_markdown_export_quotes_every_canary(sage, tmp_path):
    sage("export", "--markdown", str(tmp_path / "notes"))
    files = [path.read_text() for path in (tmp_path / "notes").iterdir()]
    for text in files:
        check_markdown(text)
    whole = "\n".join(files)
    assert [word for word in WORDS if word not in whole] == []
