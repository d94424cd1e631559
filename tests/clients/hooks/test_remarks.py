"""Of a turn with several texts of an agent the prompt and the last text are found."""

import json
from uuid import uuid4

from sage.clients.importing.sources import sources_at
from tests.clients.hooks.conftest import all_captured, stop
from tests.clients.transcripts.taken_back import claude
from tests.support import plain_http


def append(path, mark, *lines):
    with path.open("a") as file:
        for line in lines:
            file.write(
                json.dumps(line | {"uuid": f"{mark}{line['uuid']}", "sessionId": mark}) + "\n"
            )


def found(sage_url, mark):
    answer = plain_http.post(f"{sage_url}/api/v1/search", json={"query": mark, "n": 50})
    said = {one["content"] for one in answer.json()["results"]}
    return {text.removesuffix(f" {mark}") for text in said if mark in text}


def test_a_text_is_a_remark_once_another_follows_in_its_turn_whenever_that_is_read(
    live_hooks, sage_url, kept, tmp_path
):
    mark = uuid4().hex
    path = tmp_path / f"{mark}.jsonl"
    texts = [
        claude("1", None, "user", f"The login test is flaky on Mondays. {mark}"),
        claude("2", "1", "assistant", f"Step 1: the file of the test. {mark}"),
    ]
    append(path, mark, *texts)
    stop(live_hooks, path, mark, event="compact")  # in the middle of a turn
    all_captured(live_hooks)
    assert len(found(sage_url, mark)) == 2
    texts = [
        claude("3", "2", "assistant"),
        claude("4", "3", "assistant", f"Step 2: the clock. {mark}"),
        claude("5", "4", "assistant"),
        claude("6", "5", "assistant", f"It compares local time with UTC. {mark}"),
    ]
    append(path, mark, *texts)
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    recalled = {"The login test is flaky on Mondays.", "It compares local time with UTC."}
    assert found(sage_url, mark) == recalled
    assert [role for role, _ in kept(f"claude-code:{mark}")] == ["user", *["assistant"] * 3]
    texts = [
        claude("7", "6", "user", "<command-name>/review</command-name>"),
        claude("8", "7", "assistant", f"The review found a missing lock. {mark}"),
    ]
    append(path, mark, *texts)
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert found(sage_url, mark) == {*recalled, "The review found a missing lock."}
    (source,) = sources_at([path]).sources
    session = plain_http.get(f"{sage_url}/api/v1/sessions/claude-code:{mark}").json()["memories"]
    assert {str(one.memory_id): one.metadata["turn"] for one in source.memories()} == {
        one["memory_id"]: one["metadata"]["turn"] for one in session
    }
