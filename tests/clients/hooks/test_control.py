"""What people have in their hands: pauses, folders that are ignored, sessions to be forgotten."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from sage.cli.main import main
from sage.clients.hooks import settings
from sage.clients.hooks.pausing import pause, resume
from sage.clients.hooks.settings import IGNORE, MAX_CHARS, WORKTREES
from sage.clients.importing.selection import EVERYTHING
from sage.clients.importing.sources import sources_at
from tests.clients.hooks.conftest import TURNS, all_captured, context, line, stop
from tests.support import plain_http
from tests.support.ports import free_port
from tests.support.serving import serving, settings_for
from tests.transfer.importing.sample_files import database, write


def now():
    return datetime.now(UTC).isoformat()


def say(path, mark, *said, parent=None):
    """Write what is said now to a transcript: key, role and text; return the last id."""
    with path.open("a") as file:
        for key, role, text in said:
            told = {"timestamp": now(), "cwd": str(path.parent), "parentUuid": parent}
            parent = f"{key}-{mark}"
            file.write(line(mark, key, role, text, **told) + "\n")
    return parent


@pytest.fixture
def session(tmp_path):
    """Return the transcript of a session, and what it is called."""
    mark = f"s{time.time_ns()}"
    return tmp_path / f"{mark}.jsonl", mark


@pytest.fixture
def sage(hooks, monkeypatch, capsys):
    """Run a verb of Sage on the data directory of the hooks; return what it prints."""
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*words, code=0):
        capsys.readouterr()
        found = main([*words, "--data-dir", str(hooks.data_dir)])
        told = capsys.readouterr()
        assert found == code, told
        return told.out + told.err

    return run


def texts(kept, mark):
    return [text for _, text in kept(f"claude-code:{mark}")]


def test_the_user_of_a_client_is_told_in_their_language_which_a_file_may_set(hooks, monkeypatch):
    pause(str(hooks.data_dir), 7_200)
    begun = {"session_id": "a", "source": "startup", "cwd": "/"}
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "Sage 已暂停，直到" in hooks.answer("start", begun)["systemMessage"]  # noqa: RUF001
    (hooks.data_dir / ".env").write_text("SAGE_LANGUAGE=en\n")
    told = hooks.answer("start", begun | {"session_id": "b"})["systemMessage"]
    assert "Sage is paused until " in told
    (hooks.data_dir / ".env").write_text("SAGE_LANGUAGE=klingon\n")
    assert (
        "SAGE_LANGUAGE is not one of auto, en and zh" in settings.problems(str(hooks.data_dir))[0]
    )


def test_what_is_said_in_a_pause_is_kept_neither_then_nor_by_any_later_event(
    live_hooks, kept, session, sage
):
    path, mark = session
    last = say(path, mark, ("a", "user", "Before."), ("b", "assistant", "Yes."))
    assert "hooks are paused until " in sage("pause", "2h")
    assert "hooks are paused until " in sage("status", code=1)
    told = live_hooks.answer("start", {"session_id": mark, "source": "startup", "cwd": "/"})
    assert "Sage is paused until " in told["systemMessage"]
    assert "hookSpecificOutput" not in told
    last = say(path, mark, ("c", "user", "Secret."), parent=last)
    stop(live_hooks, path, mark, last_assistant_message="Secret, too.", prompt_id="p")
    all_captured(live_hooks)
    assert texts(kept, mark) == ["Before.", "Yes."]
    noted = (one.read_bytes() for one in live_hooks.data_dir.rglob("*") if one.is_file())
    assert b"Secret" not in b"".join(noted)
    assert "capture and recall again" in sage("resume")
    assert "not paused" in sage("resume")
    last = say(path, mark, ("d", "assistant", "Secret, too."), parent=last)
    say(path, mark, ("e", "user", "After."), ("f", "assistant", "Ok."), parent=last)
    (live_hooks.data_dir / "hooks/transcripts.json").unlink()  # read all of it again
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert texts(kept, mark) == ["Before.", "Yes.", "After.", "Ok."]


def test_an_answer_after_a_pause_to_a_prompt_of_it_is_not_kept(live_hooks, kept, session):
    path, mark = session
    pause(str(live_hooks.data_dir), None)
    last = say(path, mark, ("a", "user", "Secret."))
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    resume(str(live_hooks.data_dir))
    last = say(path, mark, ("b", "assistant", "Secret, too."), parent=last)
    say(path, mark, ("c", "user", "After."), ("d", "assistant", "Ok."), parent=last)
    stop(live_hooks, path, mark)
    all_captured(live_hooks)
    assert texts(kept, mark) == ["After.", "Ok."]


def recalled(hooks, asked, session):
    """Return what is recalled before a prompt; on a busy machine a hook may give up."""
    for number in range(9):
        if answer := hooks.answer("prompt", asked | {"session_id": f"{session}{number}"}):
            return context(answer)
        (hooks.data_dir / "hooks/unanswered.json").unlink(missing_ok=True)  # ask again at once
    return ""


WISHES = (
    ("project", ".sageignore", ""),
    ("project", ".sageignore", "# ours\ndr*/\n"),
    ("data", ".env", 'SAGE_HOOK_IGNORE="/srv/x, {project}"\n'),
    ("data", ".env", "export SAGE_HOOK_IGNORE=/srv/x,draf* # mine\n"),
)


def test_nothing_is_captured_or_recalled_in_ignored_folders(about_hosts, kept, transcript, project):
    hooks, asked, word = about_hosts
    here = project / "drafts" / "one"
    here.mkdir(parents=True)
    asked["cwd"] = str(here)
    assert word in recalled(hooks, asked, "before")
    captured = []
    for where, name, text in WISHES:
        file = (project if where == "project" else hooks.data_dir) / name
        file.write_text(text.format(project=project))
        assert hooks.answer("prompt", asked | {"session_id": text}) is None, text
        start = asked | {"session_id": text, "source": "startup"}
        assert hooks.answer("start", start) is None, text
        captured.append(transcript("claude-code"))
        stop(hooks, *captured[-1], cwd=str(here))
        all_captured(hooks)
        file.unlink()
    for path, mark in captured:
        stop(hooks, path, mark)  # what was passed over stays so
        all_captured(hooks)
        assert kept(f"claude-code:{mark}") == []
    assert word in recalled(hooks, asked, "after")


def test_a_file_of_a_folder_can_only_have_sage_do_less(live_hooks, kept, transcript, project):
    file = project / ".sageignore"
    for text in ["!/", "../..", "~", "other\n" * 20_000, "a\\b"]:
        file.write_text(text)
        path, mark = transcript("claude-code")
        stop(live_hooks, path, mark, cwd=str(project))
        all_captured(live_hooks)
        assert kept(f"claude-code:{mark}") == []
    file.write_text("other\n")
    path, mark = transcript("claude-code")
    stop(live_hooks, path, mark, cwd=str(project))
    all_captured(live_hooks)
    assert kept(f"claude-code:{mark}") == TURNS


def test_an_import_leaves_out_what_was_said_in_ignored_folders(session, tmp_path):
    path, mark = session
    say(path, mark, ("a", "user", "Herons."), ("b", "assistant", "Yes."))
    (source,) = sources_at([path], EVERYTHING).sources
    assert len([*source.memories()]) == 2
    (tmp_path / ".sageignore").touch()
    assert [*source.memories()] == []
    assert source.counts.skipped == {"ignored folders": 2}


def test_worktrees_are_projects_of_their_own_where_they_are_set_apart(
    about_hosts, project, tmp_path
):
    hooks, asked, word = about_hosts
    there, git_dir = tmp_path / "worktree", project / ".git/worktrees/one"
    git_dir.mkdir(parents=True)
    there.mkdir()
    (there / ".git").write_text(f"gitdir: {git_dir}\n")
    (git_dir / "gitdir").write_text(f"{there}/.git\n")
    asked["cwd"] = str(there)
    assert word in recalled(hooks, asked, "together")
    (hooks.data_dir / ".env").write_text("SAGE_HOOK_WORKTREES='apart'\n")
    assert recalled(hooks, asked, "apart") == ""


def test_a_session_is_forgotten_with_what_is_said_in_it_later_and_restored(
    hooks, session, postgres_dsn, monkeypatch, sage
):
    path, mark = session
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.chdir(path.parent)
    assert "no session is known for this directory" in sage("forget", "--this-session", code=1)
    with serving(settings_for(postgres_dsn, hooks.data_dir)) as url:
        hooks.find_sage(url)

        def said():
            answer = plain_http.get(f"{url}/api/v1/sessions/claude-code:{mark}")
            return [one["content"] for one in answer.json().get("memories", ())]

        def go_on(*words):
            say(path, mark, *words)
            stop(hooks, path, mark, last_assistant_message="Unkept.")
            all_captured(hooks)

        go_on(("a", "user", "Herons."), ("b", "assistant", "Yes."))
        assert said() == ["Herons.", "Yes."]
        told = sage("forget", "--this-session")
        assert f"the session of Claude Code in {path.parent}, last active " in told
        assert "forgot 2 memories" in told
        go_on(("c", "user", "Unkept."))
        (hooks.data_dir / "hooks/transcripts.json").unlink()  # read all of it again
        go_on(("d", "user", "Unkept."))
        assert said() == []
        assert "restored 2 memories" in sage("forget", "--this-session", "--undo")
        go_on(("e", "user", "And now?"))
        assert said() == ["Herons.", "Yes.", "And now?"]


def test_a_setting_that_is_not_understood_is_named_with_what_mends_it(hooks, sage, monkeypatch):
    file = Path(settings.file_of(str(hooks.data_dir)))
    file.write_text("SAGE_HOOK_WORKTREES=no\nSAGE_HOOK_IGNOR=/x\nSAGE_HOOK_IGNORE=/x\n")
    names = f"{IGNORE}, {MAX_CHARS}, {WORKTREES}"
    assert settings.problems(str(hooks.data_dir)) == [
        f"{file} line 1: SAGE_HOOK_WORKTREES is neither apart nor together; write one of the two",
        f"{file} line 2: SAGE_HOOK_IGNOR is not a hook setting; use {names}",
    ]
    for length in ("999", "0", "-5000", "1e4", "1_000", "1.5", "\u0661000", "all", "9" * 5_000):
        file.write_text(f"SAGE_HOOK_MAX_CHARS={length}\n")
        settings.use(str(hooks.data_dir))
        assert settings.max_chars() is None
        assert "is not a whole number" in settings.problems(str(hooks.data_dir))[0]
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port()))
    assert "is not a whole number" in sage("config", "check")
    assert "is not a whole number" in sage("connect", "claude-code", code=1)
    monkeypatch.setenv("SAGE_LANGUAGE", "zh")
    assert "SAGE_HOOK_MAX_CHARS 不是 1,000 到 999,999,999 之间的整数" in sage("config", "check")


def test_what_clients_tell_is_cut_to_its_ends_and_what_other_programs_export_is_not(
    live_hooks, kept, tmp_path, monkeypatch
):
    (live_hooks.data_dir / ".env").write_text("SAGE_HOOK_MAX_CHARS=1000\n")
    mark, text = tmp_path.name + uuid4().hex, f"First {'herons ' * 1_000}last"
    told = [{"id": mark, "role": "user", "text": text}]
    live_hooks.run("stop", {"session_id": mark, "messages": told}, "opencode")
    all_captured(live_hooks)
    ((_, short),) = kept(f"opencode:{mark}")
    assert short.startswith("First herons")
    assert short.endswith("herons last")
    assert " characters left out]\nherons" in short
    monkeypatch.setenv("SAGE_HOOK_MAX_CHARS", "1000")
    bubble = {"bubbleId": "b", "type": 1, "text": text}
    chat = {"composerId": "c", "conversation": [bubble]}
    content = {"content_type": "text", "parts": [text]}
    message = {"id": "u", "author": {"role": "user"}, "content": content}
    tree = {"u": {"id": "u", "parent": None, "message": message}}
    chatgpt = {"conversation_id": "c", "mapping": tree, "current_node": "u"}
    found = sources_at(
        [
            write(tmp_path / "n.md", text),
            write(tmp_path / "t.jsonl", line(mark, "a", "user", text)),
            write(tmp_path / "conversations.json", [chatgpt]),
            database(
                tmp_path / "state.vscdb",
                cursorDiskKV=[{"key": "composerData:c", "value": json.dumps(chat)}],
            ),
        ]
    ).sources
    read = {one.name: next(one.memories()).message.content for one in found}
    assert read == {"notes": text, "chatgpt": text, "claude-code": short, "cursor": short}


def test_what_is_no_length_of_a_pause_is_refused(sage):
    for length in ["2x", "h", "0m", "1.5h", "\u0662h"]:
        assert "is not a duration" in sage("pause", length, code=2)
