"""What the command line shows where nothing stored answers."""

import json
import re

import pytest

OFF_TOPIC = "What is the melting point of tungsten?"


@pytest.fixture
def tea(kept, session):
    """Save two messages in a session of the test's own."""
    kept("save", "Which tea does Mei like?", "Mei likes oolong tea.", "--session", session)
    return session


def test_who_wants_only_strong_answers_or_any_gets_them(kept, tea):
    asked = ("search", OFF_TOPIC, "--session", tea)
    outcome = kept(*asked)
    assert outcome.out == ""
    assert "--min-relevance none" in outcome.err
    assert "oolong" in kept(*asked, "--min-relevance", "none").out
    machine = json.loads(kept(*asked, "--json").out)
    assert (machine["relevance"], len(machine["results"])) == ("none", 2)
    strict = json.loads(kept(*asked, "--min-relevance", "weak", "--json").out)
    assert strict["results"] == []
    nothing = kept("context", *asked[1:])
    assert (nothing.out, "--min-relevance none" in nothing.err) == ("", True)
    assert "oolong" in kept("context", *asked[1:], "--min-relevance", "none").out


def test_the_first_search_of_the_readme_prints_the_answer_first(here):
    here("save", "Where is the spare key?", "Under the third flower pot.")
    printed = here("search", "key to the house").out
    answer, question = "Under the third flower pot.", "Where is the spare key?"
    assert printed.index(answer) < printed.index(question)
    figures = [float(word) for word in re.findall(r"^(\d\.\d\d) ", printed, re.MULTILINE)]
    assert figures == sorted(figures, reverse=True)
    assert f"answered by assistant: {answer}" in printed


def test_what_was_only_asked_is_said_to_have_been_asked(kept):
    asked = "Which regiment was the first to reach Waterloo?"
    for number in range(2):
        kept("save", asked, "I do not know.", "--session", f"waterloo {number}")
    outcome = kept("search", asked)
    assert (outcome.out, "asked 2 times before, last on " in outcome.err) == ("", True)
    machine = json.loads(kept("search", asked, "--json").out)
    assert (machine["relevance"], machine["asked"]["count"]) == ("none", 2)
    assert asked in kept("search", asked, "--include-questions").out
