"""The paths of earlier releases answer as their successors do, and say that they are former."""

import pytest

from sage.api.http.deprecated_routes import SUCCESSORS
from tests.support.polling import wait_for

FORMER = "The former path still leads to the orchard."
PARTIAL = {"degraded", "pending"}


def is_marked(answer, path):
    assert answer.headers["deprecation"].startswith("@")
    assert answer.headers["link"] == f'<{SUCCESSORS[path]}>; rel="successor-version"'
    return True


def ask_in_full(rest, path, arguments):
    """Ask until nothing was cut off for the time it took, and no vector is missing."""
    answers = []

    def is_in_full():
        answers.append(rest.post(path, json=arguments))
        return answers[-1].status_code == 200 and not PARTIAL & answers[-1].json().keys()

    wait_for(is_in_full)
    return answers[-1]


def test_what_is_saved_by_a_former_path_is_found_by_both(rest, session_id):
    body = {"messages": [{"role": "user", "content": FORMER}], "session_id": session_id}
    saved = rest.post("/save_conversation", json=body)
    assert saved.status_code == 200
    assert is_marked(saved, "/save_conversation")
    for former, arguments in (
        ("/search_memory", {"query": "orchard path", "session_id": session_id}),
        ("/get_context", {"query": "orchard path", "session_id": session_id}),
    ):
        by_former = ask_in_full(rest, former, arguments)
        by_present = ask_in_full(rest, SUCCESSORS[former], arguments)
        assert is_marked(by_former, former)
        assert "deprecation" not in by_present.headers
        assert by_former.json().keys() == by_present.json().keys()
        assert FORMER in by_former.text
        assert FORMER in by_present.text


@pytest.mark.parametrize("path", SUCCESSORS)
def test_an_error_is_marked_too(rest, path):
    body, request = {"query": 7, "session_id": 7}, {"x-request-id": "same"}
    wrong = rest.post(path, json=body, headers=request)
    assert wrong.status_code == 422
    assert is_marked(wrong, path)
    assert wrong.json() == rest.post(SUCCESSORS[path], json=body, headers=request).json()
    assert rest.get(path).status_code == 405


def test_the_description_marks_them_and_nothing_else(rest):
    paths = rest.get("/openapi.json").json()["paths"]
    deprecated = {
        path for path, verbs in paths.items() for verb in verbs.values() if verb.get("deprecated")
    }
    assert deprecated == set(SUCCESSORS)
    for former, present in SUCCESSORS.items():
        one, other = paths[former]["post"], paths[present]["post"]
        assert (
            one["requestBody"]["content"]["application/json"]["schema"]
            == (other["requestBody"]["content"]["application/json"]["schema"])
        )
        assert one["responses"]["200"] == other["responses"]["200"]
    identifiers = [verb["operationId"] for verbs in paths.values() for verb in verbs.values()]
    assert len(set(identifiers)) == len(identifiers)
