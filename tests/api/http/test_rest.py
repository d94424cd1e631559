"""The REST twins, through a real server on a real database."""

import pytest
from jsonschema import Draft202012Validator

from sage.api.http.deprecated_routes import SUCCESSORS
from tests.support.polling import wait_for

POTTERY = "The pottery class starts on Friday evening."


def save(rest, session_id, **more):
    body = {
        "messages": [
            {"role": "user", "name": "Caroline", "content": POTTERY},
            {"role": "assistant", "content": "It is fun for beginners, too."},
        ],
        "session_id": session_id,
    }
    return rest.post("/api/v1/conversations", json=body | more)


def test_what_is_saved_is_found_by_its_words_at_once(rest, session_id):
    saved = save(rest, session_id).json()
    assert saved["saved"] is True
    assert saved["session_id"] == session_id
    assert len(saved["memory_ids"]) == 2
    assert saved["indexed"] in {"ready", "pending"}
    found = rest.post("/api/v1/search", json={"query": "pottery", "session_id": session_id}).json()
    best = found["results"][0]
    assert best["memory_id"] == saved["memory_ids"][0]
    assert best["content"] == POTTERY
    assert (best["role"], best["name"]) == ("user", "Caroline")
    assert "score" not in best


def test_what_is_empty_is_left_out(rest, session_id):
    save(rest, session_id)
    asked = {"query": "fun", "session_id": session_id, "role": "assistant"}
    found = rest.post("/api/v1/search", json=asked).json()
    assert set(found) - {"pending"} == {"relevance", "results"}  # vectors may be waiting
    assert "name" not in found["results"][0]
    context = rest.post("/api/v1/context", json={"query": "fun", "session_id": session_id}).json()
    assert set(context) - {"pending"} == {"context", "relevance", "memories", "tokens"}
    assert all("content" not in memory for memory in context["memories"])
    schemas = rest.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Hit"]["properties"]["name"]["type"] == "string"
    assert not {"name", "signals", "score", "matches"} & set(schemas["Hit"]["required"])


def test_a_pair_is_two_memories_in_order(rest, session_id):
    body = {"user_prompt": "Where is the key?", "assistant_response": "Under the mat."}
    saved = rest.post("/api/v1/conversations", json=body | {"session_id": session_id}).json()
    session = rest.get(f"/api/v1/sessions/{session_id}").json()
    assert [memory["role"] for memory in session["memories"]] == ["user", "assistant"]
    assert [memory["memory_id"] for memory in session["memories"]] == saved["memory_ids"]


def test_an_idempotency_key_gives_the_first_answer_and_refuses_another_body(rest, session_id):
    first = save(rest, session_id, idempotency_key=session_id)
    again = save(rest, session_id, idempotency_key=session_id)
    assert again.json()["saved"] is False
    assert again.json()["memory_ids"] == first.json()["memory_ids"]
    other = save(rest, session_id, idempotency_key=session_id, metadata={"other": 1})
    assert other.status_code == 409
    assert other.json()["hint"]


def test_filters_narrow_a_search(rest, session_id):
    save(rest, session_id, metadata={"topic": session_id}, created_at="2026-05-08T13:56:00Z")

    def found(**filters):
        body = {"query": "pottery class fun", "metadata": {"topic": session_id}} | filters
        return [hit["role"] for hit in rest.post("/api/v1/search", json=body).json()["results"]]

    assert sorted(found()) == ["assistant", "user"]
    assert found(role="user") == ["user"]
    assert found(n=1) == ["user"]
    assert found(after="2026-05-08T13:56:00Z", before="2026-05-08T13:56:01Z") != []
    assert found(before="2026-05-08T13:56:00Z") == []
    assert found(metadata={"topic": "another"}) == []
    assert found(after="8 May 2026", before="yesterday") != []
    assert found(before="昨天") != []
    assert found(after="last week") == []


def test_context_stays_within_its_window(rest, session_id):
    save(rest, session_id)
    answer = rest.post(
        "/api/v1/context",
        json={"query": "pottery", "session_id": session_id, "context_window": 200},
    ).json()
    assert POTTERY in answer["context"]
    assert answer["tokens"] <= 200
    assert answer["memories"][0]["session_id"] == session_id


def test_forgotten_memories_are_gone_and_come_back(rest, session_id):
    ids = save(rest, session_id).json()["memory_ids"]
    assert rest.post("/api/v1/forget", json={"memory_ids": ids[:1]}).json()["forgotten"] == 1
    path = f"/api/v1/memories/{ids[0]}"
    assert rest.get(path).status_code == 404
    forgotten = rest.get(path, params={"include_forgotten": True}).json()
    assert (forgotten["content"], bool(forgotten["forgotten_at"])) == (POTTERY, True)
    undone = rest.post("/api/v1/forget", json={"memory_ids": ids[:1], "undo": True}).json()
    assert undone == {"forgotten": 0, "restored": 1, "unknown": 0}
    there = rest.get(path).json()
    assert there["content"] == POTTERY
    assert "forgotten_at" not in there


def test_a_memory_is_read_by_a_short_id_with_what_it_replaces_and_its_vector(rest, session_id):
    old, other = save(rest, session_id).json()["memory_ids"]
    (new,) = rest.post(
        "/api/v1/conversations",
        json={
            "messages": [{"role": "user", "content": "The pottery class starts on Monday."}],
            "session_id": session_id,
            "replaces": [old],
        },
    ).json()["memory_ids"]

    def read(memory_id):
        return rest.get(f"/api/v1/memories/{memory_id}").json()

    assert read(old)["superseded_by"] == [new]
    assert read(new)["replaces"] == [old]
    assert not {"superseded_by", "replaces"} & read(other).keys()
    assert read(other[-8:]) == read(other)
    wait_for(lambda: read(new)["embedded"])
    rest.post("/api/v1/forget", json={"memory_ids": [new]})
    assert "superseded_by" not in read(old)


