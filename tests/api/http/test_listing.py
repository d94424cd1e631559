"""Lists over REST, page by page."""

import pytest


def save(rest, session_id, *texts):
    messages = [{"role": "user", "content": text} for text in texts]
    body = {"messages": messages, "session_id": session_id}
    assert rest.post("/api/v1/conversations", json=body).status_code == 200


def pages(rest, path, **params):
    """Read every page of a list."""
    while True:
        page = rest.get(path, params=params).json()
        yield page
        if page["next_cursor"] is None:
            return
        params["cursor"] = page["next_cursor"]


def test_a_session_is_read_page_by_page_in_its_order(rest, session_id):
    save(rest, session_id, *(f"number {number}" for number in range(5)))
    read = list(pages(rest, f"/api/v1/sessions/{session_id}", limit=2))
    assert [len(page["memories"]) for page in read] == [2, 2, 1]
    assert {page["session_id"] for page in read} == {session_id}
    contents = [memory["content"] for page in read for memory in page["memories"]]
    assert contents == [f"number {number}" for number in range(5)]


def test_memories_are_listed_with_the_newest_first(rest, session_id):
    save(rest, session_id, "older", "newer")
    first = rest.get("/api/v1/memories", params={"limit": 2}).json()
    assert [memory["content"] for memory in first["memories"]] == ["newer", "older"]
    assert set(first["memories"][0]) == {
        *("memory_id", "session_id", "role", "name", "content", "created_at", "metadata"),
        *("source", "trust", "kept_at"),
    }


def test_sessions_are_listed_with_the_latest_first(rest, session_id):
    save(rest, session_id, "Where do herons nest?", "By the mill.")
    save(rest, f"{session_id} 2", "Good morning.")
    listed = [one for page in pages(rest, "/api/v1/sessions", limit=1) for one in page["sessions"]]
    assert [one["session_id"] for one in listed[:2]] == [f"{session_id} 2", session_id]
    assert listed[1]["memories"] == 2
    assert listed[1]["preview"] == "Where do herons nest?"
    assert listed[1]["first_at"] <= listed[1]["last_at"]


@pytest.mark.parametrize("path", ["memories", "sessions", "sessions/any"])
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "x" * 22}, "cursor"),
        ({"offset": "5"}, "offset"),
    ],
)
def test_a_wrong_page_is_refused_by_the_name_of_the_argument(rest, path, params, field):
    answer = rest.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["hint"]
