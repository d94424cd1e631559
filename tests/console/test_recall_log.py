"""The page of what sessions were given, what of it was not useful, and where it is shown."""

import re

import pytest

from tests.console.conftest import OWN
from tests.support.serving import wait_until

HOOK = {"client": "codex", "event": "start", "session": "curlews", "project": "marsh"}
SESSION = "codex:curlews"


@pytest.fixture
def handed_out(paged):
    """Hand memories to a session and to a search; return the id of the one found."""
    said = {"user_prompt": "The curlew calls at dusk.", "assistant_response": "Noted."}
    body = {**said, "session_id": "dusk", "metadata": {"project": "marsh"}}
    paged.request("writer", "POST", "/api/v1/conversations", json=body)
    told = paged.request("reader", "POST", "/api/v1/hooks/recall", json=HOOK).json()["memory_ids"]
    asked = {"query": "when does the curlew call"}
    found = paged.request("reader", "POST", "/api/v1/search", json=asked).json()["results"]
    assert told
    wait_until(
        lambda: (
            f'"{found[0]["memory_id"]}"' in given(paged, occasion="search")
            and told[0] in given(paged, session_id=SESSION)
        ),
        "the record",
    )
    yield found[0]["memory_id"]
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "dusk"})


def given(paged, **params):
    return paged.request("reader", "GET", "/api/v1/given", params=params).text


def test_what_was_handed_out_is_listed_and_that_of_a_session_alone(browser, handed_out):
    client = browser("reader")
    page = client.get("/given").text
    assert "curlew calls at dusk" in page
    assert "For a search" in page
    assert f"#m{handed_out}" in page
    of_session = client.get("/given", params={"session": SESSION}).text
    assert "At the start of a session" in of_session
    assert "For a search" not in of_session
    assert "What this session was given" in of_session
    assert '<form class="mark"' not in page
    assert "Nothing was recalled." in browser("foreign").get("/given").text
    reader = client.get("/sessions/birds").text
    assert 'hx-get="/given?session=birds"' in reader


def test_a_mark_is_shown_where_the_hit_is_explained_until_it_is_taken_back(browser, handed_out):
    client = browser("writer")
    page = client.get("/given").text
    forms = re.findall(
        r'name="recall" value="([^"]+)"><input type="hidden" name="id" value="([^"]+)"', page
    )
    recall = next(recall for recall, memory in forms if memory == handed_out)
    form = {"recall": recall, "id": handed_out, "there": "/given"}
    searches = len(re.findall("For a search", page))
    marked = client.post("/given/not-useful", data=form, headers={**OWN, "hx-request": "true"})
    assert "Marked as not useful on" in marked.text
    assert "<html" not in marked.text
    assert "curlew calls at dusk" in client.get("/given", params={"marked": "1"}).text
    asked = {"q": "when does the curlew call", "hit": handed_out}
    assert "marked as not useful for a similar question" in client.get("/", params=asked).text
    gone = client.post("/given/useful", data=form, headers=OWN)
    assert gone.headers["location"] == "/given"
    assert "not useful for a similar question" not in client.get("/", params=asked).text
    assert len(re.findall("For a search", client.get("/given").text)) == searches


def test_what_is_forgotten_is_said_to_be_and_its_text_is_not_shown(browser, paged, handed_out):
    paged.request("writer", "POST", "/api/v1/forget", json={"memory_ids": [handed_out]})
    page = browser("reader").get("/given").text
    assert "It is forgotten." in page
    assert "curlew calls at dusk" not in page


def test_the_page_of_capture_says_what_was_handed_out_today(browser, paged):
    said = {"user_prompt": "The godwit feeds at night.", "assistant_response": "Noted."}
    paged.request("server", "POST", "/api/v1/conversations", json=said)
    paged.request("server", "POST", "/api/v1/search", json={"query": "godwit", "n": 1})
    client = browser("server")
    wait_until(lambda: "1 memory" in client.get("/capture").text, "the record")
    assert 'href="/given"' in client.get("/capture").text


def test_a_hostile_memory_that_was_handed_out_is_text(browser, paged):
    paged.request("reader", "POST", "/api/v1/search", json={"query": "kestrel"})
    wait_until(lambda: "kestrel" in given(paged), "the record")
    page = browser("writer").get("/given").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in page
