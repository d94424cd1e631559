"""What hooks put into sessions is recorded with the session, and what was not useful left out."""

from uuid import uuid4

from tests.clients.hooks.conftest import context
from tests.support import plain_http
from tests.support.polling import wait_for


def given_to(sage_url, session):
    """Wait for the record of what a session was given; return it."""
    found = []

    def is_there():
        params = {"session_id": f"claude-code:{session}"}
        found[:] = plain_http.get(f"{sage_url}/api/v1/given", params=params).json()["given"]
        return found

    wait_for(is_there)
    return found


def mark(sage_url, occasion, memory_id, method="POST"):
    path = f"{sage_url}/api/v1/given/{occasion}/not-useful/{memory_id}"
    plain_http.request(method, path).raise_for_status()


def test_a_prompt_is_told_no_more_what_was_not_useful_for_it(about_hosts, sage_url, project):
    hooks, payload, word = about_hosts
    assert word in context(hooks.answer("prompt", payload))
    (occasion,) = given_to(sage_url, payload["session_id"])
    assert (occasion["occasion"], occasion["client"]) == ("prompt", "claude-code")
    assert (occasion["project"], occasion["relevance"]) == (str(project), "strong")
    told = occasion["memories"][0]
    assert word in told["preview"]
    assert told["probability"] > 0.5
    mark(sage_url, occasion["recall_id"], told["memory_id"])
    reworded = {"prompt": "What's our staging host's name?", "session_id": uuid4().hex}
    assert word not in str(hooks.answer("prompt", payload | reworded))
    mark(sage_url, occasion["recall_id"], told["memory_id"], "DELETE")
    assert word in context(hooks.answer("prompt", payload | reworded))


def test_a_start_is_recorded_with_its_session(live_hooks, say, project, sage_url):
    word = uuid4().hex
    say(f"The staging host is {word}.", "Noted.", project)
    assert word in context(live_hooks.answer("start", {"session_id": word, "cwd": str(project)}))
    (occasion,) = given_to(sage_url, word)
    assert occasion["occasion"] == "start"
    assert any(word in one["preview"] for one in occasion["memories"])
