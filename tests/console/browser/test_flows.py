"""What people do on the pages, in a real browser."""

from functools import partial

import pytest

from tests.support.chromium import ENTER, LEFT, TAB, UP
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
@pytest.mark.sends("/forget", "/restore")
def test_by_keys_alone_a_hit_is_found_opened_forgotten_and_brought_back(open_page):
    page = open_page()
    page.press(*"when do avocets leave the flats", ENTER)
    page.until(TITLE, "rank 1")
    assert page.run("return performance.getEntriesByType('navigation').length") == 1
    page.run("document.activeElement.blur()")
    page.press("j")
    page.until(TITLE, "rank 2")
    page.press("k")
    page.until(TITLE, "rank 1")
    page.press("o")
    page.until(".msg.hit")
    page.run("document.querySelector('.msg.hit').focus()")
    page.press("x")
    page.until(".gone", "Forgotten")
    wait_for(lambda: page.run("return document.activeElement.textContent") == "Undo", 20)
    page.press("u")
    page.until(".msg:last-of-type", "August")
    assert page.count(".gone") == 0


def test_the_pages_are_named_at_the_top_beside_each_page(open_page, paged):
    page = open_page()
    for path in ("/", "/?q=heron", "/sessions", "/connect"):
        page.open(f"{paged.url}{path}")
        top = "return document.querySelector('.side').getBoundingClientRect().top"
        assert page.run(top) == 0, path


@pytest.mark.usefixtures("said")
@pytest.mark.sends("/correct")
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
@pytest.mark.sends("/confirm")
def test_by_a_key_a_message_is_confirmed_and_that_is_taken_back(open_page, paged):
    page = open_page()
    page.open(f"{paged.url}/sessions/avocets")
    page.press("t")  # none has the focus
    page.run("document.querySelectorAll('.msg')[1].focus()")
    page.press("t")
    page.until(".msg .by .chip", "still true on")
    page.press("t")
    wait_for(lambda: page.count(".msg .by .chip") == 0, 20)
    assert page.count(".msg") == 3


@pytest.mark.usefixtures("said")
@pytest.mark.sends("/forget", "/restore")
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


@pytest.mark.sends(*(f"/connect/imports/{one}" for one in ("file", "stop", "start", "undo")))
def test_a_file_is_chosen_counted_imported_and_taken_back(open_page, paged, tmp_path):
    path = tmp_path / "egrets.md"
    path.write_text("# Egrets\n\nThey nest in May.\n\n# Bitterns\n\nThey boom at dusk.\n")
    page = open_page()
    page.open(f"{paged.url}/connect/imports")
    before = page.count(".listing tbody tr")
    page.type("#handed", str(path))
    assert page.run("return document.querySelector('[name=written_at]').value")[:2] == "20"
    page.click(".handing .go")
    page.until(".handed strong", "2 messages are new")
    assert "They nest in May" in page.text(".samples")
    page.click("#stop")
    wait_for(lambda: page.count(".handed") == 0, 20)
    page.type("#handed", str(path))
    page.click(".handing .go")
    page.until(".handed strong", "2 messages are new")
    page.run("document.getElementById('start').focus()")
    page.press(ENTER)
    page.until(".handed strong", "2 messages were imported")
    assert page.count(".listing tbody tr") == before + 1
    page.click(".handed .sure summary")
    page.click(".handed .sure .go")
    wait_for(lambda: page.count(".handed") == 0, 20)
    assert page.count(".listing tbody tr") == before


@pytest.mark.sends("/tidy/forget", "/tidy/restore", "/forgotten/restore")
@pytest.mark.parametrize("script", [False, True])
def test_with_script_and_without_repeats_are_forgotten_and_brought_back(open_page, paged, script):
    for number in range(3):
        messages = [{"role": "user", "content": "The dunlin winters on the mudflat."}]
        body = {"messages": messages, "session_id": f"dunlin-{number}"}
        paged.request("writer", "POST", "/api/v1/conversations", json=body)
    page = open_page(script=script)
    page.open(f"{paged.url}/tidy")
    page.click(".kinds a")
    page.click(".choose .go")
    page.until(".gone", "Forgot 2 messages.")
    if script:
        wait_for(lambda: page.run("return document.activeElement.textContent") == "Undo", 20)
        page.press("u")
    else:
        page.click("[data-undo]")
    page.until(".gone", "Restored 2 messages.")
    assert page.count(".groups input:checked") == 2
    page.click(".choose .go")
    page.until(".gone", "Forgot 2 messages.")
    page.click(".tabs a:last-of-type")
    page.until(".groups", "dunlin")
    page.click("[name=only]")
    page.until(".gone", "Restored 1 message.")
    for number in range(3):
        paged.request("writer", "POST", "/api/v1/forget", json={"session_id": f"dunlin-{number}"})


