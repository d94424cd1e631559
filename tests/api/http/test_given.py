"""What sessions were given, over REST, and what of it was marked as not useful."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest

from sage.config.settings import RecallSettings
from tests.support import plain_http
from tests.support.live import new_database
from tests.support.serving import serving, settings_for, wait_until

QUERY = {"en": "Where does the bittern nest?", "zh": "大麻鳽在哪里筑巢?"}
SAID = {
    "en": ("The bittern does not nest on roofs.", "The bittern nests in the reeds of the lake."),
    "zh": ("大麻鳽不在屋顶筑巢。", "大麻鳽在湖边的芦苇里筑巢。"),
}
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""One word of an id: digits may split it into several, which all questions with it would share."""
RECALL = "/api/v1/hooks/recall"


def get(rest, path, **params):
    answer = rest.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def search(rest, query, **rest_of_it):
    return rest.post("/api/v1/search", json={"query": query, **rest_of_it}).json()


def given(rest, memory_id, **params):
    """Wait until it is recorded that a memory was handed out; return the occasion."""
    found = []

    def is_there():
        found[:] = [
            one
            for one in get(rest, "/api/v1/given", **params)["given"]
            if memory_id in {memory["memory_id"] for memory in one["memories"]}
        ]
        return found

    wait_until(is_there, "the record")
    return found[0]


@pytest.fixture(params=["en", "zh"])
def said(rest, session_id, request):
    """Say two things; give the question, their ids in the order in which they are found."""
    mark = session_id[-12:].translate(LETTERS)
    lines = [{"role": "user", "content": f"{text} {mark}"} for text in SAID[request.param]]
    body = {"messages": lines, "session_id": session_id}
    rest.post("/api/v1/conversations", json=body)
    query = f"{QUERY[request.param]} {mark}"
    wait_until(lambda: not get(rest, "/api/v1/stats")["queue"]["pending"], "the vectors")
    found = [one["memory_id"] for one in search(rest, query, n=2)["results"]]
    yield query, found
    rest.post("/api/v1/forget", json={"session_id": session_id})


def test_a_search_is_recorded_without_its_words(rest, said):
    query, found = said
    occasion = given(rest, found[0], occasion="search")
    assert [one["memory_id"] for one in occasion["memories"]] == found
    assert (occasion["occasion"], occasion["relevance"]) == ("search", "unknown")
    assert "session_id" not in occasion
    assert all(one["preview"] for one in occasion["memories"])
    assert query not in json.dumps(occasion)
    assert given(rest, found[0], **{"from": "2020-01-01", "to": "2100-01-01"})
    assert get(rest, "/api/v1/given", to="1960-01-01")["given"] == []
    gone = get(rest, "/api/v1/given", client="codex")["given"]
    assert found[0] not in json.dumps(gone)


def test_what_was_not_useful_stands_last_for_such_a_question_until_that_is_taken_back(rest, said):
    query, (first, second) = said
    occasion = given(rest, first)["recall_id"]
    path = f"/api/v1/given/{occasion}/not-useful/{first}"
    marked = rest.post(path).json()
    assert marked == {
        "recall_id": occasion,
        "memory_id": first,
        "not_useful": True,
        "changed": True,
    }
    assert not rest.post(path).json()["changed"]
    assert given(rest, first)["memories"][0]["not_useful_at"]
    listed = get(rest, "/api/v1/not-useful")["marks"][0]
    assert (listed["memory"]["memory_id"], listed["recall_id"]) == (first, occasion)

    again = search(rest, query, n=50, explain=True)["results"]
    assert again[0]["memory_id"] == second
    assert again[-1]["memory_id"] == first
    assert again[-1]["not_useful_at"] == listed["marked_at"]
    assert "not_useful_at" not in again[0]
    assert "not_useful_at" not in search(rest, query, n=50)["results"][-1]
    other = query.replace("Where does", "How loud is").replace("在哪里筑巢", "的叫声有多大")
    other = other.replace(" nest", "'s call, when it hunts").replace("nests", "")
    unlike = search(rest, other, n=50, explain=True)["results"]
    assert first in [one["memory_id"] for one in unlike]
    assert not any("not_useful_at" in one for one in unlike)

    assert rest.delete(path).json()["changed"]
    assert not rest.delete(path).json()["changed"]
    assert search(rest, other, n=50, explain=True)["results"] == unlike
    assert search(rest, query)["results"][0]["memory_id"] == first


def test_the_latest_occasion_is_meant_where_none_is_named(rest, said):
    _, (first, _) = said
    occasion = given(rest, first)["recall_id"]
    path = f"/api/v1/given/latest/not-useful/{first[-8:]}"
    assert rest.delete(path).status_code == 404
    assert rest.post(path).json()["recall_id"] == occasion
    assert rest.delete(path).json() == {
        "recall_id": occasion,
        "memory_id": first,
        "not_useful": False,
        "changed": True,
    }


