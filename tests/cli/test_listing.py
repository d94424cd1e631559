"""`sage sessions`, `sage list` and `sage show`."""

import json
import re
import secrets
import shlex

import pytest


@pytest.fixture
def talk(kept, tmp_path):
    """Keep a session of five messages; return its id."""
    session = secrets.token_hex(6)
    file = tmp_path / "chat.json"
    said = [{"role": "user", "content": f"message {n} of tea"} for n in range(5)]
    file.write_text(json.dumps(said))
    metadata = '{"topic": "tea"}'
    assert kept("save", "-f", file, "--session", session, "--metadata", metadata).code == 0
    return session


def next_of(outcome):
    """Return the arguments of the command that shows the next page."""
    first, command = outcome.err.splitlines()
    assert first == "more:"
    return shlex.split(command)[1:]


def test_the_latest_session_comes_first_with_its_count_and_its_beginning(kept, talk):
    outcome = kept("sessions", "--limit", 1)
    head, preview = outcome.out.splitlines()
    assert re.match(rf"{talk}  5 messages, last on \d{{4}}-.*, just now", head)
    assert preview.strip() == "message 0 of tea"


@pytest.mark.usefixtures("talk")
def test_pages_lead_through_everything_once(kept):
    seen, argv = [], ["list", "--limit", "2"]
    while len(seen) < 5:
        outcome = kept(*argv)
        seen += re.findall(r"message \d of tea", outcome.out)
        argv = next_of(outcome) if outcome.err else ["list"]
    assert seen[:5] == [f"message {n} of tea" for n in (4, 3, 2, 1, 0)]


def test_a_session_is_shown_in_its_order_in_pages(kept, talk):
    outcome = kept("show", talk, "--limit", 3)
    assert re.findall(r"^  message (\d) of tea$", outcome.out, re.MULTILINE) == ["0", "1", "2"]
    rest = kept(*next_of(outcome))
    assert re.findall(r"^  message (\d) of tea$", rest.out, re.MULTILINE) == ["3", "4"]
    assert rest.err == ""
    assert '{"topic": "tea"}' in rest.out


def test_a_memory_is_shown_by_its_id(kept, talk):
    page = json.loads(kept("show", talk, "--json").out)
    memory = page["memories"][2]
    assert page["session_id"] == talk
    assert page["next_cursor"] is None
    outcome = kept("show", memory["memory_id"])
    assert "message 2 of tea" in outcome.out
    assert outcome.out.startswith(f"session {talk}\n")
    assert json.loads(kept("show", memory["memory_id"], "--json").out) == memory


def test_what_is_not_kept_is_said(kept):
    outcome = kept("show", "no-such-session")
    assert outcome.code == 1
    message, fix = outcome.err.splitlines()
    assert message == "sage: there is no memory or session 'no-such-session'"
    assert "`sage sessions`" in fix


def test_an_empty_id_is_named_as_on_the_command_line(sage):
    outcome = sage("show", "")
    assert outcome.code == 2
    assert outcome.err.startswith("sage: ID is empty\n")


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (("sessions", "--limit", "0"), "--limit"),
        (("list", "--limit", "101"), "--limit"),
        (("list", "--cursor", "x"), "--cursor"),
    ],
)
def test_a_page_that_cannot_be_is_refused_by_its_option(sage, argv, named):
    outcome = sage(*argv)
    assert outcome.code == 2
    assert outcome.err.startswith(f"sage: {named} ")
