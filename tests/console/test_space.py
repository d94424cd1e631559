"""The pages of one space: how it is kept, and erasing it or what somebody saved."""

import json
import re
from html import unescape
from urllib.parse import unquote

import pytest

from tests.console.conftest import OWN
from tests.console.test_system import said
from tests.support.each import each
from tests.support.memory_locks import locked_memories
from tests.support.serving import wait_until

PAGE = "/system/access/spaces/new-moor"
ERASE = "/system/access/erase"
OLD = {"role": "user", "content": "A grouse called.", "created_at": "2020-05-01T00:00:00Z"}


@pytest.fixture
def moor(paged):
    """Create a space with an old message and a new one, which its owner saved."""
    confirmed = {"params": {"confirm": "new-moor"}}
    paged.request("server", "POST", "/api/v1/spaces", json={"name": "new-moor"})
    body = {"opens": ["new-moor:owner"], "name": "new-moor-owner"}
    made = paged.request("server", "POST", "/api/v1/tokens", json=body)
    paged.tokens["moor"] = made.json()["token"]
    told = {"messages": [OLD, {"role": "user", "content": "And now."}], "session_id": "moor"}
    paged.request("moor", "POST", "/api/v1/conversations", json=told)
    yield
    paged.request("server", "DELETE", "/api/v1/spaces/new-moor", **confirmed)


def kept(paged):
    found = paged.request("server", "GET", "/api/v1/spaces/new-moor").json()
    return found["retention_days"], found["masking"], found["memories"]


@pytest.mark.usefixtures("moor")
def test_what_would_be_deleted_is_told_and_its_name_typed_before_less_is_kept(browser, paged):
    owner = browser("moor")
    assert owner.get(PAGE).status_code == 200
    assert 'name="name" value="new-moor"' not in owner.get(PAGE).text  # a name takes SAGE_TOKEN
    form = {"days": "", "masking": "off"}
    assert owner.post(PAGE, data=form, headers=OWN).headers["location"] == f"{PAGE}?changed=1"
    assert "Saved." in owner.get(f"{PAGE}?changed=1").text
    form["days"] = "365"
    asked = owner.post(PAGE, data=form, headers=OWN)
    assert asked.status_code == 422
    assert "1 message is older than that." in said(asked)
    wrong = owner.post(PAGE, data={**form, "confirm": "moor"}, headers=OWN)
    assert "not the name of this space" in said(wrong)
    assert kept(paged) == (None, "off", 2)
    done = owner.post(PAGE, data={**form, "confirm": "new-moor"}, headers=OWN)
    assert done.status_code == 303
    assert kept(paged) == (365, "off", 2)
    assert owner.post(PAGE, data={"days": "0"}, headers=OWN).status_code == 422
    assert owner.post(PAGE, data={"name": "mine"}, headers=OWN).status_code == 403
    renamed = browser("server").post(PAGE, data={"name": "new-fell"}, headers=OWN)
    assert renamed.headers["location"] == "/system/access/spaces/new-fell?changed=1"
    back = {"json": {"name": "new-moor"}}
    paged.request("server", "PATCH", "/api/v1/spaces/new-fell", **back)


@pytest.mark.usefixtures("moor")
def test_a_space_is_erased_once_its_name_is_typed_and_its_receipt_kept(browser, paged):
    owner = browser("moor")
    asked = owner.get(ERASE, params={"space": "new-moor"})
    shown = said(asked)
    assert "2 messages, including forgotten ones, of 1 session" in shown
    assert "new-moor-owner" in shown
    for typed in ("", "new-Moor"):
        form = {"space": "new-moor", "confirm": typed}
        wrong = owner.post(ERASE, data=form, headers=OWN)
        assert (wrong.status_code, "Nothing was erased." in wrong.text) == (422, True)
    assert kept(paged)[2] == 2
    gone = owner.post(ERASE, data={"space": "new-moor", "confirm": "new-moor"}, headers=OWN)
    assert gone.status_code == 200
    assert "The token that you signed in with was deleted, too" in gone.text
    link = re.search(r'href="data:application/json;charset=utf-8,([^"]+)"', gone.text)[1]
    receipt = json.loads(unquote(unescape(link)))
    assert receipt["target"]["space"] == "new-moor"
    assert receipt["signature"].startswith("hmac-sha256:")
    assert owner.get("/").status_code == 401
    assert paged.request("server", "GET", "/api/v1/spaces/new-moor").status_code == 404
    kept_as = browser("server").get(f"/system/access/receipts/{receipt['erasure_id']}")
    assert kept_as.json() == receipt
    assert "attachment" in kept_as.headers["content-disposition"]
    assert browser("owner").get(kept_as.request.url.path).status_code == 403


