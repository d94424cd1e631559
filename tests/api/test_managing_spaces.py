"""How spaces are kept, and erased with what somebody saved, over REST."""

import asyncio
from contextlib import ExitStack, suppress
from uuid import uuid4

import httpx
import pytest

from sage.service.erasure.receipt import write_receipt
from sage.service.erasure.target import measure
from tests.support.guarded import OWNER, READER, TURN, WRITER
from tests.support.memory_locks import locked_memories
from tests.support.serving import wait_until


@pytest.fixture
def sage(managed):
    return managed


def test_an_owner_erases_their_space_for_good_and_no_other(sage, monkeypatch):
    held_up = []

    def noting(*args):
        with suppress(RuntimeError):
            held_up.append(asyncio.get_running_loop())
        return write_receipt(*args)

    monkeypatch.setattr("sage.operations.erasing.write_receipt", noting)
    sage.call("server", "POST", "/spaces", json={"name": "marsh"})
    sage.make({"marsh": OWNER}, "marsh-owner")
    saved = TURN | {"session_id": "marsh"}
    sage.call("marsh-owner", "POST", "/conversations", json=saved)

    def erase(who, space, confirm):
        return sage.call(who, "DELETE", f"/spaces/{space}", params={"confirm": confirm})

    for who in ("owner", "foreign"):
        assert erase(who, "marsh", "marsh").status_code == 404
    assert erase("marsh-owner", "team", "team").status_code == 404
    wrong = erase("marsh-owner", "marsh", "team")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "confirm")
    assert sage.call("marsh-owner", "GET", "/stats").json()["memories"] == 2
    erased = erase("marsh-owner", "marsh", "marsh").json()
    assert (erased["rows"]["memories"], erased["tokens"]) == (2, ["marsh-owner"])
    assert (sage.data_dir / "receipts" / f"{erased['erasure_id']}.json").is_file()
    assert not held_up  # no other call waits for it, which may take seconds
    assert sage.call("marsh-owner", "GET", "/stats").status_code == 401
    assert not sage.rows("SELECT FROM sage.memories WHERE space_id = 'marsh'")
    ended = sage.rows("SELECT token_name FROM sage.audit WHERE action = 'end_erasure'")
    assert ended == [{"token_name": "marsh-owner"}]


def test_a_long_erasure_goes_on_and_tells_how_far_it_is(sage, monkeypatch):
    counted = []

    def counting(conn, target):
        counted.append(target.space)
        return measure(conn, target)

    monkeypatch.setattr("sage.operations.background_erasures._WAIT_S", 0.2)
    monkeypatch.setattr("sage.operations.background_erasures.measure", counting)
    sage.call("server", "POST", "/spaces", json={"name": "bog"})
    sage.make({"bog": OWNER}, "bog-owner")
    sage.call("bog-owner", "POST", "/conversations", json=TURN | {"session_id": "bog"})

    def erase():
        return sage.call("server", "DELETE", "/spaces/bog", params={"confirm": "bog"})

    with locked_memories(sage.dsn, "bog"):
        begun = erase()
        assert begun.status_code == 202
        progress = begun.json()
        path = f"/erasures/{progress['erasure_id']}"
        assert begun.headers["location"] == f"/api/v1{path}"
        assert (progress["name"], progress["state"], progress["left"]) == ("bog", "erasing", 2)
        assert (progress["erased"], progress["receipt"]) == (0, None)
        assert sage.call("server", "GET", path).json() == progress
        assert erase().json() == progress  # it is joined, not begun again
        joined = "SELECT FROM sage.audit WHERE action = 'erase_space' AND ids = '{bog}'"
        wait_until(lambda: len(sage.rows(joined)) == 1, "the record of who joined it")
        assert sage.call("bog-owner", "GET", "/stats").status_code == 401  # it is closed at once
        assert counted == ["bog"]  # once, however often it is asked: that reads the whole space
        assert sage.call("owner", "GET", path).status_code == 403
        assert sage.call("server", "GET", "/spaces/bog/erasure").json()["begun"]
    wait_until(lambda: sage.call("server", "GET", path).json()["state"] == "erased", "the end")
    ended = sage.call("server", "GET", path).json()
    assert (ended["erased"], ended["left"]) == (2, 0)
    assert ended["receipt"] == sage.call("server", "GET", f"/receipts/{path[10:]}").json()
    assert sage.call("server", "GET", "/spaces/bog").status_code == 404
    recorded = (
        "SELECT action, token_name FROM sage.audit"
        " WHERE $1 = ANY (ids) AND action ~ '^(begin|end)_' ORDER BY at"
    )
    assert sage.rows(recorded, path[10:]) == [
        {"action": action, "token_name": "SAGE_TOKEN"}
        for action in ("begin_erasure", "end_erasure")
    ]


