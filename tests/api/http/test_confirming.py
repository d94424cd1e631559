"""A memory is confirmed: the date stands in it, and in what a model reads of what is old."""

import time
from datetime import UTC, datetime

import pytest

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def said(rest, session_id):
    """Return a function that saves a message of a time, or of now, and returns its id."""

    def save(content, when=None, **rest_of_body):
        message = {"role": "user", "content": content} | ({"created_at": when} if when else {})
        body = {"messages": [message], "session_id": session_id, **rest_of_body}
        memory_id = rest.post("/api/v1/conversations", json=body).json()["memory_ids"][0]
        until = time.monotonic() + 60
        while not read(rest, memory_id)["embedded"]:  # until then it is ranked by its words alone
            assert time.monotonic() < until
            time.sleep(0.01)
        return memory_id

    yield save
    rest.post("/api/v1/forget", json={"session_id": session_id})


def read(rest, memory_id):
    return rest.get(f"/api/v1/memories/{memory_id}").json()


def test_a_confirmation_is_kept_renewed_and_taken_back(rest, said):
    memory_id = said("The quagga stands in stable 3.", "2019-05-01T10:00:00Z")
    before = read(rest, memory_id)
    path = f"/api/v1/memories/{memory_id}/confirm"
    first, second = rest.post(path), rest.post(path.replace(memory_id, memory_id[-8:]))
    assert first.status_code == second.status_code == 200
    assert second.json()["memory_id"] == memory_id
    assert second.json()["confirmed_at"] > first.json()["confirmed_at"]
    assert read(rest, memory_id) == before | {"confirmed_at": second.json()["confirmed_at"]}
    taken_back = rest.delete(path)
    assert taken_back.json() == {"memory_id": memory_id}
    assert read(rest, memory_id) == before
    assert rest.delete(path).status_code == 200
    for unknown in ("00000000", "0197f3c2-0000-7000-8000-000000000000"):
        assert rest.post(path.replace(memory_id, unknown)).status_code == 404
    assert rest.post(path.replace(memory_id, "no id")).status_code == 422
    rest.post("/api/v1/forget", json={"memory_ids": [memory_id]})
    assert rest.post(path).status_code == 404


def test_a_model_reads_when_what_is_old_was_confirmed_and_in_the_same_order(rest, said):
    """Of two that contradict each other both stand there, and the later one is not outranked."""
    old = said("The aurochs herd grazes north of the ford.", "2019-05-01T10:00:00Z")
    said("The aurochs herd grazes south of the ford.", "2024-05-01T10:00:00Z")
    new = said("The aurochs calf was weighed at the ford.")

    def told():
        asked = {"query": "where does the aurochs herd graze", "min_relevance": "none"}
        found = rest.post("/api/v1/search", json={**asked, "explain": True}).json()["results"]
        context = rest.post("/api/v1/context", json=asked).json()["context"]
        prompt = {"client": "test", "event": "prompt", "query": "the aurochs herd grazes where?"}
        recalled = rest.post("/api/v1/hooks/recall", json=prompt).json()["text"]
        return found, context, recalled

    before, context, recalled = told()
    assert "still true" not in context + recalled
    for memory_id in (old, new):
        rest.post(f"/api/v1/memories/{memory_id}/confirm")
    found, now, prompt = told()
    confirmed = {one["memory_id"] for one in found if one.pop("confirmed_at", None)}
    assert {old, new} >= confirmed > set()
    assert [one["memory_id"] for one in found] == [one["memory_id"] for one in before]
    assert [one["score"] for one in found] == [one["score"] for one in before]
    mark = f"user, still true on {TODAY}: The aurochs herd grazes north"
    assert mark in now
    assert now.replace(f", still true on {TODAY}", "") == context
    assert now.count("still true") == 1
    assert "grazes south" in now
    if "grazes north" in prompt:
        assert mark in prompt
    assert prompt.replace(f", still true on {TODAY}", "") == recalled
