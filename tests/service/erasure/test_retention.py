"""Memories of a space are kept for a time only, where that is set."""

import io
import sys

import pytest

from tests.support.backups import ask
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture
def aged(filled, postgres_dsn):
    """Let three memories of either space be two years old."""
    ask(
        postgres_dsn,
        "UPDATE sage.memories SET created_at = now() - interval '2 years' WHERE session_id = 'tea'",
    )
    return filled


@pytest.mark.usefixtures("aged")
def test_a_running_sage_deletes_what_is_older_than_its_space_keeps(
    sage, rows, postgres_dsn, tmp_path
):
    outcome = sage("space", "retention", "team", "365d")
    assert (outcome.code, outcome.out) == (0, "memories of team are kept for 365 days\n")
    kept = {one["name"]: one["retention_days"] for one in sage("space", "list", "--json").answer}
    assert kept == {"default": None, "team": 365}
    with serving(settings_for(postgres_dsn, tmp_path / "data")):
        wait_for(lambda: rows("team")["memories"] == 3)
    left = rows("team")
    assert (left["embeddings"], left["sessions"], left["saves"]) == (3, 1, 3)
    assert rows("default")["memories"] == 6


@pytest.mark.usefixtures("aged")
def test_it_says_how_much_that_is_and_asks(sage, monkeypatch):
    class Keyboard(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Keyboard("n\n"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    outcome = sage("space", "retention", "team", "1d")
    assert outcome.code == 1
    assert "3 memories are older and will be deleted; keep memories for 1 day?" in outcome.err
    assert outcome.err.count("named by DATABASE_URL") == 1
    assert sage("space", "list", "--json").answer[1]["retention_days"] is None


def test_it_is_turned_off(sage):
    assert sage("space", "retention", "team", "30d").code == 0
    assert sage("space", "retention", "team", "off").code == 0
    assert sage("space", "list", "--json").answer[1]["retention_days"] is None


@pytest.mark.parametrize("time", ["0d", "soon", "99999d", "12h"])
def test_what_is_no_number_of_days_is_refused(sage, time):
    outcome = sage("space", "retention", "team", time)
    assert outcome.code == 2
    assert "is not a number of days" in outcome.err