@pytest.mark.usefixtures("moor")
def test_what_somebody_saved_is_erased_in_one_space_or_with_them_in_all(browser, paged):
    asked = {"author": "new-moor-owner", "space": "new-moor"}
    shown = said(browser("moor").get(ERASE, params=asked))
    assert "Erase what new-moor-owner saved in new-moor" in shown
    assert "2 messages" in shown
    form = {**asked, "confirm": "new-moor-owner"}
    assert browser("moor").post(ERASE, data=form, headers=OWN).status_code == 200
    assert kept(paged)[2] == 0
    del form["space"]
    assert browser("moor").post(ERASE, data=form, headers=OWN).status_code == 403
    done = browser("server").post(ERASE, data=form, headers=OWN)
    assert re.search(r'href="/system/access/receipts/[0-9a-f-]{36}"', done.text)
    assert paged.request("moor", "GET", "/api/v1/me").status_code == 401


@pytest.mark.usefixtures("moor")
def test_a_long_erasure_shows_how_far_it_is_and_then_its_receipt(browser, paged, monkeypatch):
    monkeypatch.setattr("sage.operations.background_erasures._WAIT_S", 0.2)
    server = browser("server")
    with locked_memories(paged.dsn, "new-moor"):
        form = {"space": "new-moor", "confirm": "new-moor"}
        begun = server.post(ERASE, data=form, headers=OWN, follow_redirects=True)
        assert re.fullmatch(r"/system/access/erasures/[0-9a-f-]{36}", begun.request.url.path)
        assert "Erasing new-moor" in said(begun)
        assert re.search(r"Remaining\s+2", said(begun))
        assert "continues when you leave this page" in said(begun)
        path = begun.request.url.path
        assert browser("owner").get(path).status_code == 403
    wait_until(lambda: "Download the receipt" in server.get(path).text, "the receipt")
    done = server.get(path)
    assert "Erased: new-moor" in said(done)
    assert server.get(path, headers={"hx-request": "true"}).headers["hx-refresh"] == "true"


@each("path", (PAGE, "/system/access/spaces/private", "/system/access/spaces/nowhere"))
@pytest.mark.usefixtures("moor")
def test_a_space_of_others_is_answered_like_one_that_does_not_exist(browser, path):
    owner, name = browser("owner"), path.rpartition("/")[2]
    assert owner.get(path).status_code == 404
    assert owner.post(path, data={"masking": "off"}, headers=OWN).status_code == 404
    assert owner.get(ERASE, params={"space": name}).status_code == 404
    form = {"space": name, "confirm": name}
    assert owner.post(ERASE, data=form, headers=OWN).status_code == 404


def test_with_the_token_of_the_server_all_spaces_are_managed_and_told_to_be_closed(browser):
    server = browser("server")
    page = server.get("/system/access").text
    for name in ("team", "private", "default"):
        assert f'href="/system/access/spaces/{name}"' in page
    assert 'href="/system/access#spaces"' in server.get("/").text
    assert "cannot read it" in server.get("/system/access/spaces/team").text
    assert "cannot read it" not in server.get("/system/access/spaces/default").text
    refused = server.get("/", params={"space": "team"})
    assert refused.status_code == 404
    assert "sage token create --space NAME" in refused.text
    assert said(refused).replace("team", "nowhere") == said(
        server.get("/", params={"space": "nowhere"})
    )
    assert "mill" not in server.get("/", params={"q": "heron", "space": "team"}).text


def test_a_long_list_is_narrowed_by_a_part_of_a_name(browser, paged):
    names = [f"new-isle-{number:02}" for number in range(51)]
    for name in names:
        paged.request("server", "POST", "/api/v1/spaces", json={"name": name})
    server = browser("server")
    page = server.get("/system/access").text
    assert "The first 50" in page
    assert 'name="find"' in page
    found = server.get("/system/access", params={"find": "ISLE-50"}).text
    assert re.findall(r'href="/system/access/spaces/([^"]+)"', found) == ["new-isle-50"]
    assert "No matches." in found
    for name in names:
        paged.request("server", "DELETE", f"/api/v1/spaces/{name}", params={"confirm": name})
