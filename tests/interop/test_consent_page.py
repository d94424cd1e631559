# ruff: noqa: RUF001 - Chinese has punctuation of its own
"""The page on which people let an app in, in a real browser, Chromium."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.interop.chromium import ENTER, TAB, chromedriver, chromium, require_chromedriver
from tests.support.guarded import SERVER_TOKEN
from tests.support.oauth_app import App

HOSTILE = "<script>document.title = 'taken'</script><b onclick='x()'>Notes</b>"
TITLES = {"en": "Allow access to your memories?", "zh-CN": "允许访问您的记忆吗？"}
WRONG = {"en": "This token is unknown or has expired.", "zh-CN": "此令牌无效或已过期。"}
ALLOW, DENY = "button[value=allow]", "button[value=deny]"


@pytest.fixture(scope="module")
def driver():
    with chromedriver(require_chromedriver()) as http:
        yield http


@pytest.fixture(params=["en", "zh-CN"])
def language(request):
    return request.param


@pytest.fixture
def browser(driver, tmp_path, language):
    with chromium(driver, tmp_path / "profile", language) as opened:
        yield opened


class Elsewhere(BaseHTTPRequestHandler):
    """The app, which a browser comes back to; and a page that shows another in a frame."""

    def do_GET(self):
        parts = urlsplit(self.path)
        framed = f'<iframe src="{unquote(parts.query)}"></iframe>' if parts.path == "/frame" else ""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(
            f'<title>Elsewhere</title><link rel="icon" href="data:,">{framed}'.encode()
        )

    def log_message(self, *_):
        pass


@contextmanager
def elsewhere():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Asking:
    """An app that sends a browser to the page, and what the browser brings back."""

    def __init__(self, app, redirect):
        self.app, self.redirect = app, redirect
        self.where = {"redirect_uri": redirect}

    async def page(self):
        return (await self.app.authorize(**self.where)).headers["location"]

    def brought_back(self, browser):
        browser.wait_for(lambda: browser.url.startswith(self.redirect), "the return to the app")
        return {name: value for name, (value,) in parse_qs(urlsplit(browser.url).query).items()}


@pytest.fixture
async def asking(oauth_url):
    with elsewhere() as url:
        async with App(oauth_url, SERVER_TOKEN) as app:
            about = {"client_name": HOSTILE, "redirect_uris": [f"{url}/callback"]}
            app.client_id = (await app.register(**about)).json()["client_id"]
            yield Asking(app, f"{url}/callback")


async def test_a_user_corrects_a_wrong_token_and_lets_the_app_in(browser, asking, language):
    browser.open(await asking.page())
    assert browser.text("h1") == TITLES[language]
    assert browser.run("document.documentElement.lang") == language[:2]
    assert urlsplit(asking.redirect).netloc in browser.text("dl")
    browser.write("#token", "no token of mine")
    browser.click(ALLOW)
    browser.wait_for(lambda: browser.run("!!document.querySelector('[role=alert]')"), "the error")
    assert browser.text("[role=alert]") == WRONG[language]
    assert browser.run("document.querySelector('#token').value") == ""
    browser.write("#token", SERVER_TOKEN)
    browser.click(ALLOW)
    answer = asking.brought_back(browser)
    assert (answer["state"], answer["iss"]) == ("s", asking.app.url)
    assert SERVER_TOKEN not in browser.url
    pair = (await asking.app.exchange(answer["code"], **asking.where)).json()
    assert await asking.app.status(pair["access_token"]) == 400
    # The console tells of the answer 403 to the wrong token, and of nothing that was refused.
    told = [line for line in browser.complaints() if "403 (Forbidden)" not in line]
    assert told == []


@pytest.mark.parametrize("language", ["en"], indirect=True)
@pytest.mark.parametrize("typed", [SERVER_TOKEN + ENTER, SERVER_TOKEN + TAB + ENTER])
async def test_the_keyboard_alone_lets_an_app_in(browser, asking, typed):
    browser.open(await asking.page())
    browser.press(TAB + typed)
    assert "code" in asking.brought_back(browser)
    assert browser.complaints() == []


@pytest.mark.parametrize("language", ["en"], indirect=True)
async def test_the_keyboard_alone_denies_an_app_without_a_token(browser, asking):
    browser.open(await asking.page())
    browser.press(TAB + TAB)
    focused = "getComputedStyle(document.activeElement).outlineStyle"
    assert browser.run("document.activeElement.value") == "allow"
    assert browser.run(focused) != "none"
    browser.press(TAB + ENTER)
    assert asking.brought_back(browser)["error"] == "access_denied"
    assert browser.complaints() == []


async def test_the_page_fits_a_phone_and_answers_a_tap(browser, asking):
    browser.narrow_to(400)
    browser.open(await asking.page())
    assert browser.run("innerWidth") == 400
    assert browser.run("document.documentElement.scrollWidth") == 400
    for selector in ("#token", ALLOW, DENY):
        box = browser.run(f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
        assert box["left"] >= 0, selector
        assert box["right"] <= 400, selector
        assert box["height"] >= 24, selector  # WCAG 2.2, 2.5.8
    browser.click(DENY)
    assert asking.brought_back(browser)["error"] == "access_denied"


@pytest.mark.parametrize("language", ["en"], indirect=True)
async def test_no_script_runs_on_the_page_whoever_puts_it_there(browser, asking):
    browser.open(await asking.page())
    assert browser.text("main").count(HOSTILE[:20]) == 1
    assert browser.run("document.title").startswith("Allow access")
    assert browser.run("document.querySelectorAll('script, [onclick], main b').length") == 0
    assert browser.complaints() == []
    planted = "Object.assign(document.createElement('script'), {text: 'document.title = 1'})"
    browser.run(f"document.body.append({planted})")
    assert browser.run("document.title").startswith("Allow access")
    (refused,) = browser.complaints()
    assert "Content Security Policy" in refused


@pytest.mark.parametrize("language", ["en"], indirect=True)
async def test_no_other_page_shows_it_in_a_frame(browser, asking):
    page = await asking.page()
    browser.open(f"{asking.redirect.removesuffix('/callback')}/frame?{page}")
    browser.wait_for(
        lambda: any("frame-ancestors" in line for line in browser.complaints()), "the refusal"
    )
    browser.enter_frame()
    assert browser.run("document.querySelectorAll('#token, button').length") == 0
    browser.open(page)
    assert browser.run("document.querySelectorAll('#token, button').length") == 3
