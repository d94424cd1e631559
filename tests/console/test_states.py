"""Every page, and every form of one, is opened and sent by a test in `browser`."""

from importlib import import_module
from pathlib import Path

from sage.config.server_settings import ServerSettings
from sage.console import assets, erasure
from sage.console.pages import ConsolePages
from tests.console import browser
from tests.console.states import PAGES, STATES

FILES = {f"{assets.PREFIX}{{digest}}/{{name}}", erasure.RECEIPT_PATH}
ROUTES = [one for one in ConsolePages(ServerSettings()).routes(None) if one.path not in FILES]


def of_method(method):
    return {route.path for route in ROUTES if method in route.methods}


def test_every_page_is_among_the_states_that_a_browser_opens():
    assert set(PAGES) == of_method("GET"), "add its states to tests/console/states.py"
    assert len(STATES) == sum(map(len, PAGES.values()))


def test_every_form_is_sent_by_a_browser():
    folder = Path(browser.__path__[0])
    tests = [
        test
        for path in folder.glob("test_*.py")
        for test in vars(import_module(f"{browser.__name__}.{path.stem}")).values()
    ]
    marks = [mark for test in tests for mark in getattr(test, "pytestmark", ())]
    sent = {path for mark in marks if mark.name == "sends" for path in mark.args}
    assert sent == of_method("POST"), "send it in tests/console/browser and mark it with `sends`"