def test_of_a_forgotten_memory_there_is_no_text(rest, said):
    _, (first, _) = said
    given(rest, first)
    rest.post("/api/v1/forget", json={"memory_ids": [first]})
    told = given(rest, first)["memories"][0]
    assert told["forgotten_at"]
    assert "preview" not in told


def test_what_a_session_was_given_is_listed_page_by_page(rest, session_id):
    lines = [{"role": "user", "content": f"The ruff {one} {session_id}."} for one in range(3)]
    body = {"messages": lines, "session_id": session_id, "metadata": {"project": session_id}}
    ids = rest.post("/api/v1/conversations", json=body).json()["memory_ids"]
    hook = {"client": "codex", "event": "start", "session": session_id, "project": session_id}
    assert set(rest.post(RECALL, json=hook).json()["memory_ids"]) <= set(ids)
    rest.post(RECALL, json=hook)
    name = f"codex:{session_id}"
    wait_until(lambda: len(get(rest, "/api/v1/given", session_id=name)["given"]) == 2, "the record")
    first = get(rest, "/api/v1/given", session_id=name, limit=1)
    rest_of = get(rest, "/api/v1/given", session_id=name, limit=1, cursor=first["next_cursor"])
    assert rest_of["next_cursor"] is None
    both = (*first["given"], *rest_of["given"])
    assert both[0]["at"] > both[1]["at"]
    for one in both:
        assert (one["occasion"], one["client"], one["project"]) == ("start", "codex", session_id)
        assert "relevance" not in one
    assert get(rest, "/api/v1/given", project=session_id, occasion="start")["given"] == [*both]


def test_what_was_not_useful_at_a_start_is_not_told_at_one_of_that_project_again(rest, session_id):
    for project in ("a", "b"):
        said = f"I prefer short answers about {project} in {session_id}."
        body = {"user_prompt": said, "assistant_response": "Ok."}
        body |= {"session_id": f"{session_id} {project}"}
        rest.post("/api/v1/conversations", json=body | {"metadata": {"project": session_id}})
    hook = {"client": "codex", "event": "start", "session": session_id, "project": session_id}
    told = rest.post(RECALL, json=hook).json()["memory_ids"]
    given(rest, told[0], session_id=f"codex:{session_id}")
    path = f"/api/v1/given/latest/not-useful/{told[0]}"
    assert rest.post(path).status_code == 200
    again = rest.post(RECALL, json=hook).json()["memory_ids"]
    assert told[0] not in again
    assert again
    rest.delete(path)
    assert told[0] in rest.post(RECALL, json=hook).json()["memory_ids"]


def test_what_sage_connect_shows_somebody_was_given_to_no_session(rest, session_id):
    body = {"user_prompt": f"I prefer wrens, {session_id}.", "assistant_response": "Ok."}
    body |= {"session_id": session_id, "metadata": {"project": session_id}}
    rest.post("/api/v1/conversations", json=body)
    hook = {"event": "start", "project": session_id}
    shown = rest.post(RECALL, json=hook | {"client": "sage-connect"}).json()["memory_ids"]
    assert rest.post(RECALL, json=hook | {"client": "codex"}).json()["memory_ids"] == shown
    given(rest, shown[0])
    clients = [one.get("client") for one in get(rest, "/api/v1/given")["given"]]
    assert "codex" in clients
    assert "sage-connect" not in clients


def test_what_cannot_be_is_refused(rest, session_id):
    unknown = uuid4()
    for path, status in (
        (f"/api/v1/given/{unknown}/not-useful/{uuid4()}", 404),
        (f"/api/v1/given/{unknown}/not-useful/00000000", 404),
        (f"/api/v1/given/x/not-useful/{unknown}", 422),
        ("/api/v1/given/latest/not-useful/x", 422),
    ):
        answer = rest.post(path)
        assert answer.status_code == status, path
        assert answer.json()["hint"]
    for params in (
        {"occasion": "lunch"},
        {"from": "tomorrow", "to": "yesterday"},
        {"session_id": "s", "client": "codex"},
        {"cursor": "x"},
        {"cursor": "-" + "A" * 32},
    ):
        answer = rest.get("/api/v1/given", params=params)
        assert answer.status_code == 422, params
        assert answer.json()["hint"]
    assert get(rest, "/api/v1/given", session_id=quote(session_id))["given"] == []


def test_nothing_is_recorded_where_that_is_off(postgres_server, migrated_template, tmp_path):
    with new_database(postgres_server, migrated_template) as dsn:
        settings = settings_for(dsn, tmp_path)
        settings = settings.model_copy(update={"recall": RecallSettings(log=False)})
        with serving(settings) as url:
            body = {"user_prompt": "The ruff dances.", "assistant_response": "Noted."}
            plain_http.post(f"{url}/api/v1/conversations", json=body)
            found = plain_http.post(f"{url}/api/v1/search", json={"query": "ruff"}).json()
            assert found["results"]
        with serving(settings_for(dsn, tmp_path)) as url:
            listed = plain_http.get(f"{url}/api/v1/given").json()
            assert listed == {"given": [], "next_cursor": None}
