"""What the command line shows where nothing stored answers."""

import json

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
