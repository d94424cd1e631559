"""Hooks that somebody changed by hand, and files that cannot be changed any more."""

import json

import pytest

CHANGES = {
    "another timeout": lambda hook: hook["hooks"][0].update(timeout=30),
    "some sessions only": lambda hook: hook.update(matcher="startup"),
    "a variable before it": lambda hook: hook["hooks"][0].update(
        command=f"SAGE_HOOK=on {hook['hooks'][0]['command']}"
    ),
    "another program beside it": lambda hook: hook["hooks"].append(
        {"type": "command", "command": "notify 'done"}
    ),
}


@pytest.fixture
def settings(home):
    """Return the file of hooks of Claude Code, with a hook of somebody else in it."""
    path = home / ".claude/settings.json"
    path.parent.mkdir()
    other = {"hooks": [{"type": "command", "command": "notify"}]}
    path.write_text(json.dumps({"hooks": {"Stop": [other]}}, indent=2))
    (home / ".claude.json").write_text("{}")
    return path


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_hook_that_was_changed_by_hand_gets_no_second_one_and_is_named(connect, settings, change):
    connect("claude-code", "--hooks", "--write")
    told = json.loads(settings.read_text())
    change(told["hooks"]["Stop"][0])
    settings.write_text(json.dumps(told, indent=2))
    outcome = connect("claude-code", "--hooks", "--write")
    assert outcome.code == 0
    assert "hooks.Stop that calls Sage and was edited by hand" in outcome.err
    assert json.loads(settings.read_text()) == told
    outcome = connect("claude-code", "--remove")
    assert "hooks.Stop, which was edited since Sage wrote it" in outcome.err
    assert json.loads(settings.read_text())["hooks"] == {"Stop": told["hooks"]["Stop"]}
    assert "connected, with hooks" in connect().out


def test_a_hook_that_calls_another_sage_is_not_taken_for_this_one(connect, settings, data_dir):
    other = f"/mnt{data_dir}/bin/sage-hook stop --client claude-code"
    settings.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [{"command": other}]}]}}))
    before = settings.read_bytes()
    assert "edited by hand" not in connect("claude-code", "--hooks", "--write").err
    assert len(json.loads(settings.read_text())["hooks"]["Stop"]) == 2
    connect("claude-code", "--remove")
    assert settings.read_bytes() == before


def test_a_broken_file_is_named_and_the_others_are_cleared(connect, home, settings):
    before = (home / ".claude.json").read_bytes()
    connect("claude-code", "--hooks", "--write")
    written = settings.read_text()
    settings.write_text('{"hooks": ')
    outcome = connect("claude-code", "--remove")
    assert outcome.code == 1
    assert f"{settings} is broken at line 1" in outcome.err
    assert "fix:" in outcome.err
    assert (home / ".claude.json").read_bytes() == before
    assert settings.read_text() == '{"hooks": '
    settings.write_text(written)
    assert connect("claude-code", "--remove").code == 0
    assert list(json.loads(settings.read_text())["hooks"]) == ["Stop"]
    assert "Sage has added nothing" in connect("claude-code", "--remove").out
