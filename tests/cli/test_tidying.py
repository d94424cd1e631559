"""`sage tidy` and `sage forgotten`."""

import json
import secrets
import shlex

import pytest


@pytest.fixture
def said(kept):
    """Keep one fact in two sessions; return the fact and the sessions."""
    name = secrets.token_hex(8)
    fact = f"The weir {name} opens by hand."
    for number in range(2):
        assert kept("save", fact, "Noted.", "--session", f"{name}-{number}").code == 0
    return fact, name


def group_of(page, fact):
    """Return the group of a page that says something."""
    groups = (one["memories"] for one in page["groups"])
    return next((one for one in groups if fact in one[0]["preview"]), None)


def test_repeats_are_shown_forgotten_listed_and_brought_back(kept, said):
    fact, name = said
    shown = kept("tidy", "duplicates").out
    lines = [line for line in shown.splitlines() if line.startswith(("-", "="))]
    assert lines[0].startswith("=     user")
    assert lines[1].startswith("-     user")
    assert shown.count(fact) == 2
    [stays, goes] = group_of(json.loads(kept("tidy", "duplicates", "--json").out), fact)
    assert (stays["suggested"], goes["suggested"]) == (False, True)
    assert goes["memory_id"][-8:] in shown
    assert goes["memory_id"] not in shown

    outcome = kept("tidy", "duplicates", "--forget", "--yes")
    assert "forgot" in outcome.out
    undo = next(line for line in outcome.err.splitlines() if "--undo" in line)
    assert goes["memory_id"] in undo
    assert group_of(json.loads(kept("tidy", "duplicates", "--json").out), fact) is None

    listed = kept("forgotten", "--session", f"{name}-0"[-8:])
    assert fact in listed.out
    assert "can be restored until" in listed.out
    page = json.loads(kept("forgotten", "--session", f"{name}-0", "--json").out)
    assert [one["memory_id"] for one in page["memories"]] == [goes["memory_id"]]
    words = shlex.split(undo)
    assert kept(*words[words.index("forget") :]).code == 0
    assert "nothing is forgotten" in kept("forgotten", "--session", f"{name}-0").err


def test_lists_are_named_and_no_other_is_taken(kept):
    assert "near-duplicates" in kept("tidy").out
    assert "secrets" in json.loads(kept("tidy", "--json").out)["kinds"]
    refused = kept("tidy", "attic")
    assert refused.code == 2
    assert "attic" in refused.err
    assert kept("tidy", "tool-sessions", "--forget").err.startswith("nothing to tidy up")
