"""The pages that list what may be forgotten, and what is: chosen, forgotten, brought back."""

import re

import pytest

from tests.console.conftest import OWN

FACT = "The lapwing nests on the fallow field."


@pytest.fixture
def said(paged):
    """Save a fact three times, and a conversation of tools; return the ids of the fact."""
    ids = []
    for number in range(3):
        body = {"messages": [{"role": "user", "content": FACT}], "session_id": f"lapwing-{number}"}
        saved = paged.request("writer", "POST", "/api/v1/conversations", json=body)
        ids += saved.json()["memory_ids"]
    body = {
        "messages": [{"role": "tool", "content": f"Build {n} passed."} for n in range(2)],
        "session_id": "robots",
    }
    paged.request("writer", "POST", "/api/v1/conversations", json=body)
    yield ids
    for session_id in ("lapwing-0", "lapwing-1", "lapwing-2", "robots"):
        paged.request("writer", "POST", "/api/v1/forget", json={"session_id": session_id})


def boxes(page, name="id"):
    """Return the values of the check boxes of a page, each with whether it is checked."""
    found = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)"([^>]*)>', page)
    return {value: "checked" in rest for value, rest in found}


def hidden(page, *names):
    """Return what the form sends that undoes."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: [value for one, value in found if one == name] for name in names}


def test_what_is_said_twice_is_chosen_forgotten_and_brought_back_exactly(browser, said):
    client = browser("writer")
    page = client.get("/tidy/duplicates").text
    mine = {one: is_checked for one, is_checked in boxes(page).items() if one in said}
    assert mine == {said[0]: True, said[1]: True, said[2]: False}
    assert not any(boxes(client.get("/tidy/duplicates?chosen=none").text).values())
    assert all(boxes(client.get("/tidy/duplicates?chosen=all").text).values())
    chosen = {"kind": "duplicates", "id": said[:2]}
    done = client.post("/tidy/forget", data=chosen, headers=OWN)
    assert done.status_code == 200
    assert "Forgot 2 messages." in done.text
    assert set(said).isdisjoint(boxes(done.text))
    undo = hidden(done.text, "kind", "id")
    assert undo["id"] == said[:2]
    back = client.post("/tidy/restore", data=undo, headers=OWN)
    assert "Restored 2 messages." in back.text
    assert boxes(back.text).keys() >= set(said)
    nothing = client.post("/tidy/forget", data={"kind": "duplicates"}, headers=OWN)
    assert "Nothing was selected" in nothing.text


def test_a_conversation_of_tools_is_brought_back_as_it_was(browser, said, paged):
    """What was forgotten of it before stays forgotten."""
    client = browser("writer")
    session = paged.request("writer", "GET", "/api/v1/sessions/robots").json()
    first, second = (one["memory_id"] for one in session["memories"])
    client.post("/forget", data={"id": first}, headers=OWN)
    assert boxes(client.get("/tidy/tool-sessions").text, "session") == {"robots": False}
    chosen = {"kind": "tool-sessions", "session": "robots"}
    done = client.post("/tidy/forget", data=chosen, headers=OWN)
    assert "Forgot 1 message." in done.text
    assert boxes(done.text, "session") == {}
    undo = hidden(done.text, "kind", "session", "at")
    back = client.post("/tidy/restore", data=undo, headers=OWN)
    assert "Restored 1 message." in back.text
    left = paged.request("writer", "GET", "/api/v1/sessions/robots").json()["memories"]
    assert [one["memory_id"] for one in left] == [second]
    assert said


def test_all_lists_are_there_and_lead_from_sessions(browser, said):
    client = browser("reader")
    assert 'href="/tidy"' in client.get("/sessions").text
    page = client.get("/tidy").text
    kinds = re.findall(r'<h2><a href="(/tidy/[a-z-]+)">', page)
    assert len(kinds) == 6
    for path in kinds:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert re.search("Checked|Nothing|The recall log is empty", answer.text), path
    assert client.get("/tidy/attic").status_code == 422
    assert said


def test_a_reader_sees_no_boxes_and_may_forget_nothing(browser, said):
    client = browser("reader")
    page = client.get("/tidy/duplicates").text
    assert FACT in page
    for shown in ('name="id"', "Forget selected", "/forgotten"):
        assert shown not in page
    for path in ("/tidy/forget", "/tidy/restore", "/forgotten/restore"):
        for data in ({"kind": "duplicates", "id": said[:1]}, {}):
            assert client.post(path, data=data, headers=OWN).status_code == 403
    assert client.get("/forgotten").status_code == 403
    assert FACT in client.get("/sessions/lapwing-0").text


def test_what_is_forgotten_stands_with_when_by_whom_and_until_when(browser, said):
    client = browser("writer")
    client.post("/forget", data={"id": said[0]}, headers=OWN)
    client.post("/forget", data={"id": said[1]}, headers=OWN)
    page = client.get("/forgotten").text
    assert boxes(page).keys() >= set(said[:2])
    assert "by writer." in re.sub("<[^>]+>", "", page)
    assert "Can be restored until" in page
    assert said[0] not in boxes(client.get("/forgotten?by=nobody").text)
    assert "No matches." in client.get("/forgotten?by=nobody").text
    assert said[0] not in boxes(client.get("/forgotten?to=2020-01-01").text)
    assert client.get("/forgotten?from=whenever").status_code == 422
    one = client.post("/forgotten/restore", data={"only": said[0], "id": said[1]}, headers=OWN)
    assert "Restored 1 message." in one.text
    assert said[1] in boxes(one.text)
    assert said[0] not in boxes(one.text)
    both = client.post("/forgotten/restore", data={"id": said[1]}, headers=OWN)
    assert "Restored 1 message." in both.text
    assert FACT in client.get("/sessions/lapwing-1").text
