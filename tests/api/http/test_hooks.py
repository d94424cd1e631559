"""What hooks may send."""

from uuid import uuid4


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
