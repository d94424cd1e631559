"""The pages in Chromium; `ci/console` installs what these tests need."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.chromium import PROGRAMS, chromium, new_page

AXE = os.environ.get("SAGE_TEST_AXE", "")
SHOTS = os.environ.get("SAGE_TEST_SCREENS", "")


@pytest.fixture(scope="session")
def driver():
    """Run the driver where it is installed; on CI it is."""
    if missing := [one for one in PROGRAMS if shutil.which(one) is None]:
        told = f"{missing} not installed: run ci/console"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    with chromium() as url:
        yield url


@pytest.fixture
def open_page(driver, paged):
    """Return a function that opens a browser that has signed in; none of them may complain."""
    pages = []

    def opened(who="writer", **options):
        page = new_page(driver, **options)
        pages.append(page)
        page.open(f"{paged.url}/")
        if who is not None:
            page.type("#token", paged.tokens[who])
            page.click(".door .go")
            page.until("body.home")
        page.log()  # the answer 401 that asks for the token is told as an error
        return page

    yield opened
    try:
        for page in pages:
            assert page.log() == []
            assert page.hosts() <= {paged.url.removeprefix("http://")}
    finally:
        for page in pages:
            page.close()


@pytest.fixture(scope="session")
def axe():
    """Return the script that finds barriers."""
    if not AXE:
        pytest.skip("axe-core is not installed: run ci/console")
    return Path(AXE).read_text()
