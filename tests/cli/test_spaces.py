"""`--space` and `SAGE_SPACE`: which memories a command reads and writes."""

import json

import pytest

VERBS = [
    ("save", "Where do herons nest?", "By the mill."),
    ("search", "herons"),
    ("context", "herons"),
    ("list",),
    ("sessions",),
    ("show", "birds"),
    ("forget", "--session", "birds", "--yes"),
    ("stats",),
    ("export",),
]


@pytest.fixture
def birds(here):
    """Run the command line where the space `team` holds one session and `default` nothing."""
    assert here("space", "create", "team").code == 0
    assert here("save", "Where?", "By the mill.", "--session", "birds", "--space", "team").code == 0
    return here


def read(outcome):
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_an_unknown_space_is_told_with_the_names_there_are(birds, verb):
    outcome = birds(*verb, "--space", "taem")
    assert (outcome.code, outcome.out) == (1, "")
    assert "space 'taem' does not exist" in outcome.err
    assert "use one of default, team" in outcome.err


def test_every_verb_reads_and_writes_the_space_that_is_named(birds):
    there = ("--space", "team")
    assert len(read(birds("list", "--json", *there))["memories"]) == 2
    assert len(read(birds("sessions", "--json", *there))["sessions"]) == 1
    assert len(read(birds("show", "birds", "--json", *there))["memories"]) == 2
    assert (
        read(birds("search", "mill", "--json", *there))["results"][0]["content"] == "By the mill."
    )
    assert "By the mill." in read(birds("context", "mill", "--json", *there))["context"]
    assert read(birds("stats", "--json", *there))["memories"] == 2
    assert len(birds("export", *there).out.splitlines()) == 2
    assert read(birds("forget", "--session", "birds", "--json", *there))["forgotten"] == 2
    assert read(birds("stats", "--json", *there))["memories"] == 0


def test_other_spaces_are_not_touched(birds):
    assert read(birds("list", "--json"))["memories"] == []
    assert read(birds("stats", "--json"))["memories"] == 0
    assert birds("show", "birds").code == 1
    assert birds("forget", "--session", "birds").code == 1
    assert read(birds("search", "mill", "--json"))["results"] == []


def test_a_variable_names_the_space_unless_the_option_does(birds, monkeypatch):
    monkeypatch.setenv("SAGE_SPACE", "team")
    assert read(birds("stats", "--json"))["memories"] == 2
    assert len(birds("export").out.splitlines()) == 2
    assert read(birds("stats", "--json", "--space", "default"))["memories"] == 0
    monkeypatch.setenv("SAGE_SPACE", "nowhere")
    outcome = birds("stats")
    assert (outcome.code, outcome.out) == (1, "")
    assert "space 'nowhere' does not exist" in outcome.err


def test_the_next_page_is_of_the_same_space(birds):
    shown = birds("list", "--limit", "1", "--space", "team")
    command = shown.err.splitlines()[-1].split()
    assert command[-2:] == ["--space", "team"]
    again = command[command.index("list") :]
    assert len(read(birds(*again, "--json"))["memories"]) == 1


def test_a_renamed_space_is_exported_and_imported_by_its_name(birds, tmp_path):
    file = tmp_path / "team.jsonl"
    before = birds("export", "--space", "team").out
    assert birds("space", "rename", "team", "herons").code == 0
    after = birds("export", "--space", "herons").out
    assert {json.loads(line)["space"] for line in after.splitlines()} == {"herons"}
    for lines in (before, after):
        file.write_text(lines)
        assert read(birds("import", file, "--json"))["there"] == 2
        for name in ("herons", "team"):
            assert read(birds("import", file, "--space", name, "--json"))["there"] == 2
    line = {"role": "user", "content": "Kingfishers, too.", "session_id": "birds"}
    file.write_text(json.dumps(line))
    assert read(birds("import", file, "--space", "herons", "--json"))["added"] == 1
    assert [one["name"] for one in read(birds("space", "list", "--json"))] == ["default", "herons"]
    assert read(birds("stats", "--json", "--space", "herons"))["memories"] == 3


@pytest.mark.parametrize("verb", ["search", "context"])
def test_all_spaces_are_searched_and_named(birds, verb):
    assert birds("save", "Which pond?", "By the mill pond.", "--session", "pond").code == 0
    told = birds(verb, "mill", "--space", "*", "--min-relevance", "none")
    assert told.code == 0
    for space, said in (("team", "By the mill."), ("default", "By the mill pond.")):
        assert f"space {space}" in told.out
        assert said in told.out
    answer = read(birds(verb, "mill", "--space", "*", "--json", "--min-relevance", "none"))
    listed = answer["results" if verb == "search" else "memories"]
    assert {one["space"] for one in listed} == {"team", "default"}
    assert "space" not in birds(verb, "mill", "--min-relevance", "none").out


def test_more_than_twenty_spaces_are_not_searched_at_once(birds):
    for number in range(19):
        assert birds("space", "create", f"space-{number}").code == 0
    outcome = birds("search", "mill", "--space", "*")
    assert outcome.code != 0
    assert "21 spaces; at most 20 can be searched at once" in outcome.err


def test_other_verbs_take_one_space(birds):
    outcome = birds("list", "--space", "*")
    assert outcome.code == 1
    assert "space '*' does not exist" in outcome.err
