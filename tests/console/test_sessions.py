"""The pages of conversations: read, corrected, forgotten and brought back where they stand."""

import re
from urllib.parse import quote

import pytest

from tests.console.conftest import OWN

PART = {**OWN, "hx-request": "true"}
SESSION = "a/b ?#é"


@pytest.fixture
def said(paged):
    """Save a conversation of its own with an odd name; return the ids of its messages."""
    messages = [
        {"role": "user", "content": "The plover nests on the beach.", "name": "Ann"},
        {"role": "assistant", "content": "Noted: plovers on the beach."},
    ]
    body = {"messages": messages, "session_id": SESSION, "metadata": {"project": "coast"}}
    yield paged.request("writer", "POST", "/api/v1/conversations", json=body).json()["memory_ids"]
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": SESSION})


def path_of(session_id):
    return f"/sessions/{quote(session_id, safe='')}"


def texts_in(page):
    """Return the messages in a page, those that were replaced apart."""
    shown = re.findall(
        r'<article class="msg \w+([^"]*)".*?class="said[^>]*>(?:<p>)?(.*?)</p>', page, re.DOTALL
    )
    return (
        [text for state, text in shown if "old" not in state],
        [text for state, text in shown if "old" in state],
    )


@pytest.mark.usefixtures("said")
def test_the_newest_conversation_is_open_and_each_leads_to_its_own_page(browser):
    client = browser("reader")
    page = client.get("/sessions").text
    assert f'href="{path_of(SESSION)}" aria-current="true"' in page
    assert texts_in(page)[0] == ["The plover nests on the beach.", "Noted: plovers on the beach."]
    assert "Ann" in page
    assert "coast" in page
    assert texts_in(client.get(path_of(SESSION)).text) == texts_in(page)
    assert "heron" in client.get("/sessions/birds").text
    assert client.get("/sessions/nowhere").status_code == 404


def test_a_project_that_is_a_folder_is_called_by_its_last_part(browser, paged):
    messages = [{"role": "user", "content": "The dunlin runs."}]
    body = {"messages": messages, "session_id": "dunlins", "metadata": {"project": "/srv/my shore"}}
    paged.request("writer", "POST", "/api/v1/conversations", json=body)
    client = browser("reader")
    for path in ("/", "/sessions", "/sessions/dunlins", "/?q=dunlin"):
        assert '<bdi title="/srv/my shore">my shore</bdi>' in client.get(path).text, path
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "dunlins"})


def test_a_hit_leads_to_its_place_in_the_conversation_and_back(browser, said):
    client = browser("reader")
    found = client.get("/", params={"q": "where does the plover nest"}).text
    link = re.search(r'href="(/sessions/[^"]+)#m([0-9a-f-]+)"', found)
    assert link[2] in said
    page = client.get(link[1].replace("&amp;", "&")).text
    assert f'id="m{link[2]}"' in page
    assert "found by your search" in page
    assert "<mark>plover</mark>" in page
    assert "Back to the search" in page


def test_a_message_is_corrected_without_script(browser, said):
    client = browser("writer")
    page = client.get(path_of(SESSION), params={"edit": said[0]}).text
    assert f'<input type="hidden" name="id" value="{said[0]}">' in page
    form = {"id": said[0], "text": "The plover nests on the dunes."}
    there = client.post("/correct", data=form, headers=OWN).headers["location"]
    page = client.get(there).text
    assert texts_in(page)[1] == ["The plover nests on the beach."]
    assert "The plover nests on the dunes." in texts_in(page)[0]
    assert page.count("<strong><bdi>Ann</bdi></strong>") == 2
    assert "dunes" in client.get("/", params={"q": "plover"}).text
    empty = client.post("/correct", data={"id": said[1], "text": " "}, headers=OWN)
    assert empty.status_code == 422


def test_a_message_is_confirmed_and_that_is_taken_back(browser, said):
    client = browser("writer")
    page = client.get(path_of(SESSION)).text
    assert page.count("data-confirm>Still true") == 2
    assert "still true on" not in page
    there = client.post("/confirm", data={"id": said[0]}, headers=OWN).headers["location"]
    page = client.get(there).text
    assert re.search(r'<span class="chip">still true on \d+ \w{3} 20\d\d</span>', page)
    assert page.count("data-confirm>Still true") == 1
    found = client.get("/", params={"q": "where does the plover nest", "hit": said[0]}).text
    assert re.search(r"<dt>Still true</dt><dd>\d+ \w{3} 20\d\d</dd>", found)
    part = client.post("/confirm", data={"id": said[0], "undo": "1"}, headers=PART).text
    assert "still true on" not in part
    assert "<html" not in part


