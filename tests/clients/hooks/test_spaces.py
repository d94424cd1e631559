"""Hooks of another space: what they capture and recall stays in it."""

import asyncio

import pytest

from sage.access.accounts.spaces import create_space, rename_space
from sage.access.accounts.tokens import list_tokens, revoke_token
from sage.cli.connecting.space_token import ensure_space_token
from sage.clients.hooks.capture.capture_report import read_captures
from sage.store.connections.pool import open_database
from sage.store.memories import read_session
from tests.clients.hooks.conftest import ANSWER, TURNS, all_captured, stop
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for

IN_TEAM = ("--space", "team")


class Team:
    """A database with a space `team`."""

    def __init__(self, dsn):
        self.dsn = dsn

    def on_database(self, work):
        async def run():
            database = await open_database(self.dsn)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def on_connection(self, work):
        async def run(database):
            async with database.across_spaces() as conn:
                return await work(conn)

        return self.on_database(run)

    def settle(self, hooks):
        self.on_database(lambda database: ensure_space_token(hooks.data_dir, "team", database))

    def tokens(self):
        return [token.name for token in self.on_connection(list_tokens)]

    def kept(self, space_id, session_id):
        read = self.on_connection(lambda conn: read_session(conn, space_id, session_id))
        return [(str(one.role), one.content) for one in read]


@pytest.fixture
def team(postgres_server, migrated_template, tmp_path, hooks):
    with new_database(postgres_server, migrated_template) as dsn:
        made = Team(dsn)
        made.on_connection(lambda conn: create_space(conn, "team"))
        served = tmp_path / "served"
        share_key(served)
        with serving(settings_for(dsn, served)) as url:
            hooks.find_sage(url)
            yield made


def captured(hooks, path, mark, *words):
    told = {"session_id": mark, "transcript_path": str(path), "cwd": str(path.parent)}
    assert hooks.run("stop", told | {"last_assistant_message": ANSWER}, "claude-code", *words) == (
        0,
        b"",
    )


def test_what_is_said_goes_to_the_space_of_the_hook(team, hooks, transcript, project):
    team.settle(hooks)
    path, mark = transcript("claude-code")
    captured(hooks, path, mark, *IN_TEAM)
    all_captured(hooks)
    assert team.kept("team", f"claude-code:{mark}") == TURNS
    assert team.kept("default", f"claude-code:{mark}") == []
    told = {"session_id": "next", "cwd": str(path.parent), "source": "startup"}
    assert b"Herons nest" in hooks.run("start", told, "claude-code", *IN_TEAM)[1]
    assert b"Herons nest" not in hooks.run("start", told | {"session_id": "other"})[1]
    assert project.is_dir()


def test_hooks_of_two_spaces_capture_into_both(team, hooks, transcript):
    team.settle(hooks)
    path, mark = transcript("claude-code")
    for words in (IN_TEAM, ()):
        captured(hooks, path, mark, *words)
    all_captured(hooks)
    for space in ("team", "default"):
        assert team.kept(space, f"claude-code:{mark}") == TURNS
    counts = read_captures(hooks.data_dir).clients["claude-code"]
    assert counts.captured == 4
    assert [counts.within(space).captured for space in ("team", "", "other")] == [2, 2, 0]


def test_a_space_that_was_renamed_is_reached_as_before(team, hooks, transcript):
    team.settle(hooks)
    team.on_connection(lambda conn: rename_space(conn, "team", "herons"))
    path, mark = transcript("claude-code")
    captured(hooks, path, mark, *IN_TEAM)
    all_captured(hooks)
    assert team.kept("team", f"claude-code:{mark}") == TURNS


def test_what_is_for_a_closed_space_waits_and_holds_up_nothing_else(team, hooks, transcript):
    team.settle(hooks)
    (token,) = team.tokens()
    team.on_connection(lambda conn: revoke_token(conn, token))
    path, mark = transcript("claude-code")
    captured(hooks, path, mark, *IN_TEAM)
    wait_for(lambda: "failing" in hooks.status())
    other_path, other_mark = transcript("claude-code")
    stop(hooks, other_path, other_mark, last_assistant_message=ANSWER)
    wait_for(lambda: team.kept("default", f"claude-code:{other_mark}") == TURNS)
    wait_for(lambda: len(hooks.spooled()) == 1)
    assert "HTTP 401" in hooks.status()["failing"]["message"]
    team.settle(hooks)
    assert team.tokens() != [token]
    hooks.drain()
    all_captured(hooks)
    assert team.kept("team", f"claude-code:{mark}") == TURNS
    assert "failing" not in hooks.status()


def test_without_a_token_for_the_space_nothing_goes_elsewhere(team, hooks, transcript):
    path, mark = transcript("claude-code")
    captured(hooks, path, mark, *IN_TEAM)
    wait_for(lambda: "failing" in hooks.status())
    assert "no token for the space team" in hooks.status()["failing"]["message"]
    assert team.kept("default", f"claude-code:{mark}") == []
    assert len(hooks.spooled()) == 1


def test_a_token_that_still_opens_the_space_is_used_again(team, hooks):
    for _ in range(2):
        team.settle(hooks)
    (token,) = team.on_connection(list_tokens)
    assert token.name.startswith("hooks-team-")
    assert token.opens == ("team:writer",)
    file = hooks.data_dir / "hooks/spaces.json"
    assert file.stat().st_mode & 0o777 == 0o600
