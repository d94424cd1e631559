"""What hooks may send."""

import json
from uuid import uuid4

from tests.support.serving import wait_until


def test_a_client_is_a_plain_name_since_memories_tell_it_as_their_source(rest):
    line = {"memory_id": str(uuid4()), "session_id": "s", "role": "user", "content": "A heron."}
    bodies = {"capture": {"memories": [line]}, "recall": {"event": "prompt", "query": "heron"}}
    names = {"codex": 200, "my.client_2-x": 200, "x" * 40: 200, "x" * 41: 422, "": 422, "a b": 422}
    names |= {
        f"codex{odd}": 422 for odd in ("\n", "\u202e", "\u0301", "\ufe00", "]", "<", "é", "/")
    }
    wrong = []
    for route, body in bodies.items():
        for name, status in names.items():
            answer = rest.post(f"/api/v1/hooks/{route}", json=body | {"client": name})
            field = answer.json().get("field") if status == 422 else None
            if (answer.status_code, field) != (status, "client" if status == 422 else None):
                wrong.append((route, name, answer.text))
    assert wrong == []


def test_a_session_is_text_and_as_long_as_one_that_is_kept(rest, session_id):
    def recall(session):
        body = {"client": "codex", "event": "start", "project": session_id, "session": session}
        text = json.dumps(body)  # a client cannot send half a character in any other way
        return rest.post(
            "/api/v1/hooks/recall", content=text, headers={"content-type": "application/json"}
        )

    line = {"role": "user", "content": f"A heron nests at {session_id}."}
    body = {"messages": [line], "session_id": session_id, "metadata": {"project": session_id}}
    rest.post("/api/v1/conversations", json=body)
    for odd in ("a\0b", "a\ud800b"):
        answer = recall(odd)
        assert (answer.status_code, answer.json()["field"]) == (422, "session")
    assert recall("x" * 300_000).status_code == 200
    named = "codex:" + "x" * 194
    given = {"session_id": named, "limit": 1}
    wait_until(lambda: rest.get("/api/v1/given", params=given).json()["given"], "the record")
