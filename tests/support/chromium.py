"""Debian's Chromium, driven by its own driver over HTTP (WebDriver)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support import plain_http
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.process import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, ESCAPE, TAB, LEFT, UP = "\ue007", "\ue00c", "\ue004", "\ue012", "\ue013"
PROGRAMS = ("chromium", "chromedriver")
_SWITCHES = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--force-prefers-reduced-motion", "--lang=en-GB"),
)
_NO_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}
_IN_VIEW = "arguments[0].scrollIntoView({block: 'center'})"
_MAX_STOPS = 200
_LOUD = {"WARNING", "SEVERE"}
_NARROW = 500
"""What is narrower than this is a phone."""


class Page:
    """A browser with one page in it."""

    def __init__(self, session: str) -> None:
        self._session = session

    def ask(self, method: str, path: str, **body: object) -> object:
        """Return what the driver answers. Raises AssertionError."""
        sent = {"json": body} if method == "POST" else {}
        answer = plain_http.request(method, f"{self._session}{path}", **sent)
        assert answer.status_code == 200, answer.text[:500]
        return answer.json()["value"]

    def command(self, name: str, /, **parameters: object) -> dict[str, object]:
        """Return what the browser answers to a command of the DevTools protocol."""
        return dict(self.ask("POST", "/goog/cdp/execute", cmd=name, params=parameters))

    def be(self, *, width: int = 1280, script: bool = True, **cookies: str) -> None:
        """Be of another width, run scripts or none, and have these cookies and nothing else."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < _NARROW}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Network.clearBrowserCookies")
        origin = "/".join(self.url.split("/")[:3])
        kept = {"path": "/", "sameSite": "Strict", "url": origin}
        for name, value in cookies.items():
            self.command("Network.setCookie", name=name, value=value, **kept)

    def open(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.ask("POST", "/url", url=url)

    @property
    def url(self) -> str:
        """The address of the page."""
        return str(self.ask("GET", "/url"))

    def run(self, script: str, *arguments: object) -> object:
        """Return what a script in the page returns; a promise is waited for."""
        return self.ask("POST", "/execute/sync", script=script, args=arguments)

    def text(self, selector: str) -> str:
        """Return the text of an element, empty where there is none."""
        script = "return document.querySelector(arguments[0])?.textContent.trim() ?? ''"
        return str(self.run(script, selector))

    def count(self, selector: str) -> int:
        """Return how many elements fit."""
        return int(self.run("return document.querySelectorAll(arguments[0]).length", selector))

    def click(self, selector: str) -> None:
        """Click on an element as a person does."""
        self._do(selector, "click")

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._do(selector, "value", text=text)

    def press(self, *keys: str) -> None:
        """Press keys, whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def tab_to(self, selector: str) -> None:
        """Press Tab until an element that fits has the focus. Raises AssertionError."""
        for _ in range(_MAX_STOPS):
            self.press(TAB)
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    def until(self, selector: str, text: str = "") -> None:
        """Wait until an element is there that holds a text."""
        wait_for(lambda: self.count(selector) and text in self.text(selector), 10)

    def log(self) -> list[str]:
        """Return what the console of the browser warns of since: errors, what a policy forbids."""
        entries = self.ask("POST", "/se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in _LOUD]

    def requests(self) -> set[tuple[str, str]]:
        """Return what was asked for over HTTP since: methods and addresses."""
        entries = self.ask("POST", "/se/log", type="performance")
        events = [json.loads(entry["message"])["message"] for entry in entries]
        sent = [one["params"] for one in events if one["method"] == "Network.requestWillBeSent"]
        asked = {(one["request"]["method"], one["request"]["url"]) for one in sent}
        return {(method, url) for method, url in asked if url.startswith("http")}

    def picture(self) -> bytes:
        """Return the whole page as it is seen, as PNG."""
        taken = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(str(taken["data"]))

    def close(self) -> None:
        """End the browser."""
        plain_http.request("DELETE", self._session)

    def _do(self, selector: str, action: str, **body: object) -> None:
        found = self.ask("POST", "/element", using="css selector", value=selector)
        self.run(_IN_VIEW, found)  # of a phone the bar would be in the way
        self.ask("POST", f"/element/{found[ELEMENT]}/{action}", **body)


@contextmanager
def chromium() -> Iterator[str]:
    """Run the driver; yield its address."""
    port = free_port()
    driver = subprocess.Popen(
        [shutil.which("chromedriver") or "chromedriver", f"--port={port}", "--silent"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: answers(port, "/status"), 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        driver.terminate()
        driver.wait()


def new_page(driver: str, *, width: int = 1280, script: bool = True) -> Page:
    """Open a browser; one as narrow as a phone behaves like one."""
    options = {
        "binary": shutil.which("chromium"),
        "args": [*_SWITCHES, f"--window-size={max(width, _NARROW)},800"],
        "prefs": {} if script else _NO_SCRIPT,
    }
    if width < _NARROW:
        metrics = {"width": width, "height": 800, "pixelRatio": 1}
        options["mobileEmulation"] = {"deviceMetrics": metrics}
    wanted = {
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    }
    body = {"capabilities": {"alwaysMatch": wanted}}
    answer = plain_http.post(f"{driver}/session", json=body)
    assert answer.status_code == 200, answer.text[:500]
    page = Page(f"{driver}/session/{answer.json()['value']['sessionId']}")
    page.ask("POST", "/timeouts", implicit=20_000)  # of elements that a next page has
    return page
