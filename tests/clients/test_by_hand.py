import io
import json
import shlex

import pytest

from sage.clients.by_hand import write_clients
from sage.clients.server import Server
from sage.terminal.console import Console
from tests.terminal.conftest import Terminal

URL = "http://127.0.0.1:17800/mcp"
TOKEN = "t" * 40


def lines_of(folder, token, out):
    server = Server(URL, token is not None, ("sage", "mcp", "--data-dir", str(folder)), folder)
    write_clients(Console(out, io.StringIO(), columns=60), server, token)
    lines = out.getvalue().splitlines()[1:]
    return dict(zip((line.split(",")[0].strip() for line in lines[::2]), lines[1::2], strict=True))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "my memory"


def test_every_line_to_copy_is_whole_on_a_narrow_terminal(folder):
    lines = lines_of(folder, None, Terminal())
    claude = shlex.split(lines["Claude Code"])
    assert claude == shlex.split(f"claude mcp add --scope user --transport http sage {URL}")
    assert shlex.split(lines["Codex"]) == shlex.split(f"codex mcp add sage --url {URL}")
    assert json.loads(lines["Cursor"]) == {"mcpServers": {"sage": {"url": URL}}}
    desktop = json.loads(lines["Claude Desktop"])["mcpServers"]["sage"]
    assert desktop["args"] == ["mcp", "--data-dir", str(folder)]


def test_every_line_over_http_carries_the_token(folder):
    lines = lines_of(folder, TOKEN, Terminal())
    claude = shlex.split(lines["Claude Code"])
    assert claude[-2:] == ["--header", f"Authorization: Bearer {TOKEN}"]
    codex = next(line for name, line in lines.items() if name.startswith("Codex"))
    assert f"export SAGE_TOKEN={TOKEN}" in codex
    assert codex.endswith("--bearer-token-env-var SAGE_TOKEN")
    headers = json.loads(lines["Cursor"])["mcpServers"]["sage"]["headers"]
    assert headers == {"Authorization": f"Bearer {TOKEN}"}


def test_a_pipe_is_not_told_the_token(folder):
    lines = lines_of(folder, TOKEN, io.StringIO())
    assert TOKEN not in str(lines)
    assert "<SAGE_TOKEN>" in lines["Claude Code"]
