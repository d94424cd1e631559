"""What people do on the pages, in a real browser."""

import pytest

from tests.support.chromium import ENTER
from tests.support.polling import wait_for

TITLE = ".why h2 .quiet"


@pytest.fixture
def said(paged):
    """Save a conversation to be changed."""
    messages = [
        {"role": "user", "content": "Where do the avocets breed?"},
        {"role": "assistant", "content": "The avocets breed on the salt flats."},
        {"role": "user", "content": "Avocets leave the flats in August."},
    ]
    body = {"messages": messages, "session_id": "avocets"}
    paged.request("writer", "POST", "/api/v1/conversations", json=body)
    yield
    paged.request("writer", "POST", "/api/v1/forget", json={"session_id": "avocets"})


@pytest.mark.usefixtures("said")
def test_by_keys_alone_a_hit_is_found_opened_forgotten_and_brought_back(open_page):
    page = open_page()
    page.press(*"when do avocets leave the flats", ENTER)
    page.until(TITLE, "place 1")
    assert page.run("return performance.getEntriesByType('navigation').length") == 1
    page.run("document.activeElement.blur()")
    page.press("j")
    page.until(TITLE, "place 2")
    page.press("k")
    page.until(TITLE, "place 1")
    page.press("o")
    page.until(".msg.hit")
    page.run("document.querySelector('.msg.hit').focus()")
    page.press("x")
    page.until(".gone", "Forgotten")
    wait_for(lambda: page.run("return document.activeElement.textContent") == "Undo", 20)
    page.press("u")
    page.until(".msg:last-of-type", "August")
    assert page.count(".gone") == 0


@pytest.mark.usefixtures("said")
def test_a_message_is_corrected_in_place_or_left_as_it_is(open_page, paged):
    page = open_page()
    page.open(f"{paged.url}/sessions/avocets")
    page.run("document.querySelectorAll('.msg')[1].focus()")
    page.press("e")
    page.until("form.edit")
    page.run("document.activeElement.blur()")
    page.click("form.edit .acts a")
    wait_for(lambda: page.count("form.edit") == 0, 20)
    assert page.count(".msg") == 3
    page.run("document.querySelectorAll('.msg')[1].focus()")
    page.press("e")
    page.until("form.edit")
    page.run("document.querySelector('form.edit textarea').value = 'They breed on the island.'")
    page.click("form.edit .go")
    page.until(".msg.old", "salt flats")
    assert "island" in page.text(".msg.old + .msg")
    assert page.count(".msg") == 4


@pytest.mark.usefixtures("said")
def test_without_script_everything_can_be_done(open_page, paged):
    page = open_page(script=False)
    page.type("#q", "when do avocets leave" + ENTER)
    page.click("article.found:not(.on) [data-why]")
    page.click("[data-open-hit]")
    page.click(".msg.hit .menu summary")
    page.click(".msg.hit [data-forget]")
    page.click("[data-undo]")
    page.click(".msg.hit .menu summary")
    page.click(".msg.hit [data-edit]")
    page.click("form.edit .acts a")
    assert page.url.startswith(f"{paged.url}/sessions/avocets")


def test_without_script_a_token_is_made_its_secret_shown_and_it_is_revoked(open_page, paged):
    page = open_page("owner", script=False)
    page.open(f"{paged.url}/system/access")
    page.click(".adding summary")
    page.type(".adding [name=name]", "new-lamp")
    page.click(".adding .go")
    page.click(".secret + p .go")
    lamp = ".sure:has([action$=revoke] [value=new-lamp])"
    page.click(f"{lamp} summary")

    def is_listed():
        listed = paged.request("owner", "GET", "/api/v1/tokens").json()["tokens"]
        return "new-lamp" in [one["name"] for one in listed]

    assert is_listed()
    page.click(f"{lamp} .go")
    wait_for(lambda: not is_listed(), 20)


def test_a_hostile_message_does_nothing_and_its_picture_is_not_fetched(open_page, paged):
    page = open_page("reader")
    page.open(f"{paged.url}/sessions/birds")
    page.open(f"{paged.url}/?q=kestrel")
    page.until("mark", "kestrel")
    assert page.count("main img, main script") == 0


def test_signing_out_asks_for_the_token_again(open_page):
    page = open_page("reader")
    page.click("form[action='/sign-out'] button")
    page.until("#token")
    page.log()
