"""Who may open what, managed in a real browser; what was brought in, undone there."""

from contextlib import contextmanager

import pytest

from sage.errors import StoreUnavailableError
from sage.operations.background_erasures import BackgroundErasures
from tests.console.browser.conftest import allow_an_app
from tests.console.browser.states import FIND, TAGS
from tests.console.conftest import brought_in
from tests.support.chromium import ENTER, TAB
from tests.support.memory_locks import locked_memories
from tests.support.polling import wait_for

ACCESS = "/system/access"
TOKENS = "[aria-labelledby=tokens] .adding"


@contextmanager
def removed(paged, kind, name, **confirm):
    """Remove what a test creates."""
    yield
    paged.request("server", "DELETE", f"/api/v1/{kind}/{name}", params=confirm)


def names(paged, kind):
    return [one["name"] for one in paged.request("server", "GET", f"/api/v1/{kind}").json()[kind]]


def add_by_keys(page, what, name):
    page.tab_to(f"#{what} ~ .adding summary, section[aria-labelledby={what}] .adding summary")
    page.press(ENTER, TAB, *name, ENTER)


@pytest.mark.sends(f"{ACCESS}/users", f"{ACCESS}/users/remove")
def test_by_keys_alone_a_user_is_added_and_removed(open_page, paged):
    page = open_page("server")
    page.open(f"{paged.url}{ACCESS}")
    with removed(paged, "users", "new-otto"):
        add_by_keys(page, "users", "new-otto")
        wait_for(lambda: "new-otto" in names(paged, "users"), 20)
        row = ".sure:has([action$='users/remove'] [value=new-otto])"
        page.until(row)
        page.tab_to(f"{row} summary")
        page.press(ENTER, TAB, ENTER)
        wait_for(lambda: "new-otto" not in names(paged, "users"), 20)


@pytest.mark.sends(f"{ACCESS}/spaces")
def test_by_keys_alone_a_space_is_created(open_page, paged):
    page = open_page("server")
    page.open(f"{paged.url}{ACCESS}")
    with removed(paged, "spaces", "new-pond", confirm="new-pond"):
        add_by_keys(page, "spaces", "new-pond")
        wait_for(lambda: "new-pond" in names(paged, "spaces"), 20)
    assert "new-pond" not in names(paged, "spaces")


@pytest.mark.sends(f"{ACCESS}/tokens", f"{ACCESS}/tokens/revoke")
def test_without_script_a_token_is_made_its_secret_shown_and_it_is_revoked(open_page, paged):
    page = open_page("owner", script=False)
    page.open(f"{paged.url}{ACCESS}")
    page.click(f"{TOKENS} summary")
    page.type(f"{TOKENS} [name=name]", "new-lamp")
    page.click(f"{TOKENS} .go")
    page.click(".secret + p .go")
    lamp = ".sure:has([action$=revoke] [value=new-lamp])"
    page.click(f"{lamp} summary")
    assert "new-lamp" in names(paged, "tokens")
    page.click(f"{lamp} .go")
    wait_for(lambda: "new-lamp" not in names(paged, "tokens"), 20)


@pytest.mark.sends(f"{ACCESS}/tokens/rotate")
def test_by_keys_alone_a_token_is_rotated_and_its_new_secret_shown(open_page, paged):
    made = {"opens": ["team:reader"], "name": "new-bulb"}
    old = paged.request("owner", "POST", "/api/v1/tokens", json=made).json()["token"]
    page = open_page("owner")
    with removed(paged, "tokens", "new-bulb"):
        page.open(f"{paged.url}{ACCESS}")
        page.tab_to(".sure:has([action$=rotate] [value=new-bulb]) summary")
        page.press(ENTER, TAB, ENTER)
        page.until(".secret", "sage_")
        assert old not in page.text("main")


@pytest.mark.sends(f"{ACCESS}/spaces/{{name}}", f"{ACCESS}/erase")
@pytest.mark.parametrize("script", [True, False])
def test_a_space_keeps_less_and_is_erased_once_its_name_is_typed(open_page, paged, axe, script):
    old = {"role": "user", "content": "A smew.", "created_at": "2021-03-03T00:00:00Z"}
    paged.request("server", "POST", "/api/v1/spaces", json={"name": "new-mere"})
    made = {"opens": ["new-mere:owner"], "name": "new-mere"}
    paged.tokens["mere"] = paged.request("server", "POST", "/api/v1/tokens", json=made).json()[
        "token"
    ]
    paged.request("mere", "POST", "/api/v1/conversations", json={"messages": [old]})
    page = open_page("mere", script=script)
    page.open(f"{paged.url}{ACCESS}/spaces/new-mere")
    page.type("#days", "365")
    page.click(".settings .go")
    page.until("#confirm-told", "1 message is older")
    page.type("#confirm", "new-mere")
    page.click(".settings .go")
    page.until(".status", "Saved.")
    page.click("[href*=erase]")
    page.type("#confirm", "new-mere")
    page.click(".settings .go")
    page.until(".secret", "Download the receipt")
    if script:
        page.run(f"{axe}; window.axe = axe")
        assert page.run(FIND, TAGS) == []
    page.log()  # the answer 422 that asks for the name is told as an error
    assert "new-mere" not in names(paged, "spaces")


@pytest.mark.sends(f"{ACCESS}/erase")
def test_a_long_erasure_is_shown_to_its_end_though_one_answer_fails(open_page, paged, monkeypatch):
    monkeypatch.setattr("sage.operations.background_erasures._WAIT_S", 0.2)
    read, failed = BackgroundErasures.read, []

    async def failing_once(*asked):
        if failed:
            return await read(*asked)
        failed.append(asked)
        raise StoreUnavailableError("the database does not answer")

    paged.request("server", "POST", "/api/v1/spaces", json={"name": "new-fen"})
    body = {"opens": ["new-fen:owner"], "name": "new-fen-owner"}
    made = paged.request("server", "POST", "/api/v1/tokens", json=body).json()
    paged.tokens["fen"] = made["token"]
    said = {"messages": [{"role": "user", "content": "The bittern booms."}]}
    paged.request("fen", "POST", "/api/v1/conversations", json=said)
    page = open_page("server")
    with locked_memories(paged.dsn, "new-fen"):
        page.open(f"{paged.url}{ACCESS}/erase?space=new-fen")
        page.type("[name=confirm]", "new-fen")
        page.click("form .go")
        page.until("#erasing")
        monkeypatch.setattr(BackgroundErasures, "read", failing_once)
        wait_for(lambda: failed, 20)
    page.until("h1", "Erased: new-fen")
    page.log()  # the answer that failed is told as an error


@pytest.mark.sends(f"{ACCESS}/apps/revoke")
def test_an_app_that_was_let_in_is_let_in_no_more(open_page, paged):
    allow_an_app(paged)
    page = open_page("owner", width=380)
    page.open(f"{paged.url}{ACCESS}")
    app = ".sure:has([action$='apps/revoke'])"
    page.click(f"{app} summary")
    page.click(f"{app} .go")
    wait_for(lambda: page.count(app) == 0, 20)


@pytest.mark.sends("/connect/imports/undo")
def test_what_was_brought_in_is_taken_away_again(open_page, paged):
    with brought_in(paged) as import_id:
        page = open_page("writer", width=380)
        page.open(f"{paged.url}/connect/imports")
        row = f".sure:has([value='{import_id}'])"
        page.click(f"{row} summary")
        page.click(f"{row} .go")
        wait_for(lambda: page.count(row) == 0, 20)
        left = paged.request("writer", "GET", "/api/v1/imports").json()["imports"]
        assert import_id not in [one["import_id"] for one in left]