def test_an_erasure_goes_on_when_its_caller_has_gone(sage):
    sage.call("server", "POST", "/spaces", json={"name": "fell"})
    sage.make({"fell": OWNER}, "fell-owner")
    sage.call("fell-owner", "POST", "/conversations", json=TURN | {"session_id": "fell"})
    with locked_memories(sage.dsn, "fell"), pytest.raises(httpx.ReadTimeout):
        httpx.delete(
            f"{sage.url}/api/v1/spaces/fell",
            params={"confirm": "fell"},
            headers=sage.headers("fell-owner"),
            timeout=2,
        )
    space = "SELECT FROM sage.spaces WHERE name = 'fell'"
    wait_until(lambda: not sage.rows(space), "the end")
    assert not sage.rows("SELECT FROM sage.memories WHERE space_id = 'fell'")


def test_erasures_hold_up_no_other_call(sage, monkeypatch):
    monkeypatch.setattr("sage.operations.background_erasures._WAIT_S", 0.2)
    sage.make({"team": READER}, "meanwhile")
    with ExitStack() as locks:
        for name in ("ash", "elm", "fir", "oak"):
            sage.call("server", "POST", "/spaces", json={"name": name})
            sage.make({name: OWNER}, f"{name}-owner")
            sage.call(f"{name}-owner", "POST", "/conversations", json=TURN | {"session_id": name})
            locks.enter_context(locked_memories(sage.dsn, name))
            begun = sage.call("server", "DELETE", f"/spaces/{name}", params={"confirm": name})
            assert begun.status_code == 202
        assert sage.call("meanwhile", "GET", "/stats").status_code == 200
        assert sage.call("server", "GET", "/spaces").status_code == 200
    spaces = "SELECT FROM sage.spaces WHERE name IN ('ash', 'elm', 'fir', 'oak')"
    wait_until(lambda: not sage.rows(spaces), "the end")


def test_an_owner_sets_how_their_space_is_kept_and_no_other(sage):
    sage.call("server", "POST", "/spaces", json={"name": "heath"})
    sage.make({"heath": OWNER}, "heath-owner")
    old = {"role": "user", "content": "A curlew called.", "created_at": "2020-05-01T00:00:00Z"}
    saved = {"messages": [old, {"role": "user", "content": "Another."}], "session_id": "heath"}
    sage.call("heath-owner", "POST", "/conversations", json=saved)

    def change(who, space, **body):
        return sage.call(who, "PATCH", f"/spaces/{space}", json=body)

    kept = change("heath-owner", "heath", masking="off", retention="off")
    assert (kept.json()["masking"], kept.json()["retention_days"]) == ("off", None)
    refused = change("heath-owner", "heath", retention="365d", masking="on")
    assert (refused.status_code, refused.json()["field"]) == (422, "confirm")
    assert "1 memory is older" in refused.json()["detail"]
    assert sage.call("heath-owner", "GET", "/spaces/heath").json() == kept.json()  # none of it
    confirmed = change("heath-owner", "heath", retention="365d", confirm="heath").json()
    assert (confirmed["retention_days"], confirmed["masking"]) == (365, "off")
    for body, field in (
        ({}, "name"),
        ({"retention": "1y"}, "retention"),
        ({"retention": "36501d"}, "retention"),
        ({"masking": "maybe"}, "masking"),
    ):
        wrong = change("heath-owner", "heath", **body)
        assert (wrong.status_code, wrong.json()["field"]) == (422, field), body
    for who, space in (("owner", "heath"), ("heath-owner", "team"), ("heath-owner", "nowhere")):
        assert change(who, space, masking="on").status_code == 404
        assert sage.call(who, "GET", f"/spaces/{space}").status_code == 404
    events = sage.call("heath-owner", "GET", "/audit", params={"outcome": "ok"}).json()["events"]
    changed = [(one["action"], one["ids"][1]) for one in events if one["action"].startswith("set")]
    assert changed == [("set_retention", "365d"), ("set_retention", "off"), ("set_masking", "off")]


