"""What stands in the context of a session is not told to it a second time."""

import json
import os
import re
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.clients.hooks.conftest import QUESTION, all_captured, context, line, stop
from tests.support.each import each
from tests.support.polling import wait_for
from tests.support.ports import free_port


def test_nothing_is_told_twice_in_a_session(about_hosts):
    hooks, payload, word = about_hosts
    assert word in context(hooks.answer("prompt", payload))
    assert word not in context(hooks.answer("prompt", payload))
    for source in ("startup", "clear", "compact"):
        hooks.answer("start", payload | {"cwd": "/", "source": source})
        assert word in context(hooks.answer("prompt", payload)), source


def test_a_session_is_not_told_what_it_said_itself(live_hooks, say, wait_for_vectors, project):
    word = uuid4().hex[:8]
    said = f"The name of the staging host is {word}."
    say(said, "Noted.", project, session=f"claude-code:{word}")
    wait_for_vectors()
    payload = {"session_id": word, "cwd": str(project), "prompt": QUESTION}
    assert word not in context(live_hooks.answer("prompt", payload))


def test_vscode_is_not_told_its_own_session_after_a_compaction(live_hooks, say, project):
    word = uuid4().hex[:8]
    say(f"Where is {word}?", f"The host {word} is in Ulm.", project, session=f"copilot:{word}")
    payload = {"sessionId": word, "hookEventName": "SessionStart", "cwd": str(project)}
    begun = {"source": "compact"}
    assert word not in context(live_hooks.answer("start", payload | begun))
    assert word in context(live_hooks.answer("start", payload | begun | {"sessionId": "other"}))


def test_what_was_told_or_said_is_not_told_again_because_others_said_it_too(
    about_hosts, say, wait_for_vectors, project
):
    hooks, payload, word = about_hosts
    said = f"The name of the staging host is {word}."
    say("What was it?", "Noted.", project, session=f"claude-code:says-{word}")
    for session in (None, f"claude-code:says-{word}"):
        say(said, "Noted.", project, session)
    wait_for_vectors()
    assert context(hooks.answer("prompt", payload)).count(word) == 1
    for session in (payload["session_id"], f"says-{word}"):
        assert word not in context(hooks.answer("prompt", payload | {"session_id": session}))


def test_a_session_that_is_resumed_is_told_nothing_and_keeps_its_list(about_hosts):
    hooks, payload, word = about_hosts
    assert word in context(hooks.answer("start", payload | {"source": "startup"}))
    (told,) = (hooks.data_dir / "hooks/recalled").iterdir()
    three_weeks_ago = time.time() - 21 * 86_400
    os.utime(told, (three_weeks_ago, three_weeks_ago))
    assert hooks.answer("start", payload | {"source": "resume"}) is None
    all_captured(hooks)
    hooks.drain()
    assert word not in context(hooks.answer("prompt", payload))
    assert word in context(hooks.answer("prompt", payload | {"session_id": "another"}))


@pytest.fixture
def sessions(tmp_path, project):
    """Write transcripts as Claude Code does, in one folder; give their events."""
    folder = tmp_path / "transcripts"
    folder.mkdir()

    def write(mark, *lines):
        path = folder / f"{mark}.jsonl"
        if lines:
            path.write_text("".join(f"{one}\n" for one in lines))
        return {"session_id": mark, "transcript_path": str(path), "cwd": str(project)}

    return write


def said(word):
    fact = line(word, "1", "user", f"The name of the staging host is {word}.")
    return fact, line(word, "2", "assistant", "Noted.")


def test_a_fork_is_told_nothing_of_the_session_that_it_repeats(
    live_hooks, wait_for_vectors, sessions
):
    older, latest, fork = (f"marmot{uuid4().hex[:6]}" for _ in range(3))
    for word in (older, latest):
        payload = sessions(word, *said(word))
        stop(live_hooks, Path(payload["transcript_path"]), word, cwd=payload["cwd"])
        all_captured(live_hooks)
    wait_for_vectors()

    def told(payload):
        answer = context(live_hooks.answer("prompt", payload | {"prompt": QUESTION}))
        return [word in answer for word in (older, latest)]

    # Its transcript is not there before its first answer: until then it is one of the latest.
    payload = sessions(fork)
    assert live_hooks.answer("start", payload | {"source": "fork"}) is None
    assert told(payload) == [True, False]

    of_older = sessions("of-older")
    live_hooks.answer("start", of_older | {"source": "fork"})
    copied = [json.dumps(json.loads(one) | {"sessionId": "of-older"}) for one in said(older)]
    sessions("of-older", '{"type": "mode"}', *copied)
    assert told(of_older) == [False, True]
    assert told(of_older) == [False, False]

    again = sessions("fork-of-the-fork", *copied)
    live_hooks.answer("start", again | {"source": "fork"})
    assert told(again) == [False, False]
    live_hooks.answer("start", again | {"source": "compact", "cwd": "/"})
    assert [any(one) for one in zip(told(again), told(again), strict=True)] == [True, True]


