"""Record docs/console-*.png: the search of the console, of a Sage of its own, light and dark.

pictures.py, by a Python that has what the tests depend on, where Chromium is installed
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.support import plain_http  # noqa: E402
from tests.support.chromium import chromium, new_page  # noqa: E402
from tests.support.polling import wait_for  # noqa: E402
from tests.support.ports import free_port  # noqa: E402

if TYPE_CHECKING:
    from tests.support.chromium import Page

SAID = tomllib.loads(Path(__file__).with_name("console.toml").read_text())
HEIGHT = 820
MAX_BYTES = 250_000


def main() -> None:
    """Serve what console.toml says in each language, ask its question, and keep what is seen."""
    with chromium() as driver:
        for language, talk in SAID.items():
            with tempfile.TemporaryDirectory() as home:
                _record(driver, home, language, talk)


def _record(driver: str, home: str, language: str, talk: dict[str, object]) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": home,
        "SAGE_TIMEZONE": "UTC",
    }

    def run(*words: str) -> None:
        program = [sys.executable, "-m", "sage", *words]
        subprocess.run(program, env=environment, cwd=home, check=True, capture_output=True)  # noqa: S603 - the words stand here

    run("up", "--detach", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    try:
        for body in talk["sessions"]:
            plain_http.post(f"{url}/api/v1/conversations", json=body).raise_for_status()
        wait_for(lambda: not _pending(url), 60)
        for theme in ("light", "dark"):
            page = new_page(driver)
            page.open(f"{url}/")
            page.run(
                "return Promise.all(arguments[0].map(one => fetch('/prefer', {method: 'POST',"
                " body: new URLSearchParams(one)})))",
                [{"theme": theme}, {"language": language}],
            )
            page.open(f"{url}/?q={talk['question']}")
            page.until("#why")
            picture = _seen(page)
            page.close()
            if len(picture) > MAX_BYTES:
                sys.exit(f"a picture has {len(picture):,} bytes: say less in console.toml")
            (ROOT / f"docs/console-{language}-{theme}.png").write_bytes(picture)
    finally:
        run("down")


def _seen(page: Page) -> bytes:
    """Return the upper part of a page, as PNG."""
    size = {"width": 1280, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    hidden = {"hidden": True}
    for command, given in (("setDeviceMetricsOverride", size), ("setScrollbarsHidden", hidden)):
        page.ask("POST", "/goog/cdp/execute", cmd=f"Emulation.{command}", params=given)
    page.run("window.scrollTo(0, 0); return new Promise(done => setTimeout(done, 500))")
    taken = page.ask("POST", "/goog/cdp/execute", cmd="Page.captureScreenshot", params={})
    return base64.b64decode(taken["data"])


def _pending(url: str) -> int:
    return int(plain_http.get(f"{url}/api/v1/stats").json()["queue"]["pending"])


if __name__ == "__main__":
    main()