def test_a_hostile_message_does_nothing_and_its_picture_is_not_fetched(open_page, paged):
    page = open_page("reader")
    page.open(f"{paged.url}/sessions/birds")
    page.open(f"{paged.url}/?q=kestrel")
    page.until("mark", "kestrel")
    assert page.count("main img, main script") == 0


@pytest.mark.sends("/sign-out")
def test_signing_out_asks_for_the_token_again(open_page):
    page = open_page("reader")
    page.click("form[action='/sign-out'] button")
    page.until("#token")
    page.log()


@pytest.mark.sends("/sign-in")
def test_a_wrong_token_is_told_and_the_right_one_leads_to_the_page_that_was_wanted(
    open_page, paged
):
    page = open_page(None, width=380)
    page.open(f"{paged.url}/sessions/birds")
    page.press(*"sage_wrong", ENTER)
    page.until("#wrong")
    page.type("#token", paged.tokens["reader"] + ENTER)
    page.until(".msg")
    page.log()  # answers 401 are told as errors
    assert page.url == f"{paged.url}/sessions/birds"


@pytest.mark.sends("/prefer")
def test_theme_language_and_space_are_chosen_and_stay(open_page, paged):
    page = open_page("several")
    page.click("form[action='/prefer'] .switch")
    page.until("[data-theme=light]")
    page.click("form[action='/prefer'] .switch")
    page.until("[data-theme=dark]")
    page.click(".switch[lang=zh]")
    page.until("[lang=zh] .switch[lang=en]")
    assert page.count("#found .rows") == 0
    page.run("document.querySelector('#space').focus()")
    page.press("t")
    page.until("#found .rows")
    page.open(f"{paged.url}/sessions/birds")
    page.until("[lang=zh][data-theme=dark] .msg")


def test_by_keys_alone_pages_are_reached_days_chosen_and_single_keys_put_off(open_page, paged):
    page = open_page("reader")
    page.run("document.activeElement.blur()")
    page.press("g", "c")
    page.until("body.reading")
    page.tab_to("[data-roving] a")
    page.press(LEFT, UP)  # nothing was said before today
    page.press(ENTER)
    page.until(".chosen")
    assert "?day=" in page.url
    page.press("?")
    page.until("dialog[open]")
    page.tab_to("#single-keys")
    page.press(" ", TAB, ENTER)
    page.press("g", "n")
    assert page.count("body.reading") == 1
    page.run("document.querySelector('[data-key=n]').focus()")
    page.press(ENTER)
    page.until("body.connecting")
    assert page.url == f"{paged.url}/connect"


def test_filters_narrow_what_is_found_and_stand_in_the_address(open_page):
    page = open_page("reader", width=380)
    page.type("#q", "where does the heron nest" + ENTER)
    page.until(".verdict")
    page.click(".filters summary")
    page.run("document.querySelector('[name=role]').focus()")
    page.press("a")
    page.click(".search .go")
    page.until("#found .found")
    wait_for(lambda: "role=assistant" in page.url, 20)
    page.open(page.url)
    page.until(".filters[open] .chip")


def test_what_a_page_has_to_be_copied_is_copied_or_selected(open_page, paged):
    page = open_page("reader")
    page.open(f"{paged.url}/connect?client=codex")
    page.click("[data-copy]")
    wait_for(lambda: page.text("#said") == "Copied" or page.count("[data-copy]") == 0, 20)


@pytest.mark.usefixtures("said")
@pytest.mark.sends("/given/not-useful", "/given/useful")
def test_what_was_handed_out_is_marked_as_not_useful_and_that_is_taken_back(open_page, paged):
    asked = {"query": "when do avocets leave"}
    found = paged.request("writer", "POST", "/api/v1/search", json=asked).json()["results"][0]
    listed = partial(paged.request, "reader", "GET", "/api/v1/given")
    wait_for(lambda: found["memory_id"] in listed().text)
    page = open_page()
    page.open(f"{paged.url}/given")
    page.click(".mark button")
    page.until(".mark [role=status]", "Marked as not useful")
    page.press(ENTER)  # Undo has the focus
    page.until(".mark button[autofocus]", "Not useful")
    plain = open_page(script=False)
    plain.open(f"{paged.url}/given")
    plain.click(".mark button")
    plain.until(".mark button", "Undo")
    assert plain.url == f"{paged.url}/given"
    assert "Marked as not useful" in plain.text(".handed")
    plain.click(".mark button")
    plain.until(".mark button", "Not useful")
    assert "Marked as not useful" not in plain.text(".handed")