def test_the_server_renames_a_space_and_its_tokens_open_it_as_before(sage):
    sage.call("server", "POST", "/spaces", json={"name": "dune"})
    sage.make({"dune": READER}, "dune-reader")
    renamed = sage.call("server", "PATCH", "/spaces/dune", json={"name": "beach", "masking": "on"})
    assert (renamed.json()["name"], renamed.json()["masking"]) == ("beach", "on")
    assert sage.opens(sage.tokens["dune-reader"]) == {"beach": "reader"}
    taken = sage.call("server", "PATCH", "/spaces/beach", json={"name": "team"})
    assert taken.status_code == 409
    wrong = sage.call("server", "PATCH", "/spaces/beach", json={"name": "a b"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "name")


def test_spaces_are_found_by_a_part_of_their_names(sage):
    for name in ("reed-one", "Reed-two"):
        sage.call("server", "POST", "/spaces", json={"name": name})

    def found(who, **asked):
        return [
            one["name"] for one in sage.call(who, "GET", "/spaces", params=asked).json()["spaces"]
        ]

    assert found("server", find="REED") == ["Reed-two", "reed-one"]
    assert found("server", find="reed", limit=1) == ["Reed-two"]
    assert found("owner", find="reed") == []
    assert found("server", find="%") == []
    for limit in (0, 10**30):
        refused = sage.call("server", "GET", "/spaces", params={"limit": limit})
        assert (refused.status_code, refused.json()["field"]) == (422, "limit")


def test_what_would_be_gone_is_told_before_it_is_and_the_receipt_can_be_read(sage):
    sage.call("server", "POST", "/spaces", json={"name": "fen"})
    sage.call("server", "POST", "/users", json={"name": "dora"})
    sage.make({"fen": OWNER}, "fen-owner")
    sage.make({"fen": WRITER, "team": READER}, "fen-guest")
    for name in ("dora-one", "dora-two"):
        sage.make({"fen": WRITER}, name, user="dora")
    sage.call("dora-one", "POST", "/conversations", json=TURN | {"session_id": "fen"})
    sage.call("fen-owner", "POST", "/conversations", json=TURN | {"session_id": "fen-2"})

    told = sage.call("fen-owner", "GET", "/spaces/fen/erasure").json()
    assert (told["memories"], told["sessions"]) == (4, 2)
    assert told["tokens"] == ["dora-one", "dora-two", "fen-owner"]
    hers = sage.call("fen-owner", "GET", "/authors/dora/erasure", params={"space": "fen"}).json()
    assert (hers["memories"], hers["tokens"], hers["users"]) == (2, [], [])
    of_all = sage.call("server", "GET", "/authors/dora/erasure").json()
    assert (of_all["tokens"], of_all["users"]) == (["dora-one", "dora-two"], ["dora"])
    for who, path in (("owner", "/spaces/fen/erasure"), ("server", "/authors/nobody0/erasure")):
        assert sage.call(who, "GET", path).status_code == 404

    def erase(who, **asked):
        return sage.call(who, "DELETE", "/authors/dora", params=asked)

    assert erase("owner", confirm="dora", space="fen").status_code == 404
    wrong = erase("fen-owner", confirm="Dora", space="fen")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "confirm")
    gone = erase("fen-owner", confirm="dora", space="fen").json()
    assert (gone["rows"]["memories"], gone["tokens"]) == (2, [])
    assert sage.opens(sage.tokens["dora-one"]) == {"fen": "writer"}
    gone = erase("server", confirm="dora").json()
    assert (gone["tokens"], gone["users"]) == (["dora-one", "dora-two"], ["dora"])
    assert sage.opens(sage.tokens["dora-one"]) == 401
    assert sage.call("fen-owner", "GET", "/stats").json()["memories"] == 2
    receipt = sage.call("server", "GET", f"/receipts/{gone['erasure_id']}").json()
    assert receipt == gone["receipt"]
    assert receipt["signature"].startswith("hmac-sha256:")
    for unknown in (str(uuid4()), "..%2Freceipt"):
        assert sage.call("server", "GET", f"/receipts/{unknown}").status_code == 404


def test_a_user_is_listed_with_the_highest_role_in_each_space(sage):
    sage.call("server", "POST", "/users", json={"name": "emil"})
    sage.make({"team": READER, "private": READER}, "emil-one", user="emil")
    sage.make({"team": WRITER}, "emil-two", user="emil")
    sage.make({"default": WRITER}, "emil-lap", user="emil", of_machine=True)
    users = {one["name"]: one for one in sage.call("server", "GET", "/users").json()["users"]}
    assert users["emil"]["opens"] == ["default:hooks", "private:reader", "team:writer"]
    assert users["bob"]["opens"] == []