def test_statistics_count_what_is_kept(rest, session_id):
    before = rest.get("/api/v1/stats").json()
    save(rest, session_id)
    after = rest.get("/api/v1/stats").json()
    assert after["memories"] == before["memories"] + 2
    assert after["sessions"] == before["sessions"] + 1
    assert set(after["queue"]) == {"pending", "failed"}
    assert after["storage_bytes"] > 0
    assert after["embedding_model"]


def test_a_session_id_may_hold_any_text(rest, session_id):
    odd = f"猫/{session_id}?#%"
    save(rest, odd)
    answer = rest.get(
        "/api/v1/sessions/" + odd.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    )
    assert answer.json()["session_id"] == odd


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/api/v1/memories/00000000-0000-7000-8000-000000000000", 404, "not-found"),
        ("GET", "/api/v1/sessions/no-such-session", 404, "not-found"),
        ("GET", "/no/such/route", 404, "no-route"),
        ("GET", "/mcp/", 405, "method"),
        ("GET", "/.well-known/oauth-protected-resource/mcp", 404, "no-route"),
        ("POST", "/register", 404, "no-route"),
        ("GET", "/mcp", 405, "method"),
        ("DELETE", "/mcp", 405, "method"),
        ("GET", "/api/v1/search", 405, "method"),
        ("GET", "/api/v1/memories/not-an-id", 422, "invalid-input"),
    ],
)
def test_every_refusal_is_a_problem_with_a_hint(rest, method, path, status, kind):
    answer = rest.request(method, path)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:sage:problem:{kind}"
    assert problem["hint"]
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_the_documentation_describes_every_argument_and_problem(rest):
    document = rest.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for name in ("SaveArguments", "SearchArguments", "ContextArguments", "ForgetArguments"):
        assert schemas[name]["additionalProperties"] is False
        assert all(field["description"] for field in schemas[name]["properties"].values())
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert "HTTPValidationError" not in str(operation["responses"])
    save_body = document["paths"]["/api/v1/conversations"]["post"]["requestBody"]
    assert "pair" in save_body["content"]["application/json"]["examples"]


@pytest.mark.parametrize("path", ["conversations", "search", "context", "forget"])
def test_an_unknown_argument_is_named_and_not_taken_for_a_body_that_cannot_be_read(rest, path):
    answer = rest.post(f"/api/v1/{path}", json={"nonsense": 1})
    assert answer.status_code == 422
    assert "nonsense" in answer.text
    for body in (b"", b"[]", b"7", b"null"):
        answer = rest.post(f"/api/v1/{path}", content=body)
        assert answer.status_code == 400
        assert "not a JSON object" in answer.text


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ("SaveArguments", {"user_prompt": "a", "assistant_response": "b"}, {"user_prompt": "a"}),
        ("SaveArguments", {"messages": [{"role": "user", "content": "a"}]}, {"messages": []}),
        (
            "SaveArguments",
            {"user_prompt": "a", "assistant_response": "b", "messages": None},
            {"user_prompt": "a", "assistant_response": "b", "messages": [{"role": "user"}]},
        ),
        ("ForgetArguments", {"session_id": "a"}, {}),
        ("ForgetArguments", {"session_id": "a", "memory_ids": None}, {"session_id": ""}),
        ("ForgetArguments", {"session_id": "a"}, {"session_id": "a", "memory_ids": []}),
        ("SearchArguments", {"query": "a"}, {"query": ""}),
    ],
)
def test_the_document_accepts_and_refuses_what_the_server_does(rest, schema, valid, invalid):
    document = rest.get("/openapi.json").json()
    described = {"$ref": f"#/components/schemas/{schema}"} | document
    paths = {"SaveArguments": "conversations", "ForgetArguments": "forget"}
    for body, accepted in ((valid, True), (invalid, False)):
        assert Draft202012Validator(described).is_valid(body) == accepted
        answer = rest.post(f"/api/v1/{paths.get(schema, 'search')}", json=body)
        assert (answer.status_code == 200) == accepted, answer.text


def test_every_answer_of_a_former_path_is_in_the_document(rest):
    paths = rest.get("/openapi.json").json()["paths"]
    for former, successor in SUCCESSORS.items():
        assert (
            paths[former]["post"]["responses"].keys()
            == paths[successor]["post"]["responses"].keys()
        )


def test_a_corrected_message_is_kept_and_found_only_when_asked_for(rest, session_id):
    old = save(rest, session_id).json()["memory_ids"]
    body = {"messages": [{"role": "user", "content": "The pottery class starts on Monday."}]}
    new = rest.post(
        "/api/v1/conversations", json=body | {"session_id": session_id, "replaces": old}
    ).json()["memory_ids"]
    # Words of both old messages: their vectors may come later.
    asked = {"query": "fun in the pottery class", "session_id": session_id}
    found = rest.post("/api/v1/search", json=asked).json()["results"]
    assert [hit["memory_id"] for hit in found] == new
    everything = rest.post("/api/v1/search", json=asked | {"include_superseded": True}).json()
    assert {hit["memory_id"] for hit in everything["results"] if "superseded_at" in hit} == set(old)
    assert rest.post("/api/v1/forget", json={"memory_ids": new}).json()["forgotten"] == 1
    found = rest.post("/api/v1/search", json=asked).json()["results"]
    assert {hit["memory_id"] for hit in found} == set(old)
    body["replaces"] = ["00000000-0000-0000-0000-000000000000"]
    refused = rest.post("/api/v1/conversations", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "replaces")
