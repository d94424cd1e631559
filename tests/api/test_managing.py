"""Spaces, users, tokens, apps and the audit log over REST: who may do what, and what is seen."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.each import each
from tests.support.guarded import (
    MANAGED,
    OF_ANYBODY,
    REFUSED,
    WRITER,
    make_tokens,
)
from tests.support.live import new_database
from tests.support.managed import Managed
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for


@pytest.fixture
def sage(managed):
    return managed


def test_only_owners_and_the_server_manage_and_nobody_without_a_valid_token(sage):
    for (method, path), body in MANAGED.items():
        asked = path.removeprefix("/api/v1").replace("{name}", "nothing")
        asked = asked.replace("{erasure_id}", str(uuid4()))
        for who in REFUSED:
            answer = sage.call(who, method, asked, json=body)
            assert answer.status_code == 401, (who, method, path)
        more = {"params": {"confirm": "nothing"}} if method == "DELETE" else {}
        for who in ("reader", "writer", "machine"):
            answer = sage.call(who, method, asked, json=body, **more)
            assert answer.status_code == 403, (who, method, path)
            assert answer.json()["hint"]


def test_what_is_about_the_whole_server_is_refused_to_owners(sage):
    for method, path, body in (
        ("POST", "/spaces", {"name": "mine"}),
        ("GET", "/users", None),
        ("POST", "/users", {"name": "mine"}),
        ("DELETE", "/users/anna", None),
        ("PATCH", "/spaces/team", {"name": "mine"}),
        ("GET", "/authors/anna/erasure", None),
        ("DELETE", "/authors/anna?confirm=anna", None),
        ("GET", f"/receipts/{uuid4()}", None),
        ("GET", f"/erasures/{uuid4()}", None),
    ):
        answer = sage.call("owner", method, path, json=body)
        assert answer.status_code == 403, path
        assert "SAGE_TOKEN" in answer.json()["hint"]
    assert not sage.rows("SELECT FROM sage.spaces WHERE name = 'mine'")
    assert {row["name"] for row in sage.rows("SELECT name FROM sage.users")} >= {"anna", "bob"}


def test_an_owner_sees_their_spaces_and_tokens_and_nothing_of_others(sage):
    spaces = sage.call("owner", "GET", "/spaces").json()["spaces"]
    assert [(one["name"], one["memories"]) for one in spaces] == [("team", 2)]
    tokens = {one["name"]: one for one in sage.call("owner", "GET", "/tokens").json()["tokens"]}
    assert tokens.keys() >= {"reader", "writer", "owner", "several", "machine"}
    assert "foreign" not in tokens
    assert tokens["several"]["opens"] == ["team:reader"]  # and another space of another owner
    assert tokens["machine"]["opens"] == ["team:hooks"]
    assert sage.call("owner", "GET", "/apps").json() == {"apps": []}
    everything = sage.call("server", "GET", "/tokens").json()["tokens"]
    assert {one["name"] for one in everything} >= {"foreign", *tokens}
    assert not any(secret in str(everything) for secret in sage.tokens.values())
    for method, path in (("DELETE", "/tokens/foreign"), ("POST", "/tokens/foreign/rotate")):
        refused = sage.call("owner", method, path)
        unknown = sage.call("owner", method, path.replace("foreign", "nobody0"))
        assert refused.status_code == unknown.status_code == 404
        assert refused.json()["detail"].replace("foreign", "nobody0") == unknown.json()["detail"]
    assert sage.opens(sage.tokens["foreign"]) == {"private": "owner"}


@each(
    ("who", "body", "status"),
    [
        ("owner", {"opens": ["private:reader"]}, 404),
        ("owner", {"opens": ["nowhere:reader"]}, 404),
        ("owner", {"opens": ["team", "private"]}, 404),
        ("several", {"opens": ["team:reader"]}, 404),
        ("owner", {"opens": ["team"], "user": "anna"}, 403),
        ("anna-owner", {"opens": ["team"], "user": "bob"}, 403),
        ("both", {"opens": ["default"], "name": "laptop", "machine": True}, 403),
        ("owner", {"opens": ["team:admin"]}, 422),
        ("owner", {"opens": []}, 422),
        ("owner", {"opens": ["team"], "expires": "never"}, 422),
        ("owner", {"opens": ["team:owner"], "name": "l", "machine": True}, 422),
        ("owner", {"opens": ["team"], "machine": True}, 422),
        ("owner", {"opens": ["team"], "name": "SAGE_TOKEN"}, 422),
        ("owner", {"opens": ["team"], "name": "writer"}, 409),
        ("owner", {"opens": ["team"], "name": "anna"}, 409),
    ],
)
def test_nobody_gives_a_right_that_they_do_not_have(sage, who, body, status):
    before = sage.rows("SELECT name FROM sage.tokens ORDER BY name")
    answer = sage.call(who, "POST", "/tokens", json=body)
    assert (answer.status_code, "token" in answer.json()) == (status, False), answer.text
    assert sage.rows("SELECT name FROM sage.tokens ORDER BY name") == before


def test_nobody_gets_the_secret_of_a_token_that_may_more_or_is_of_somebody_else(sage):
    for who, name in (("owner", "anna-owner"), ("owner", "several"), ("owner", "both")):
        assert sage.call(who, "POST", f"/tokens/{name}/rotate").status_code == 403, name
    own = sage.call("anna-owner", "POST", "/tokens", json={"opens": ["team"], "user": "anna"})
    assert own.json()["user_name"] == "anna"


def test_a_token_that_ends_makes_none_that_lasts_longer(sage):
    sage.call("server", "POST", "/tokens", json={"opens": ["team"], "name": "lasting"})
    ending = {"opens": ["team:owner"], "name": "ending", "expires": "2d"}
    sage.tokens["ending"] = sage.call("server", "POST", "/tokens", json=ending).json()["token"]
    for body in ({}, {"expires": "3d"}):
        answer = sage.call("ending", "POST", "/tokens", json={"opens": ["team"]} | body)
        assert answer.status_code == 403
        assert "expires" in answer.json()["hint"]
    for name in ("lasting", "ending"):  # rotated, they would be as young as new
        assert sage.call("ending", "POST", f"/tokens/{name}/rotate").status_code == 403
    assert sage.opens(sage.tokens["ending"]) == {"team": "owner"}
    short = sage.call("ending", "POST", "/tokens", json={"opens": ["team"], "expires": "1d"})
    assert short.status_code == 200


def test_a_secret_is_shown_once_and_a_token_that_ends_opens_nothing(sage):
    body = {"opens": ["team:reader"], "name": "wall"}
    made = sage.call("owner", "POST", "/tokens", json=body).json()
    assert (made["name"], made["opens"], made["expires_at"]) == ("wall", ["team:reader"], None)
    assert sage.opens(made["token"]) == {"team": "reader"}
    assert made["token"] not in sage.call("owner", "GET", "/tokens").text
    renewed = sage.call("owner", "POST", "/tokens/wall/rotate").json()
    assert (sage.opens(made["token"]), sage.opens(renewed["token"])) == (401, {"team": "reader"})
    gone = sage.call("owner", "DELETE", "/tokens/wall").json()
    assert gone == {"name": "wall", "spaces": ["team"], "is_gone": True}
    assert sage.opens(renewed["token"]) == 401
    assert sage.call("owner", "DELETE", "/tokens/wall").status_code == 404


def test_an_owner_closes_their_space_to_a_token_that_opens_others(sage):
    sage.make({"team": WRITER, "private": WRITER}, "guest")
    gone = sage.call("owner", "DELETE", "/tokens/guest").json()
    assert gone == {"name": "guest", "spaces": ["team"], "is_gone": False}
    assert sage.opens(sage.tokens["guest"]) == {"private": "writer"}
    assert sage.call("owner", "DELETE", "/tokens/guest").status_code == 404


def test_the_server_manages_spaces_and_users(sage):
    assert sage.call("server", "POST", "/spaces", json={"name": "garden"}).json()["memories"] == 0
    assert sage.call("server", "POST", "/spaces", json={"name": "garden"}).status_code == 409
    wrong = sage.call("server", "POST", "/spaces", json={"name": "a b"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "name")
    assert sage.call("server", "POST", "/users", json={"name": "carla"}).json()["tokens"] == 0
    body = {"opens": ["garden:owner"], "user": "carla", "name": "carla-laptop"}
    made = sage.call("server", "POST", "/tokens", json=body).json()
    assert sage.opens(made["token"]) == {"garden": "owner"}
    users = {one["name"]: one for one in sage.call("server", "GET", "/users").json()["users"]}
    assert users["carla"]["tokens"] == 1
    removed = sage.call("server", "DELETE", "/users/carla").json()
    assert removed == {"name": "carla", "spaces": ["garden"], "is_gone": True}
    assert sage.opens(made["token"]) == 401
    assert sage.call("server", "DELETE", "/users/carla").status_code == 404


def test_each_change_is_in_the_audit_log_once_with_who_made_it_and_where(sage):
    sage.call("owner", "POST", "/tokens", json={"opens": ["team"], "name": "noted"})
    sage.call("owner", "POST", "/tokens/noted/rotate")
    sage.call("owner", "DELETE", "/tokens/noted")
    refused = {"opens": ["private"], "name": "noted"}
    sage.call("owner", "POST", "/tokens", json=refused)

    def found():
        events = sage.call("owner", "GET", "/audit", params={"token": "owner"}).json()["events"]
        told = [e for e in events if "token" in e["action"]]
        return [(e["action"], e["outcome"], e.get("space")) for e in told if "noted" in e["ids"]]

    actions = ("revoke_token", "rotate_token", "create_token")
    assert found() == [(action, "ok", "team") for action in actions]
    where = "SELECT surface, origin, user_name FROM sage.audit WHERE 'noted' = ANY (ids)"
    assert {(r["surface"], r["origin"]) for r in sage.rows(where)} == {("rest", "127.0.0.1")}
    refusals = "SELECT FROM sage.audit WHERE action = 'create_token' AND outcome = 'not-found'"
    wait_for(lambda: sage.rows(refusals))


def test_an_owner_reads_of_the_log_what_happened_in_their_spaces(sage):
    sage.call("foreign", "GET", "/stats")
    sage.call("reader", "GET", "/stats")

    def events(who, **asked):
        return sage.call(who, "GET", "/audit", params=asked).json()["events"]

    wait_for(lambda: events("server", token="foreign", action="get_memory_stats"))
    wait_for(lambda: events("owner", token="reader", action="get_memory_stats"))
    seen = events("owner", limit=100)
    assert {one.get("space") for one in seen} == {"team"}
    assert {one.get("space") for one in events("server", limit=100)} >= {"team", "private"}
    assert events("foreign", token="reader") == []
    for space in ("private", "nowhere"):
        refused = sage.call("owner", "GET", "/audit", params={"space": space})
        assert refused.status_code == 404
    assert all(one["outcome"] == "ok" for one in events("owner", outcome="ok"))
    assert events("owner", until="2020-01-01") == events("owner", since="2100-01-01") == []
    read, cursor = [], None
    while page := sage.call(
        "owner", "GET", "/audit", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
    ).json():
        read += [one["event_id"] for one in page["events"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(read) == len(set(read))
    assert {one["event_id"] for one in seen} <= set(read)


def test_me_says_who_asks_and_what_they_manage(sage):
    def me(who):
        return sage.call(who, "GET", "/me").json()

    said = me("reader")
    assert (said["token"], said["user"], said["author"]) == ("reader", None, "reader")
    assert said["spaces"] == [{"name": "team", "role": "reader", "manages": False}]
    assert (said["sees_server"], said["manages_server"]) == (False, False)
    assert me("owner")["spaces"][0]["manages"] is True
    server = me("server")
    assert (server["token"], server["author"]) == ("SAGE_TOKEN", None)
    assert (server["sees_server"], server["manages_server"]) == (True, True)
    assert (server["token_required"], server["timezone"]) == (True, "UTC")
    assert {"audit", "masking"} <= {*server["features"]}


def test_who_has_a_token_may_ask_about_themselves_but_for_a_machine(sage):
    for method, path in OF_ANYBODY:
        asked = path.removeprefix("/api/v1")
        for who in REFUSED:
            assert sage.call(who, method, asked).status_code == 401, path
        assert sage.call("machine", method, asked).status_code == 403, path
        told = sage.call("reader", method, asked)
        assert told.status_code == 200, path
        assert str(sage.data_dir) not in told.text  # that is the machine of the server


def test_where_no_token_is_required_a_caller_manages_the_default_space_and_no_other(
    postgres_server, migrated_template, tmp_path
):
    """Tokens keep other spaces from whoever else is on the machine, and go on to do so."""
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        with serving(settings_for(dsn, tmp_path)) as url:
            open_sage = Managed(url, tokens, dsn)
            spaces = open_sage.call(None, "GET", "/spaces").json()["spaces"]
            assert [one["name"] for one in spaces] == ["default"]
            told = {"opens": ["default"]}
            made = open_sage.call(None, "POST", "/tokens", json=told)
            assert open_sage.opens(made.json()["token"]) == {"default": "writer"}
            body = {"opens": ["team"]}
            assert open_sage.call(None, "POST", "/tokens", json=body).status_code == 404
            for path in ("/tokens/writer/rotate", "/tokens/owner/rotate"):
                assert open_sage.call(None, "POST", path).status_code == 404
            body = {"name": "mine"}
            assert open_sage.call(None, "POST", "/spaces", json=body).status_code == 403
            me = open_sage.call(None, "GET", "/me").json()
            assert (me["sees_server"], me["manages_server"]) == (True, False)
            assert me["token_required"] is False
