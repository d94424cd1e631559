"""Install links: what an editor reads in them is what `--write` puts into its file."""

import json
from base64 import b64decode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.architecture.sources import ROOT
from tests.docs.pages import inline_code, links

FILES = {"cursor": ".cursor/mcp.json", "vscode": ".config/Code/User/mcp.json"}
PAGES = ("docs/connect.md", "docs/zh/connect.md", "docs/clients.md", "docs/zh/clients.md")


def read_cursor(link):
    """Read a link as Cursor does, to what its file would hold."""
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == (
        ("cursor", "anysphere.cursor-deeplink", "/mcp/install")
    )
    (name,), (config,) = parse_qs(parts.query, strict_parsing=True).values()
    return {"mcpServers": {name: json.loads(b64decode(config, validate=True))}}


def read_vscode(link):
    """Read a link as VS Code does, to what its file would hold."""
    told = json.loads(unquote(link.removeprefix("vscode:mcp/install?")))
    inputs = told.pop("inputs", None)
    return {"servers": {told.pop("name"): told}, **({"inputs": inputs} if inputs else {})}


READERS = {"cursor": read_cursor, "vscode": read_vscode}


@pytest.fixture
def link_of(connect, home):
    """Return the link that `sage connect` prints for an editor, and what its file holds then."""

    def ask(name, *options):
        path = home / FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        printed = connect(name, *options).out.splitlines()[-1]
        assert connect(name, "--write", *options).code == 0
        return printed, json.loads(path.read_text())

    return ask


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [(), ("--transport", "stdio")], ids=["http", "stdio"])
@pytest.mark.parametrize("token", [None, "t+/" * 20], ids=["open", "token"])
def test_an_editor_reads_in_the_link_what_write_puts_into_its_file(
    link_of, monkeypatch, name, options, token
):
    if token:
        monkeypatch.setenv("SAGE_TOKEN", token)
    link, written = link_of(name, *options)
    assert READERS[name](link) == written
    assert not token or token not in unquote(link)


def test_no_link_is_printed_for_the_files_of_a_project_or_what_is_written(connect, home):
    (home / ".cursor").mkdir()
    assert "cursor://" not in connect("cursor", "--scope", "project").out
    assert "cursor://" not in connect("cursor", "--write").out


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_the_pages_are_those_of_a_sage_without_settings(link_of, page):
    text = (ROOT / page).read_text()
    expected, _ = link_of("cursor")
    web = [one for one in links(text) if one.startswith("https://cursor.com/")]
    assert web == [expected.replace("cursor://anysphere.cursor-deeplink/mcp/install",
                                    "https://cursor.com/en/install-mcp")]  # fmt: skip
    expected, _ = link_of("vscode")
    web = [one for one in links(text) if one.startswith("https://vscode.dev/")]
    assert [unquote(one.removeprefix("https://vscode.dev/redirect?url=")) for one in web] == [
        expected
    ]


def test_the_page_on_clients_has_the_links_that_open_an_editor_without_a_page(link_of):
    code = inline_code((ROOT / "docs/clients.md").read_text())
    assert {link_of(name)[0] for name in FILES} <= set(code)