def test_a_fork_is_not_told_again_what_the_other_session_was_told(about_hosts, sessions):
    hooks, payload, word = about_hosts
    first = sessions("first", line("first", "1", "user", "Good morning."))
    assert word in context(hooks.answer("prompt", first | {"prompt": payload["prompt"]}))
    fork = sessions("fork")
    assert hooks.answer("start", fork | {"source": "fork"}) is None
    assert word not in context(hooks.answer("prompt", fork | {"prompt": payload["prompt"]}))
    wait_for(lambda: not hooks.spooled())


def codex(mark, *text, **more):
    meta = {"type": "session_meta", "payload": {"id": mark, **more}}
    content = [{"type": "input_text", "text": one} for one in text]
    message = {"type": "message", "id": f"m-{mark}", "role": "user", "content": content}
    return json.dumps(meta), json.dumps({"type": "response_item", "payload": message})


def qwen(mark, *text, **more):
    message = {"role": "user", "parts": [{"text": one} for one in text]}
    return (
        json.dumps({"type": "user", "uuid": "1", "sessionId": mark, "message": message} | more),
    )


FORKS = {
    "codex": ("fork", lambda mark, origin: codex(mark, forked_from_id=origin)),
    "qwen-code": (
        "resume",
        lambda mark, origin: qwen(mark, "x", forkedFrom={"sessionId": origin, "messageUuid": "1"}),
    ),
    "opencode": ("fork", lambda mark, origin: ()),  # noqa: ARG005 - it writes no transcript
}


@each("client", FORKS)
def test_a_fork_knows_the_session_that_its_client_names(
    client, live_hooks, say, sessions, wait_for_vectors
):
    project = Path(sessions(client)["transcript_path"]).parent / client
    project.mkdir()
    source, lines = FORKS[client]
    said, told = (f"{name}{uuid4().hex[:6]}" for name in ("marmot", "heron"))
    origin, another, fork = (f"{name}-{said}" for name in ("origin", "another", "fork"))
    say(f"The name of the staging host is {said}.", "Noted.", project, f"{client}:{origin}")
    say(f"The name of the staging host was {told}.", "Noted.", project)
    wait_for_vectors()

    def asked(session):
        payload = sessions(session) | {"prompt": QUESTION, "cwd": str(project)}
        text = json.dumps(live_hooks.answer("prompt", payload, client))
        return [word in text for word in (said, told)]

    assert asked(origin) == [False, True]
    begun = sessions(fork, *lines(fork, origin)) | {"source": source}
    if client == "opencode":
        begun["forked_from"] = origin
    assert live_hooks.answer("start", begun, client) is None
    assert asked(fork) == [False, False]
    assert live_hooks.answer("start", sessions(another) | {"source": "resume"}, client) is None
    assert asked(another) == [True, True]


@each("client", ["gemini-cli", "qwen-code"])
def test_what_the_start_is_told_comes_with_the_first_prompt_where_a_resumed_session_would_lose_it(
    client, about_hosts, sage_url
):
    hooks, payload, word = about_hosts
    payload |= {"session_id": f"{client}-{word}", "prompt": "go on"}

    def told(event, **more):
        answer = context(hooks.answer(event, payload | more, client))
        assert not answer or answer.startswith("<sage-recall>")
        return word in answer

    for source in ("startup", "clear"):
        assert hooks.run("start", payload | {"source": source}, client) == (0, b"")
        hooks.find_sage(f"http://127.0.0.1:{free_port()}")
        assert not told("prompt"), "nobody is there"
        hooks.find_sage(sage_url)
        assert told("prompt")
        assert not told("prompt", prompt=QUESTION)
    assert hooks.run("start", payload | {"source": "resume"}, client) == (0, b"")
    assert not told("prompt")
    assert told("prompt", session_id=f"{client}-{word}-of-an-editor")  # which tells no start
    hooks.answer("start", payload | {"session_id": f"{client}-old", "source": "resume"}, client)
    assert not told("prompt", session_id=f"{client}-old")
    assert told("prompt", session_id=f"{client}-old", prompt=QUESTION)
    all_captured(hooks)


def test_a_first_prompt_is_told_the_start_and_what_answers_it_each_once(
    about_hosts, say, wait_for_vectors
):
    hooks, payload, word = about_hosts
    say("The key to the cellar of the office is kept by gopher.", "Ok.")
    wait_for_vectors()
    cellar = "Who keeps the key to the cellar of the office, for the staging host?"
    told = context(hooks.answer("prompt", payload | {"prompt": cellar}, "gemini-cli"))
    start, answer = re.findall("<sage-recall>.*?</sage-recall>", told, re.DOTALL)
    assert (start.count(word), answer.count(word)) == (1, 0)
    assert (start.count("gopher"), answer.count("gopher")) == (0, 1)
