"""`sage space`, `sage user` and `sage token`."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.support.serving import serving, settings_for


@pytest.fixture
def team(here):
    assert here("space", "create", "team").code == 0
    assert here("user", "add", "anna").code == 0
    return here


def created(outcome):
    assert outcome.code == 0, outcome.err
    return outcome.out.strip()


def listed(run, what):
    return json.loads(run(what, "list", "--json").out)


def test_a_token_is_printed_once_and_listed_without_its_secret(team):
    made = team("token", "create", "--space", "team", "--user", "anna", "--name", "laptop")
    token = created(made)
    assert "cannot be shown again" in made.err
    assert "access to team:writer and does not expire" in made.err
    assert "claude mcp add" in made.err
    assert token not in made.err  # which may be kept in a log
    shown = team("token", "list")
    assert token not in shown.out
    assert token[:11] in shown.out
    (row,) = listed(team, "token")
    assert (row["name"], row["user_name"], row["opens"]) == ("laptop", "anna", ["team:writer"])
    (user,) = listed(team, "user")
    assert (user["name"], user["tokens"]) == ("anna", 1)
    assert [one["name"] for one in listed(team, "space")] == ["default", "team"]
    created(team("token", "create", "--space", "team", "--machine", "desk"))
    assert "team (hooks and imports)" in team("token", "list").out


def test_a_running_server_follows_the_command_line_at_once(team, postgres_dsn, tmp_path):
    with serving(settings_for(postgres_dsn, tmp_path)) as url:

        def status(token):
            shown = {"authorization": f"Bearer {token}"}
            return httpx.get(f"{url}/api/v1/stats", headers=shown, timeout=30).status_code

        first = created(team("token", "create", "--space", "team:reader", "--name", "first"))
        assert status(first) == 200
        second = created(team("token", "rotate", "first"))
        assert (status(first), status(second)) == (401, 200)
        assert team("token", "revoke", "first").code == 0
        assert status(second) == 401
        third = created(team("token", "create", "--space", "team", "--user", "anna"))
        assert status(third) == 200
        assert team("space", "rename", "team", "herons").code == 0
        assert status(third) == 200
        assert team("user", "remove", "anna").code == 0
        assert status(third) == 401


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("space", "create", "a b"), 2, "use a-b"),
        (("space", "create", "team"), 1, "another space"),
        (("space", "rename", "nowhere", "x"), 1, "space 'nowhere' does not exist"),
        (("user", "add", "anna"), 1, "already"),
        (("user", "remove", "nobody"), 1, "user 'nobody' does not exist"),
        (("token", "create", "--space", "nowhere"), 1, "space 'nowhere' does not exist"),
        (("token", "create", "--space", "team:king"), 2, "is not a role"),
        (
            ("token", "create", "--space", "team", "--user", "nobody"),
            1,
            "user 'nobody' does not exist",
        ),
        (
            ("token", "create", "--space", "team", "--expires", "soon"),
            2,
            "is not a valid duration",
        ),
        (("token", "create", "--space", "team", "--expires", "2027-02-30"), 2, "duration or date"),
        (("token", "create", "--space", "team", "--expires", "2020-01-31"), 2, "is in the past"),
        (("token", "create", "--space", "team", "--expires", "9999-12-31"), 2, "duration or date"),
        (("token", "create"), 2, "--space is missing"),
        (("token", "create", "--machine", "m", "--name", "n"), 2, "cannot be combined"),
        (("token", "create", "--machine", "m", "--role", "reader"), 2, "cannot be combined"),
        (("token", "create", "--machine", "m", "--space", "team:owner"), 2, "takes one space"),
        (("token", "create", "--space", "anna"), 1, "sage space create anna`"),
        (("token", "create", "--space", "my space"), 1, "sage space create NAME`"),
        (("token", "create", "--space", "team", "--user", "bo"), 1, "sage user add bo`"),
        (("token", "create", "--space", "team", "--name", "sage_Token"), 2, "of the server"),
        (("user", "add", "SAGE_TOKEN"), 2, "of the server"),
        (("token", "revoke", "nothing"), 1, "does not exist"),
        (("token", "rotate", "nothing"), 1, "does not exist"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_fix(team, argv, code, told):
    outcome = team(*argv)
    assert (outcome.code, outcome.out) == (code, "")
    assert told in outcome.err
    assert "fix:" in outcome.err


@pytest.mark.parametrize("name", ["anna", "Anna", "\uff21nna"])
def test_no_token_without_a_user_saves_under_the_name_of_one(team, name):
    create = ("token", "create", "--space", "team", "--name", name)
    outcome = team(*create)
    assert (outcome.code, outcome.out) == (1, "")
    assert "a user 'anna' exists" in outcome.err
    assert "--user anna" in outcome.err
    assert listed(team, "token") == []
    created(team(*create, "--user", "anna"))


@pytest.mark.parametrize("name", ["robot", "ROBOT", "ro\uff42ot"])
def test_no_user_saves_under_the_name_of_a_token(team, name):
    created(team("token", "create", "--space", "team", "--name", "robot"))
    outcome = team("user", "add", name)
    assert outcome.code == 1
    assert "a token 'robot' without a user exists" in outcome.err
    assert [one["name"] for one in listed(team, "user")] == ["anna"]


def test_a_token_expires_when_it_was_told_to(team):
    brief = ("token", "create", "--space", "team", "--name", "brief", "--expires", "90d", "--json")
    made = json.loads(created(team(*brief)))
    (row,) = listed(team, "token")
    assert (made["expires_at"], made["opens"]) == (row["expires_at"], ["team:writer"])
    assert made["mcp_url"].endswith("/mcp")
    assert row["expires_at"] > row["created_at"]
    assert "expired" not in team("token", "list").out


def test_a_token_that_expires_on_a_day_is_valid_to_its_end_where_sage_is(team, monkeypatch):
    monkeypatch.setenv("SAGE_TIMEZONE", "Asia/Shanghai")
    create = ("token", "create", "--space", "team", "--name", "brief", "--expires", "2101-01-31")
    created(team(*create))
    (row,) = listed(team, "token")
    until = datetime.fromisoformat(row["expires_at"])
    assert timedelta(0) <= until - datetime(2101, 1, 31, 16, tzinfo=UTC) < timedelta(minutes=1)
