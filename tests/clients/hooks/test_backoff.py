"""A Sage that does not answer is left alone: each prompt would wait for it in vain."""

import json

import pytest

from sage.clients.hooks.payload import Payload
from sage.clients.hooks.recall import answers
from sage.clients.hooks.server.backoff import outage
from sage.clients.hooks.server.errors import UnansweredError
from tests.clients.hooks.conftest import QUESTION, TURNS, all_captured, context, stop
from tests.support.broken_sage import answering, slowly
from tests.support.polling import wait_for

PAUSE_S = 60


def test_after_two_prompts_in_vain_sage_is_left_alone_for_a_minute(about_hosts, sage_url):
    hooks, payload, word = about_hosts
    calls = []

    def never(_, ended):
        calls.append(1)
        ended.wait(5)

    def ask():
        before = len(calls)
        answer = hooks.answer("prompt", payload)
        return word in context(answer), len(calls) - before

    def wait_out():
        path = hooks.data_dir / "hooks/unanswered.json"
        state = json.loads(path.read_text())
        path.write_text(json.dumps(state | {"at": state["at"] - PAUSE_S}))

    with answering(never) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        assert [ask() for _ in range(4)] == [(False, 1), (False, 1), (False, 0), (False, 0)]
        assert "in time" in hooks.status()["hooks"]["prompt"]["last_error"]["message"]
        wait_out()
        assert [ask() for _ in range(2)] == [(False, 1), (False, 0)]
        wait_out()

    def is_found():
        found, _ = ask()
        if not found:  # a busy machine was late
            wait_out()
        return found

    hooks.find_sage(sage_url)
    wait_for(is_found)
    with answering(never) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        assert ask() == (False, 1)
        hooks.find_sage(sage_url)
        hooks.answer("start", payload | {"source": "startup"})
    with answering(never) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        assert [ask() for _ in range(2)] == [(False, 1), (False, 1)]


def test_what_is_said_to_a_sage_that_answered_prompts_too_late_is_captured_at_once(
    hooks, transcript, kept, sage_url
):
    path, mark = transcript("claude-code")
    with answering(slowly) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        for _ in range(2):
            hooks.answer("prompt", {"session_id": mark, "prompt": QUESTION})
        hooks.find_sage(sage_url)
        assert outage(str(hooks.data_dir)).is_pausing
        stop(hooks, path, mark)
        all_captured(hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_a_hook_that_a_busy_machine_left_little_time_learns_nothing_of_sage(hooks, monkeypatch):
    data_dir = str(hooks.data_dir)
    payload = Payload(["prompt", "--client", "claude-code"], {"prompt": QUESTION})
    monkeypatch.setattr("signal.setitimer", lambda *_: None)
    with answering(slowly) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        for left_s, counts in ((0.01, False), (0.25, False), (0.9, True)):
            monkeypatch.setattr("signal.getitimer", lambda _, left_s=left_s: (left_s, 0.0))
            with pytest.raises(UnansweredError):
                answers.answer_prompt(data_dir, payload)
            assert bool(outage(data_dir)) == counts
