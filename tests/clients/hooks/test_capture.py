"""What is said in a client comes to Sage: once, whole, and without what nobody said."""

import json
import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from sage.clients.importing.sources import sources_at
from sage.clients.transcripts.reading import FORMATS
from tests.clients.hooks.conftest import ANSWER, SAMPLES, TURNS, all_captured, line, stop
from tests.support import plain_http
from tests.support.polling import wait_for


@pytest.mark.parametrize("client", FORMATS)
def test_a_turn_is_kept_without_tools_delegated_work_and_recalled_text(
    client, live_hooks, transcript, kept
):
    path, mark = transcript(client)
    stop(live_hooks, path, mark, client, last_assistant_message=ANSWER)
    all_captured(live_hooks)
    assert kept(f"{client}:{mark}") == TURNS
    status = live_hooks.status(client)
    assert status["captured"] == 2
    assert status["hooks"]["stop"]["count"] == 1


@pytest.mark.parametrize("client", ["copilot", "claude-code"])
def test_vscode_is_kept_as_copilot_whosever_hooks_it_runs(live_hooks, transcript, kept, client):
    path, mark = transcript("copilot")
    told = {"sessionId": mark, "hookEventName": "Stop", "transcript_path": str(path)}
    assert live_hooks.run("stop", told | {"cwd": str(path.parent)}, client) == (0, b"")
    all_captured(live_hooks)
    assert kept(f"copilot:{mark}") == TURNS
    assert live_hooks.status("vscode")["captured"] == 2