def test_a_message_is_forgotten_and_brought_back_where_it_stands(browser, said):
    client = browser("writer")
    gone = client.post("/forget", data={"id": said[1]}, headers=PART)
    assert "Undo" in gone.text
    assert "<html" not in gone.text
    assert len(texts_in(client.get(path_of(SESSION)).text)[0]) == 1
    back = client.post("/restore", data={"id": said[1]}, headers=PART)
    assert texts_in(back.text)[0] == ["Noted: plovers on the beach."]
    assert len(texts_in(client.get(path_of(SESSION)).text)[0]) == 2
    for one in said:  # without script, until nothing is left of the conversation
        there = client.post("/forget", data={"id": one}, headers=OWN).headers["location"]
    page = client.get(there)
    assert page.status_code == 200
    assert f'<input type="hidden" name="id" value="{said[1]}">' in page.text
    client.post("/restore", data={"id": said[1]}, headers=OWN)
    assert "Noted" in client.get(path_of(SESSION)).text


def test_a_reader_is_shown_no_change_and_may_make_none(browser, said):
    client = browser("reader")
    page = client.get(path_of(SESSION)).text
    for way in ("data-edit", "data-forget", "/forget", "/correct"):
        assert way not in page
    assert client.get(path_of(SESSION), params={"edit": said[0]}).status_code == 403
    assert "data-undo" not in client.get(path_of(SESSION), params={"gone": said[0]}).text
    assert "<textarea" not in client.get(f"/messages/{said[0]}", params={"edit": 1}).text
    for path in ("/forget", "/correct", "/restore"):
        form = {"id": said[0], "text": "The plover nests in the attic."}
        for headers in (OWN, PART):
            refused = client.post(path, data=form, headers=headers)
            assert refused.status_code == 403, path
            assert ("<html" in refused.text) == (headers is OWN)
    assert texts_in(client.get(path_of(SESSION)).text) == texts_in(page)


def test_nothing_of_another_space_is_shown_or_changed(browser, said):
    client = browser("foreign")
    assert "plover" not in client.get("/sessions").text
    assert client.get(path_of(SESSION)).status_code == 404
    for path in ("/forget", "/correct", "/restore"):
        form = {"id": said[0], "text": "x"}
        assert client.post(path, data=form, headers=OWN).status_code == 404
    assert client.get(f"/messages/{said[0]}").status_code == 404


def test_a_day_of_the_calendar_and_a_project_narrow_the_list(browser, said):
    client = browser("reader")
    page = client.get("/sessions").text
    days = re.findall(r'href="(/sessions\?day=([0-9-]+))" aria-label="([^"]+)"', page)
    assert days
    assert "message" in days[-1][2]
    today = client.get(days[-1][0]).text
    assert path_of(SESSION) in today
    assert 'aria-current="date"' in today
    nothing = client.get("/sessions", params={"day": "2020-01-01"})
    assert path_of(SESSION) not in nothing.text
    assert "No matching sessions." in nothing.text
    coast = client.get("/sessions", params={"project": "coast"}).text
    assert path_of(SESSION) in coast
    assert "/sessions/birds" not in coast
    for wrong in ("x", "2026-13-01", "2026-05-08T00:00", "9999-12-31"):
        assert client.get("/sessions", params={"day": wrong}).status_code == 422
    assert f"{path_of(SESSION)}?project=coast" in coast
    assert client.get(path_of(SESSION), params={"hit": said[1]}).status_code == 200


def test_what_was_saved_with_no_tags_or_odd_ones_is_found_and_read(browser, paged):
    for number, tags in enumerate(({}, {"project": ["x"], "mood": None, "depth": {"a": 1}})):
        turn = {"user_prompt": "A wheatear was seen.", "assistant_response": "Noted: a wheatear."}
        body = turn | {"session_id": f"tags-{number}", "metadata": tags}
        paged.request("writer", "POST", "/api/v1/conversations", json=body)
        client = browser("reader")
        assert "wheatear" in client.get(f"/sessions/tags-{number}").text
        assert client.get("/", params={"q": "wheatear"}).status_code == 200
        paged.request("writer", "POST", "/api/v1/forget", json={"session_id": f"tags-{number}"})


def test_what_a_hostile_message_holds_is_text_in_its_conversation(browser):
    page = browser("writer").get("/sessions/birds").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
