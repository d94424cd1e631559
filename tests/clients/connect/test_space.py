"""`sage connect --space`: hooks that recall from and capture into another space."""

import asyncio
import json

import pytest

from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import list_tokens
from sage.store.connections.pool import open_database
from tests.support.backups import ask


@pytest.fixture
def team(postgres_dsn, home, monkeypatch):
    """Have a database with a space `team`, and Claude Code; tell the tokens there are."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    (home / ".claude").mkdir()

    def asked(work):
        async def run():
            database = await open_database(postgres_dsn)
            try:
                async with database.across_spaces() as conn:
                    return await work(conn)
            finally:
                await database.close()

        return asyncio.run(run())

    asked(lambda conn: create_space(conn, "team"))
    return lambda: asked(list_tokens)


def hook_commands(home):
    hooks = json.loads((home / ".claude/settings.json").read_text())["hooks"]
    return [entry["hooks"][0]["command"] for (entry,) in hooks.values()]


def test_the_hooks_name_the_space_and_have_a_token_for_it_alone(connect, home, team, data_dir):
    outcome = connect("claude-code", "--hooks", "--write", "--space", "team")
    assert outcome.code == 0, outcome.err
    commands = hook_commands(home)
    assert len(commands) == 4
    assert all(command.endswith("--client claude-code --space team") for command in commands)
    (token,) = team()
    assert token.opens == ("team:writer",)
    recorded = json.loads((data_dir / "hooks/spaces.json").read_text())
    assert recorded["team"].startswith(token.prefix)
    assert recorded["team"] not in outcome.out + outcome.err
    assert connect("claude-code", "--hooks", "--write", "--space", "team").code == 0
    assert [one.name for one in team()] == [token.name]


@pytest.mark.usefixtures("team")
def test_a_space_that_is_unknown_is_told_before_anything_is_shown(connect, home):
    outcome = connect("claude-code", "--hooks", "--write", "--space", "nowhere")
    assert (outcome.code, outcome.out) == (1, "")
    assert "nowhere" in outcome.err
    assert not (home / ".claude/settings.json").exists()


def test_shown_only_it_makes_no_token(connect, team, data_dir):
    outcome = connect("claude-code", "--hooks", "--space", "team")
    assert outcome.code == 0
    assert "--space team" in outcome.out
    assert team() == []
    assert not (data_dir / "hooks").exists()


def test_a_space_that_does_not_exist_leaves_everything_as_it_was(connect, home, team, data_dir):
    outcome = connect("claude-code", "--hooks", "--write", "--space", "taem")
    assert outcome.code == 1
    assert "space 'taem' does not exist" in outcome.err
    assert team() == []
    assert not (home / ".claude/settings.json").exists()
    assert not (data_dir / "hooks").exists()


def test_the_default_space_takes_no_token(connect, home, team):
    assert connect("claude-code", "--hooks", "--write", "--space", "default").code == 0
    assert team() == []
    assert all("--space" not in command for command in hook_commands(home))


def test_where_a_token_is_needed_the_default_space_has_one_until_no_hook_is_left(
    connect, home, team, data_dir, monkeypatch
):
    monkeypatch.setenv("SAGE_TOKEN", "a-token-of-at-least-32-characters!")
    (home / ".config/opencode").mkdir(parents=True)
    for client in ("claude-code", "opencode"):
        assert connect(client, "--hooks", "--write").code == 0
    assert (
        connect("claude-code", "--hooks", "--write", "--scope", "project", "--space", "team").code
        == 0
    )
    recorded = json.loads((data_dir / "hooks/spaces.json").read_text())
    assert {token.opens for token in team()} == {("default:writer",), ("team:writer",)}
    (default,) = [token for token in team() if token.opens == ("default:writer",)]
    assert recorded["default"].startswith(default.prefix)
    assert connect("claude-code", "--remove").code == 0
    assert [token.name for token in team()] == [default.name]
    assert connect("opencode", "--remove").code == 0
    assert team() == []


def test_over_stdio_the_tools_use_the_space_too(connect, home, team):
    written = ("--transport", "stdio", "--write", "--space", "team")
    assert connect("claude-code", *written).code == 0
    server = json.loads((home / ".claude.json").read_text())["mcpServers"]["sage"]
    assert server["args"][-2:] == ["--space", "team"]
    assert team() == []


@pytest.mark.usefixtures("team")
def test_without_hooks_and_over_http_a_space_is_chosen_by_the_token(connect):
    outcome = connect("claude-code", "--write", "--space", "team")
    assert outcome.code == 2
    assert "the token that the client sends determines the space" in outcome.err


def test_the_plugin_of_opencode_calls_the_hooks_of_the_space(connect, home, team):
    (home / ".config/opencode").mkdir(parents=True)
    assert connect("opencode", "--hooks", "--write", "--space", "team").code == 0
    assert len(team()) == 1
    (plugin,) = (home / ".config/opencode").rglob("*.js")
    assert 'const SPACE = "team"' in plugin.read_text()
    assert connect("opencode", "--hooks", "--write").code == 0
    assert 'const SPACE = ""' in plugin.read_text()


@pytest.mark.parametrize("space", ["team", "团队"])
def test_the_token_is_revoked_with_the_last_hook_that_needs_it(
    connect, home, team, postgres_dsn, space
):
    ask(postgres_dsn, "UPDATE sage.spaces SET name = $1 WHERE name = 'team'", space)
    (home / ".config/opencode").mkdir(parents=True)
    for client in ("claude-code", "opencode"):
        assert connect(client, "--hooks", "--write", "--space", space).code == 0
    assert len(team()) == 1
    assert connect("claude-code", "--remove").code == 0
    assert len(team()) == 1
    assert connect("opencode", "--remove").code == 0
    assert team() == []
    assert connect("opencode", "--remove").code == 0


def test_a_token_that_cannot_be_revoked_now_is_revoked_the_next_time(
    connect, team, data_dir, monkeypatch, postgres_dsn
):
    assert connect("claude-code", "--hooks", "--write", "--space", "team").code == 0
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/sage")
    outcome = connect("claude-code", "--remove")
    assert outcome.code == 1
    assert "127.0.0.1:1" in outcome.err
    assert (data_dir / "hooks/spaces.json").read_text() != "{}"
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    assert len(team()) == 1
    assert connect("claude-code", "--remove").code == 0
    assert team() == []
    assert (data_dir / "hooks/spaces.json").read_text() == "{}"