def test_the_same_turn_is_kept_once_whatever_the_number_of_hooks(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    for event in ("stop", "stop", "compact", "end"):
        stop(live_hooks, path, mark, event=event)
    all_captured(live_hooks)
    (live_hooks.data_dir / "hooks/transcripts.json").unlink()  # read all of it again
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert live_hooks.status()["captured"] == 2


def test_a_fork_keeps_only_what_is_new_in_it(live_hooks, transcript, kept, tmp_path):
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    fork = tmp_path / "fork.jsonl"
    copied = path.read_text().replace(f'"sessionId": "{mark}"', f'"sessionId": "f-{mark}"')
    fork.write_text(copied + line(f"f-{mark}", "new", "user", "And this year?") + "\n")
    stop(live_hooks, fork, f"f-{mark}")
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS
    assert kept(f"claude-code:f-{mark}") == [("user", "And this year?")]


@pytest.mark.parametrize(
    ("event", "is_prompt_read"), [("stop", False), ("end", False), ("end", True)]
)
def test_an_answer_that_comes_to_the_file_after_the_event_is_kept(
    live_hooks, transcript, kept, event, is_prompt_read
):
    path, mark = transcript("claude-code")
    whole = path.read_text().splitlines(keepends=True)
    late = next(number for number, text in enumerate(whole) if "by the mill" in text)
    path.write_text("".join(whole[:late]))
    if is_prompt_read:
        stop(live_hooks, path, mark, event="start")
        all_captured(live_hooks)
    begun = live_hooks.data_dir / "hooks/begun.json"
    begun.unlink(missing_ok=True)

    def write_the_rest():
        wait_for(begun.exists)
        time.sleep(0.1)  # as the client does
        with path.open("a") as file:
            file.write("".join(whole[late:]))

    writer = threading.Thread(target=write_the_rest)
    writer.start()
    told = {"last_assistant_message": ANSWER} if event == "stop" else {}
    stop(live_hooks, path, mark, event=event, **told)
    writer.join()
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_a_turn_that_no_event_told_of_is_kept_with_the_next(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    with path.open("a") as file:
        file.write(line(mark, "i-1", "user", "a prompt that was interrupted") + "\n")
        file.write(line(mark, "i-2", "user", "And where do storks?") + "\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    assert [text for _, text in kept(f"claude-code:{mark}")][2:] == [
        "a prompt that was interrupted",
        "And where do storks?",
    ]


def test_half_a_line_is_left_for_the_next_time(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    text = line(mark, "h-1", "user", "A line in two halves.")
    with path.open("a") as file:
        file.write(text[:40])
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    with path.open("a") as file:
        file.write(text[40:] + "\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}")[2:] == [("user", "A line in two halves.")]


def test_a_project_entered_by_a_link_has_its_own_name_whoever_saves_it(
    live_hooks, sage_url, project, tmp_path
):
    mark = uuid4().hex
    linked = tmp_path / "link"
    linked.symlink_to(project)
    path = tmp_path / f"{mark}.jsonl"
    path.write_text(line(mark, "l-1", "user", "Hello.", cwd=str(linked)) + "\n")
    payload = {"session_id": mark, "transcript_path": str(path), "cwd": str(linked)}
    live_hooks.run("end", payload)
    all_captured(live_hooks)
    session = plain_http.get(f"{sage_url}/api/v1/sessions/claude-code:{mark}").json()
    (captured,) = session["memories"]
    (source,) = sources_at([path]).sources
    (imported,) = source.memories()
    for one in (captured["metadata"], imported.metadata):
        assert (one["project"], one["project_name"]) == (str(project), "project")


def test_delegated_work_is_not_captured(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark, agent_id="a1")
    assert live_hooks.spooled() == []
    assert kept(f"claude-code:{mark}") == []


def test_private_parts_and_secrets_do_not_leave_the_machine(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    with path.open("a") as file:
        for number, text in enumerate(
            (
                "Keep this. <private>my salary is 1</private> And this.",
                "<private>all of it, without an end",
                "My key is sk-" + "a1B2c3D4" * 4 + " and password=hunter22hunter.",
                "postgres://me:s3cretpass@db/x\nAuthorization: Bearer abcdefghijklmnop1234",
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            )
        ):
            file.write(line(mark, f"p-{number}", "user", text) + "\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    assert [text for _, text in kept(f"claude-code:{mark}")][2:] == [
        "Keep this.  And this.",
        "My key is [masked] and password=[masked]",
        "postgres://me:[masked]@db/x\nAuthorization: Bearer [masked]",
        "[masked]",
    ]


def test_what_cannot_be_stored_is_repaired_and_what_is_too_long_is_split_and_shown_as_one(
    live_hooks, transcript, kept, sage_url
):
    path, mark = transcript("claude-code")
    with path.open("a") as file:
        file.write(line(mark, "r-1", "user", "nul \x00 and half \ud83d") + "\n")
        file.write(line(mark, "r-2", "user", "long words " * 20_000) + "\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    repaired, long = [text for _, text in kept(f"claude-code:{mark}")][2:]
    assert repaired == "nul  and half \ufffd"
    assert long.startswith("long words long words")
    assert long.endswith("\n[... 215,999 characters left out]")
    assert live_hooks.status()["captured"] == len(TURNS) + 4
    page = plain_http.get(f"{sage_url}/api/v1/sessions", params={"limit": 100}).json()
    (count,) = [one["memories"] for one in page["sessions"] if mark in one["session_id"]]
    assert count == len(TURNS) + 2


def test_a_message_with_bytes_that_are_no_text_or_with_an_odd_time_is_kept_and_imported_once(
    live_hooks, transcript, kept
):
    path, mark = transcript("claude-code")
    with path.open("ab") as file:
        file.write(
            line(mark, "b-1", "user", "caf\xe9").encode().replace(b"\\u00e9", b"\xe9") + b"\n"
        )
        for number, odd in enumerate(("yesterday", 1_780_000_000_000, "9999-12-31T00:00:00Z")):
            told = line(mark, f"t-{number}", "user", f"It was {odd}.", timestamp=odd)
            file.write(told.encode() + b"\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    texts = [text for _, text in kept(f"claude-code:{mark}")][2:]
    odd = ["It was yesterday.", "It was 1780000000000.", "It was 9999-12-31T00:00:00Z."]
    assert sorted(texts) == sorted(["caf\ufffd", *odd])
    assert "last_error" not in live_hooks.status()
    (source,) = sources_at([path]).sources
    assert {"caf\ufffd", *odd} <= {one.message.content for one in source.memories()}


def test_a_message_that_sage_refuses_takes_no_other_with_it(live_hooks, transcript, kept):
    path, mark = transcript("claude-code")
    with path.open("a") as file:
        file.write(line(mark, "x-1", "user", "\ufdfa" * 90_000) + "\n")  # longer in form NFKC
        file.write(line(mark, "x-2", "user", "\U0001f375" * 99_000) + "\n")  # many bytes
        file.write(line(mark, "x-3", "user", "and the last") + "\n")
    stop(live_hooks, path, mark, event="end")
    all_captured(live_hooks)
    texts = [text[:20] for _, text in kept(f"claude-code:{mark}")][2:]
    assert texts == ["\U0001f375" * 20, "and the last"]
    assert "refused" in live_hooks.status()["last_error"]["message"]


def test_the_next_session_says_that_the_last_was_not_kept(live_hooks, transcript):
    path, mark = transcript("claude-code")
    status = live_hooks.data_dir / "hooks/status/claude-code.json"
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    failure = {"at": 1, "message": "Sage rejected it (HTTP 401)"}
    status.write_text(json.dumps(live_hooks.status() | {"failing": failure}))
    answer = live_hooks.answer("start", {"session_id": "x"})
    assert "has not saved the last session: Sage rejected it" in answer["systemMessage"]


def test_a_client_without_transcripts_sends_what_was_said(live_hooks, kept):
    mark = uuid4().hex
    messages = [
        {"id": f"1-{mark}", "role": "user", "text": TURNS[0][1], "at": "2026-11-20T10:00:00Z"},
        {"id": f"2-{mark}", "role": "assistant", "text": ANSWER, "at": "2026-11-20T10:00:01Z"},
    ]
    for _ in range(2):
        live_hooks.run("stop", {"session_id": mark, "messages": messages}, "opencode")
    all_captured(live_hooks)
    assert kept(f"opencode:{mark}") == TURNS


def test_what_a_machine_says_whose_clock_is_ahead_is_of_now_and_in_order(sage_url):
    session = f"opencode:{uuid4()}"
    said = [
        {"session_id": session, "role": role, "content": text, "created_at": f"209{year}-01-01"}
        for (role, text), year in zip(TURNS, (9, 8), strict=True)
    ]
    sent = {"client": "opencode", "memories": said}
    plain_http.post(f"{sage_url}/api/v1/hooks/capture", json=sent).raise_for_status()
    memories = plain_http.get(f"{sage_url}/api/v1/sessions/{session}").json()["memories"]
    assert [one["content"] for one in memories] == [text for _, text in TURNS]
    assert all(datetime.fromisoformat(one["created_at"]) <= datetime.now(UTC) for one in memories)


def test_the_texts_of_cursor_come_with_its_events(live_hooks, kept):
    mark = uuid4().hex
    told = {"conversation_id": mark, "generation_id": f"g-{mark}", "cursor_version": "3"}
    live_hooks.run("prompt", told | {"prompt": TURNS[0][1]}, "cursor")
    live_hooks.run("stop", told | {"text": ANSWER}, "cursor")
    all_captured(live_hooks)
    wait_for(lambda: len(kept(f"cursor:{mark}")) == 2)
    assert kept(f"cursor:{mark}") == TURNS


def test_the_texts_of_windsurf_come_with_its_events(
    live_hooks, sage_url, kept, project, monkeypatch
):
    mark = uuid4().hex
    monkeypatch.chdir(project)  # where it starts its hooks, and all it says of the project
    for name, event in (("pre_user_prompt", "prompt"), ("post_cascade_response", "stop")):
        told = json.loads((SAMPLES / f"windsurf/{name}.json").read_text())
        told |= {"trajectory_id": mark, "execution_id": f"e-{mark}"}
        assert live_hooks.run(event, told, "windsurf") == (0, b"")
    all_captured(live_hooks)
    wait_for(lambda: len(kept(f"windsurf:{mark}")) == 2)
    assert kept(f"windsurf:{mark}") == [
        ("user", "create a hello world file"),
        ("assistant", "I'll create a hello world file for you.\n\nThe file is *there* now."),
    ]
    session = plain_http.get(f"{sage_url}/api/v1/sessions/windsurf:{mark}").json()
    assert [one["created_at"][:19] for one in session["memories"]] == [
        "2026-08-01T09:00:00",
        "2026-08-01T09:00:07",
    ]
    assert {one["metadata"]["project_name"] for one in session["memories"]} == {"project"}
