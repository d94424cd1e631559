"""Chromium, driven by the WebDriver protocol, which its chromedriver speaks."""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager

import httpx
import pytest

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference, W3C WebDriver 12.3
_PORT = re.compile(r"successfully on port (\d+)")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DEADLINE_S = 20
TAB, ENTER = "\ue004", "\ue007"


def require_chromedriver():
    """Return the path of chromedriver; fail on CI where there is none, skip elsewhere."""
    found = shutil.which("chromedriver")
    if found is None:
        missing = "chromedriver is not installed (Debian: apt-get install chromium-driver)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return found


class Browser:
    """One window of a browser with an empty profile."""

    def __init__(self, http, session):
        self._http, self._session = http, f"/session/{session}"

    def _send(self, method, path, **body):
        answer = self._http.request(
            method, self._session + path, json=body if method == "POST" else None
        )
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def open(self, url):
        self._send("POST", "/url", url=url)

    @property
    def url(self):
        return self._send("GET", "/url")

    def run(self, script):
        """Return what a script of the test finds out about the page."""
        return self._send("POST", "/execute/sync", script=f"return {script}", args=[])

    def find(self, selector):
        found = self._send("POST", "/element", using="css selector", value=selector)
        return f"/element/{found[_ELEMENT]}"

    def text(self, selector):
        return self._send("GET", f"{self.find(selector)}/text")

    def write(self, selector, text):
        self._send("POST", f"{self.find(selector)}/value", text=text)

    def click(self, selector):
        self._send("POST", f"{self.find(selector)}/click")

    def press(self, keys):
        """Press keys, wherever the focus is."""
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": pressed}])

    def enter_frame(self):
        self._send("POST", "/frame", id=0)

    def narrow_to(self, width):
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        command = "Emulation.setDeviceMetricsOverride"
        self._send("POST", "/goog/cdp/execute", cmd=command, params=metrics)

    def complaints(self):
        """Return what the console has been told since the last time."""
        return [line["message"] for line in self._send("POST", "/se/log", type="browser")]

    def wait_for(self, condition, what):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f"{what} did not happen: {self.url}"
            time.sleep(0.02)


@contextmanager
def chromedriver(path):
    """Run chromedriver on a free port; give a client for it."""
    running = subprocess.Popen(
        [path, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        port = next(found[1] for line in running.stdout if (found := _PORT.search(line)))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            yield http
    finally:
        running.terminate()
        running.communicate(timeout=DEADLINE_S)


@contextmanager
def chromium(driver, profile, language):
    """Open a browser of somebody who reads a language."""
    options = {
        "args": [*_QUIET, f"--user-data-dir={profile}", f"--accept-lang={language}"],
        "prefs": {"intl.accept_languages": language},
    }
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    answer = driver.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
    assert answer.is_success, answer.text
    session = answer.json()["value"]["sessionId"]
    try:
        yield Browser(driver, session)
    finally:
        driver.delete(f"/session/{session}")
