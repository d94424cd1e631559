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
    assert message == "sage: no memory or session 'no-such-session' exists"
    assert "`sage sessions`" in fix


def test_an_empty_id_is_named_as_on_the_command_line(sage):
    outcome = sage("show", "")
    assert outcome.code == 2
    assert outcome.err.startswith("sage: ID is empty\n")


def listed(outcome):
    """Return what the memories of a list in JSON say."""
    return [one["content"] for one in json.loads(outcome.out)["memories"]]


def test_a_list_is_narrowed_by_session_project_role_and_time(kept, session):
    project = f"/home/anna/{session}"
    about = json.dumps({"project": project})
    for text, reply, day in (("first", "second", "2025-03-01"), ("third", "fourth", "2025-03-03")):
        done = kept("save", text, reply, "--session", session, "--metadata", about)
        assert done.code == 0, day
    of_project = ("list", "--project", session, "--json")
    assert listed(kept(*of_project)) == ["fourth", "third", "second", "first"]
    assert listed(kept(*of_project, "--role", "user")) == ["third", "first"]
    assert listed(kept(*of_project, "--before", "yesterday")) == []
    assert listed(kept("list", "--session", session, "--after", "yesterday", "--json")) == (
        ["fourth", "third", "second", "first"]
    )
    page = kept("list", "--session", session, "--role", "assistant", "-n", 1)
    assert f"project {session}" in page.out
    assert "second" in kept(*next_of(page)).out
    (one,) = json.loads(kept("sessions", "--project", session, "--json").out)["sessions"]
    assert one["session_id"] == session
    shown = kept("sessions", "--project", session, "--client", "cli", "--from", "yesterday").out
    assert f"  {session}  cli" in shown
    assert "no sessions match" in kept("sessions", "--project", session, "--to", "yesterday").err
    assert kept("list", "--order", "kept", "--role", "user").code == 2


def test_parts_of_ids_are_taken_wherever_ids_are(kept):
    end = secrets.token_hex(6)
    session = f"claude-code:0197f3c2-6072-7d08-9eeb-{end}"
    assert kept("save", f"Where is {end}?", "In the shed.", "--session", session).code == 0
    shown = kept("show", end[-8:])
    assert shown.out.startswith(f"session {session}\n")
    (asked, told) = re.findall(r"just now  ([0-9a-f]{8})$", shown.out, re.MULTILINE)
    assert "In the shed." in kept("show", told).out
    assert listed(kept("list", "--session", end, "--json"))[0] == "In the shed."
    assert kept("export", "--session", end).out.count(session) == 2
    assert "In the shed." in kept("search", "shed", "--session", end).out
    assert "first result" in kept("search", f"Where is {end}?", "--why-not", told).out
    corrected = kept("correct", told, "In the barn.")
    assert corrected.out.splitlines()[1].split()[-2:-1] == ["forget"] or "forget" in corrected.out
    assert "In the barn." in kept("search", f"Where is {end}?", "--session", end, "--why").out
    assert "A later message replaced it" in kept("search", end, "--why-not", told).out
    forgot = kept("forget", asked)
    assert "to restore them within" in forgot.out
    undo = shlex.split(forgot.out.splitlines()[1])
    assert asked in kept("forgotten").out
    assert kept(*undo[undo.index("forget") :]).out == "restored 1 memory\n"
    assert kept("forget", "--session", end, "--yes").out.startswith("forgot 3 memories")
    assert "In the barn." in kept("forgotten", "--session", end).out
    missing = kept("forget", "--session", f"{end}-none")
    assert (missing.code, "session not found" in missing.err) == (1, True)


def test_a_memory_is_corrected_in_an_editor(kept, talk, typing, monkeypatch):
    memory = json.loads(kept("show", talk, "--json").out)["memories"][2]["memory_id"]
    monkeypatch.setenv("EDITOR", "sed -i s/tea/coffee/")
    typing("")
    assert kept("correct", memory[-8:]).code == 0
    assert "message 2 of coffee" in kept("show", talk).out
    monkeypatch.setenv("EDITOR", "true")
    unchanged = kept("correct", memory[-8:])
    assert (unchanged.code, "nothing was changed" in unchanged.err) == (1, True)
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert "set EDITOR" in kept("correct", memory[-8:]).err


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
