"""A Sage that does not answer is left alone: each prompt would wait for it in vain."""

import json

from tests.clients.hooks.conftest import context
from tests.support.broken_sage import answering

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
    hooks.find_sage(sage_url)
    assert ask() == (True, 0)

    with answering(never) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        assert ask() == (False, 1)
        hooks.find_sage(sage_url)
        hooks.answer("start", payload | {"source": "startup"})
    with answering(never) as port:
        hooks.find_sage(f"http://127.0.0.1:{port}")
        assert [ask() for _ in range(2)] == [(False, 1), (False, 1)]
