"""What a client is told unasked: little, of this project, and only what fits."""

from uuid import uuid4

import httpx
import pytest

from sage.retrieval.tokens import count_tokens_upper_bound


@pytest.fixture
def say(sage_url):
    """Save an exchange of a session about a project."""

    def save(user, assistant, project=None, session=None):
        body = {
            "user_prompt": user,
            "assistant_response": assistant,
            "session_id": session or f"claude-code:{uuid4()}",
            "metadata": {"project": str(project)} if project else {},
        }
        httpx.post(f"{sage_url}/api/v1/conversations", json=body).raise_for_status()

    return save


@pytest.fixture
def about_zebras(live_hooks, say, project):
    """Save something; give the hooks, and an event that asks for it."""
    word = uuid4().hex[:8]
    say(f"The lighthouse hint is zebra{word}.", "Noted.", project)
    prompt = f"What about zebra{word} now?"
    return live_hooks, {"session_id": word, "cwd": str(project), "prompt": prompt}


def context(answer):
    return answer["hookSpecificOutput"]["additionalContext"] if answer else ""


def test_a_session_begins_with_what_its_project_was_about(live_hooks, say, project, tmp_path):
    word = uuid4().hex
    say(f"The staging host is {word}.", "Noted.", project)
    say("Another project's secret plan.", "Noted.", tmp_path / "other")
    told = context(live_hooks.answer("start", {"session_id": "s", "cwd": str(project)}))
    assert word in told
    assert "secret plan" not in told
    assert told.startswith("<sage-recall>")
    assert told.endswith("</sage-recall>")
    assert "not instructions" in told


def test_a_folder_inside_the_repository_belongs_to_its_project(live_hooks, say, project):
    word = uuid4().hex
    say(f"The staging host is {word}.", "Noted.", project)
    deeper = project / "src/deep"
    deeper.mkdir(parents=True)
    assert word in context(live_hooks.answer("start", {"session_id": "s", "cwd": str(deeper)}))


def test_a_worktree_shares_the_project_of_its_repository(live_hooks, say, project, tmp_path):
    word = uuid4().hex
    say(f"The staging host is {word}.", "Noted.", project)
    tree = tmp_path / "tree"
    tree.mkdir()
    git_dir = project / ".git/worktrees/tree"
    git_dir.mkdir(parents=True)
    (git_dir / "commondir").write_text("../..\n")
    (tree / ".git").write_text(f"gitdir: {git_dir}\n")
    assert word in context(live_hooks.answer("start", {"session_id": "s", "cwd": str(tree)}))


def test_a_project_without_memories_begins_in_silence(live_hooks, tmp_path):
    assert live_hooks.answer("start", {"session_id": "s", "cwd": str(tmp_path / "new")}) is None


def test_the_start_of_a_session_keeps_to_its_budget(live_hooks, say, project):
    for number in range(30):
        say(f"Question {number}: {'what about it? ' * 200}", "words " * 500, project)
    told = context(live_hooks.answer("start", {"session_id": "s", "cwd": str(project)}))
    assert 0 < count_tokens_upper_bound(told) <= 1_500
    assert len(told) <= 9_000


def test_a_prompt_is_answered_from_this_project_and_from_none(live_hooks, say, project, tmp_path):
    word = uuid4().hex[:8]
    say(f"The lighthouse password hint is zebra{word}.", "Noted.", project)
    say(f"The lighthouse keeper is called Mo{word}.", "Noted.")
    say(f"The lighthouse of another project is Xa{word}.", "Noted.", tmp_path / "other")
    prompt = f"What is known of the lighthouse zebra{word} Mo{word} Xa{word}?"
    payload = {"session_id": "s", "cwd": str(project), "prompt": prompt}
    told = context(live_hooks.answer("prompt", payload))
    assert f"zebra{word}." in told
    assert f"Mo{word}." in told
    assert f"Xa{word}." not in told
    assert count_tokens_upper_bound(told) <= 300


def test_nothing_is_told_twice_in_a_session(live_hooks, say, project):
    word = uuid4().hex[:8]
    say(f"The lighthouse hint is zebra{word}.", "Noted.", project)
    payload = {"session_id": word, "cwd": str(project), "prompt": f"What about zebra{word} now?"}
    assert f"zebra{word}" in context(live_hooks.answer("prompt", payload))
    assert f"zebra{word}" not in context(live_hooks.answer("prompt", payload))
    live_hooks.answer("start", {"session_id": word, "cwd": "/", "source": "compact"})
    assert f"zebra{word}" in context(live_hooks.answer("prompt", payload))


def test_a_session_is_not_told_what_it_said_itself(live_hooks, say, project):
    word = uuid4().hex[:8]
    say(f"The lighthouse hint is zebra{word}.", "Noted.", project, session=f"claude-code:{word}")
    payload = {"session_id": word, "cwd": str(project), "prompt": f"What about zebra{word} now?"}
    assert f"zebra{word}" not in context(live_hooks.answer("prompt", payload))


@pytest.mark.parametrize("prompt", ["", "yes", "go on", "/compact now please", "   "])
def test_a_prompt_that_asks_nothing_is_not_looked_up(live_hooks, project, prompt):
    payload = {"session_id": "s", "cwd": str(project), "prompt": prompt}
    assert live_hooks.run("prompt", payload) == (0, b"")


def test_text_that_was_recalled_before_is_no_part_of_the_question(live_hooks, say, project):
    word = uuid4().hex[:8]
    say(f"The lighthouse hint is zebra{word}.", "Noted.", project)
    prompt = f"<hook_context><sage-recall>zebra{word}</sage-recall></hook_context>\n\nyes"
    payload = {"session_id": "s", "cwd": str(project), "prompt": prompt}
    assert live_hooks.run("prompt", payload) == (0, b"")


@pytest.mark.parametrize(
    ("client", "event", "shape"),
    [
        ("claude-code", "start", {"hookEventName": "SessionStart"}),
        ("codex", "start", {"hookEventName": "SessionStart"}),
        ("gemini-cli", "prompt", {"hookEventName": "BeforeAgent"}),
        ("qwen-code", "prompt", {"hookEventName": "UserPromptSubmit"}),
        ("copilot", "prompt", None),
        ("opencode", "prompt", None),
    ],
)
def test_each_client_is_answered_in_its_own_form(about_zebras, client, event, shape):
    hooks, payload = about_zebras
    answer = hooks.answer(event, payload, client)
    if shape is None:
        assert [*answer] == ["additionalContext"]
        assert "zebra" in answer["additionalContext"]
    else:
        assert [*answer] == ["hookSpecificOutput"]
        found = answer["hookSpecificOutput"]
        assert "zebra" in found.pop("additionalContext")
        assert found == shape
