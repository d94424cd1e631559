"""The pages that connect clients, and that bring in what was said before."""

import re
import shlex
from html import unescape

import pytest

from sage.console import connect
from sage.console.connect import has_sage_beside
from sage.operations.client_catalog import list_clients, script_beside
from tests.console.conftest import OWN
from tests.support.asgi import app_with, caller
from tests.support.each import each
from tests.support.serving import settings_for

TOKEN = "a-token-of-at-least-32-characters!"
PUBLIC = "https://memory.example.org/sage"


def codes(page):
    """Return what a page shows to be copied."""
    return [unescape(one) for one in re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)]


@pytest.fixture
def beside(monkeypatch):
    """Have Sage run outside its image, where `sage` is a command, whatever this runs in."""
    monkeypatch.setattr(connect, "is_own_image", lambda: False)


@pytest.mark.usefixtures("beside")
def test_each_client_is_connected_by_what_the_catalogue_says(browser, paged):
    client = browser("reader")
    page = client.get("/connect").text
    known = list_clients(paged.url, None, {}, needs_token=True)
    names = re.findall(r'href="/connect\?client=([\w-]+)"', page)
    assert names == [one.name for one in known.clients]
    for one in known.clients:
        shown = codes(client.get("/connect", params={"client": one.name}).text)
        assert shown[0] == known.mcp_url
        assert {one.entry, *filter(None, (one.command, one.hook_command))} <= set(shown), one.name
        assert TOKEN not in "".join(shown)
    link = next(one.link for one in known.clients if one.name == "cursor")
    assert link in unescape(client.get("/connect?client=cursor").text)
    assert client.get("/connect?client=nobody").status_code == 404


@pytest.mark.usefixtures("beside")
def test_who_may_see_the_server_is_shown_commands_that_run_in_any_folder(browser):
    program = shlex.quote(script_beside())
    client = browser("server")
    for path, command in (
        ("/connect?client=codex", "connect codex --hooks --write"),
        ("/connect/imports", "import --list"),
        ("/system", "backup"),
    ):
        assert f"{program} {command}" in codes(client.get(path).text), path
    assert "sage import --list" in codes(browser("writer").get("/connect/imports").text)


async def test_an_address_that_others_reach_is_connected_by_the_client_of_one_file(tmp_path):
    app = app_with(tmp_path, pages=True, public_url=PUBLIC)
    app.state.services.settings = settings_for(None, tmp_path, public_url=PUBLIC)
    async with caller(app) as client:
        page = (await client.get("/connect?client=codex")).text
    shown = codes(page)
    assert shown[0] == f"{PUBLIC}/mcp"
    assert f"curl -fsSLO {PUBLIC}/client/sage-client.pyz" in shown
    started = f"python3 sage-client.pyz connect codex --url {PUBLIC}"
    assert {f"{started} --write", f"{started} --hooks --write"} <= set(shown)
    assert "sage connect codex --write" not in shown


@each(
    ("address", "is_beside"),
    (
        ("http://127.0.0.1:17800", True),
        ("http://[::1]:17800", True),
        ("http://localhost:17800", True),
        ("http://sage.localhost:17800", True),
        (PUBLIC, False),
        ("http://192.0.2.7:17800", False),
    ),
)
@pytest.mark.usefixtures("beside")
def test_only_at_a_loopback_address_clients_have_sage_beside_them(address, is_beside):
    assert has_sage_beside(address) is is_beside


def test_in_an_image_of_sage_no_client_has_it_beside(monkeypatch):
    monkeypatch.setattr(connect, "is_own_image", lambda: True)
    assert not has_sage_beside("http://127.0.0.1:17800")


def test_an_import_is_listed_for_who_may_undo_it_and_undone(browser, brought):
    assert "/connect/imports" not in browser("reader").get("/connect").text
    assert browser("reader").get("/connect/imports").status_code == 403
    for who in ("reader", "foreign"):
        form = {"id": brought}
        refused = browser(who).post("/connect/imports/undo", data=form, headers=OWN)
        assert refused.status_code == (403 if who == "reader" else 404), who
    assert brought not in browser("foreign").get("/connect/imports").text
    writer = browser("writer")
    page = writer.get("/connect/imports").text
    assert brought in page
    assert "2 messages of this import are deleted" in page
    assert "crane" in writer.get("/", params={"q": "cranes seen"}).text.partition("<ol")[2]
    done = writer.post("/connect/imports/undo", data={"id": brought}, headers=OWN)
    assert done.headers["location"] == "/connect/imports"
    assert brought not in writer.get("/connect/imports").text
    wrong = writer.post("/connect/imports/undo", data={"id": "x"}, headers=OWN)
    assert wrong.status_code == 422
    assert 'href="/connect/imports"' in wrong.text
